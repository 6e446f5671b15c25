"""DeleteObjects: up to 1,000 deletions in one request, each with an outcome of its own.

Source: Amazon S3 API Reference, DeleteObjects.
"""

from regions.api.errors import MalformedXML
from regions.api.s3_shapes import MALFORMED
from regions.errors import AccessDeniedException, ServiceError
from regions.s3.access import authorize
from regions.s3.errors import S3Error
from regions.s3.objects import check_version_id, deletion
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.preconditions import check_write
from regions.s3.state import BucketState

_OBJECTS_MAX = 1000


def _delete(desk: Desk, bucket: BucketState, wanted: Values) -> Body:
    key, version_id = wanted["Key"], wanted.get("VersionId")
    action = "DeleteObject" if version_id is None else "DeleteObjectVersion"
    authorize(desk.access(bucket, action, key))
    if version_id is not None:
        check_version_id(version_id)
    if wanted.get("ETag") is not None:
        check_write(bucket.current(key), {"IfMatch": wanted["ETag"]})
    changes, done = deletion(bucket, key, version_id, desk.now_ns, desk.version_id)
    for change in changes:
        desk.change(change)
    body: Body = {"Key": key}
    if version_id is not None:
        body["VersionId"] = version_id
    if done.get("DeleteMarker"):
        body |= {"DeleteMarker": True, "DeleteMarkerVersionId": done["VersionId"]}
    return body


def _perform(desk: Desk, parameters: Values) -> Body:
    wanted = parameters["Delete"]["Objects"]
    if not 0 < len(wanted) <= _OBJECTS_MAX:
        raise MalformedXML(MALFORMED)
    bucket = desk.bucket()
    deleted, errors = [], []
    for each in wanted:
        try:
            deleted.append(_delete(desk, bucket, each))
        except (S3Error, ServiceError) as error:
            is_denied = isinstance(error, AccessDeniedException)
            code = error.record_code if is_denied else error.code
            about = {member: each[member] for member in ("Key", "VersionId") if member in each}
            errors.append({**about, "Code": code, "Message": error.message})
    body: Body = {}
    if deleted and not parameters["Delete"].get("Quiet"):
        body["Deleted"] = deleted
    if errors:
        body["Errors"] = errors
    return body


OPERATION = Operation(name="DeleteObjects", perform=_perform)
