"""Parts of multipart uploads: one is kept, and some become an object.

What does not belong here: whole objects (objects.py).
Source: Amazon S3 User Guide, "Multipart upload overview" and "Multipart upload limits"; texts and
entity tags as observed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from regions.api.errors import InvalidArgument, MalformedXML
from regions.api.s3_shapes import MALFORMED
from regions.s3 import digests
from regions.s3.changes import Digest, Part, PartPut, Upload
from regions.s3.errors import EntityTooSmall, InvalidPart, InvalidPartOrder, InvalidRequest
from regions.s3.objects import etag_of as tag_of_body
from regions.s3.operation import Desk, Steps, Values, Write, shown_sealing
from regions.s3.state import UploadState

NUMBER_MAX: Final = 10_000
#: Of every part but the last.
PART_BYTES_MIN: Final = 5 * 1024 * 1024


def keep_part(desk: Desk, parameters: Values, body: bytes, digest: Digest | None) -> Steps:
    """Keep one part; return what UploadPart answers.

    Raises:
      NoSuchUpload: there is no such upload, or it ended meanwhile.
      InvalidArgument, InvalidRequest: its number or its checksum does not fit.
    """
    number = parameters["PartNumber"]
    if not 1 <= number <= NUMBER_MAX:
        raise InvalidArgument(
            f"Part number must be an integer between 1 and {NUMBER_MAX}, inclusive"
        )
    bucket = desk.allowed("PutObject", parameters["Key"])
    upload = desk.upload(bucket).upload
    if digest is None and upload.algorithm:
        digest = digests.computed(upload.algorithm, body)
    if digest is not None and upload.algorithm not in {"", digest.algorithm}:
        raise InvalidRequest(
            f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}, "
            f"actual checksum Type: {digest.algorithm.lower()}"
        )
    written = yield Write(body, upload.sealing)
    # The upload may have ended meanwhile.
    bucket = desk.bucket()
    desk.upload(bucket)
    part = Part(
        number=number,
        etag=tag_of_body(written, upload.sealing),
        size=len(body),
        pieces=written.pieces,
        stored_ns=desk.now_ns,
        digest=digest,
    )
    desk.change(PartPut(bucket=bucket.name, upload_id=upload.upload_id, part=part))
    answer = {"ETag": f'"{part.etag}"', **shown_sealing(upload.sealing)}
    if digest is not None:
        answer[digests.member_of(digest.algorithm)] = digest.value
    return answer


def chosen_parts(state: UploadState, wanted: Iterable[Values]) -> list[Part]:
    """Return the parts of which a caller makes an object.

    Raises:
      MalformedXML: he names none.
      InvalidPartOrder, InvalidPart, EntityTooSmall: they are not as he says, or not acceptable.
    """
    entries = list(wanted)
    if not entries or any(entry.get("PartNumber") is None for entry in entries):
        raise MalformedXML(MALFORMED)
    numbers = [entry["PartNumber"] for entry in entries]
    if any(after <= before for before, after in pairwise(numbers)):
        raise InvalidPartOrder
    parts = [_chosen(state, entry) for entry in entries]
    for part in parts[:-1]:
        if part.size < PART_BYTES_MIN:
            raise EntityTooSmall(
                members=(
                    ("ProposedSize", str(part.size)),
                    ("MinSizeAllowed", str(PART_BYTES_MIN)),
                    ("PartNumber", str(part.number)),
                    ("ETag", part.etag),
                )
            )
    return parts


def _chosen(state: UploadState, entry: Values) -> Part:
    number, tag = entry["PartNumber"], (entry.get("ETag") or "").strip('"')
    part = state.parts.get(number)
    fits = part is not None and part.etag == tag
    if part is not None and part.digest is not None:
        said = entry.get(digests.member_of(part.digest.algorithm))
        fits = fits and said in {None, part.digest.value}
    if part is None or not fits:
        about = (
            ("UploadId", state.upload.upload_id),
            ("PartNumber", str(number)),
            ("ETag", tag),
        )
        raise InvalidPart(members=about)
    return part


def etag_of(parts: Sequence[Part]) -> str:
    """Return the entity tag of an object of these parts: the MD5 of their MD5s, and their count."""
    every = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(every, usedforsecurity=False).hexdigest()}-{len(parts)}"


def digest_of(upload: Upload, parts: Sequence[Part]) -> Digest | None:
    """Return the checksum of an object of these parts; None if nobody asked for one."""
    if not upload.algorithm:
        return None
    found = [(part.digest, part.size) for part in parts if part.digest is not None]
    return digests.joined(upload.algorithm, upload.kind, found)
