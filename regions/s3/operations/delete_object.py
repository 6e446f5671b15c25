"""DeleteObject: an object goes, or a delete marker hides it; a version goes for good.

Source: Amazon S3 API Reference, DeleteObject; User Guide, "Working with delete markers".
"""

from regions.s3.objects import check_version_id, deletion
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.preconditions import check_write


def _perform(desk: Desk, parameters: Values) -> Body:
    key, version_id = parameters["Key"], parameters.get("VersionId")
    action = "DeleteObject" if version_id is None else "DeleteObjectVersion"
    bucket = desk.allowed(action, key)
    if version_id is not None:
        check_version_id(version_id)
    if parameters.get("IfMatch") is not None:
        check_write(bucket.current(key), {"IfMatch": parameters["IfMatch"]})
    changes, body = deletion(bucket, key, version_id, desk.now_ns, desk.version_id)
    for change in changes:
        desk.change(change)
    return body


OPERATION = Operation(name="DeleteObject", perform=_perform)
