"""AbortMultipartUpload: the parts so far are forgotten.

Source: Amazon S3 API Reference, AbortMultipartUpload.
"""

from regions.s3.changes import UploadGone
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("AbortMultipartUpload", parameters["Key"])
    state = desk.upload(bucket)
    desk.change(UploadGone(bucket=bucket.name, upload_id=state.upload.upload_id))
    return {}


OPERATION = Operation(name="AbortMultipartUpload", perform=_perform)
