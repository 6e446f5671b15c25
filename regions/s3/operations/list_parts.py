"""ListParts: a page of the parts of an upload, by number.

Source: Amazon S3 API Reference, ListParts.
"""

from regions.names import canonical_id
from regions.s3.operation import Body, Desk, Operation, Values, checksum_algorithm, seconds_of
from regions.s3.pages import PAGE_MAX, limit_of

_STANDARD = "STANDARD"


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("ListMultipartUploadParts", parameters["Key"])
    state = desk.upload(bucket)
    marker = parameters.get("PartNumberMarker") or 0
    limit = limit_of(parameters, "MaxParts")
    parts = [state.parts[number] for number in sorted(state.parts) if number > marker]
    shown = []
    for part in parts[:limit]:
        entry: Body = {
            "PartNumber": part.number,
            "LastModified": seconds_of(part.stored_ns),
            "ETag": f'"{part.etag}"',
            "Size": part.size,
        }
        if part.digest is not None:
            entry[f"Checksum{part.digest.algorithm}"] = part.digest.value
        shown.append(entry)
    body: Body = {
        "Bucket": bucket.name,
        "Key": state.upload.key,
        "UploadId": state.upload.upload_id,
        "PartNumberMarker": marker,
        "MaxParts": min(limit, PAGE_MAX),
        "IsTruncated": len(parts) > limit,
        "Initiator": {"ID": state.upload.initiator},
        "Owner": {"ID": canonical_id(bucket.owner)},
        "StorageClass": state.upload.headers.get("StorageClass", _STANDARD),
        **checksum_algorithm(state.upload),
    }
    if shown:
        body |= {"Parts": shown, "NextPartNumberMarker": shown[-1]["PartNumber"]}
    return body


OPERATION = Operation(name="ListParts", perform=_perform, read_only=True)
