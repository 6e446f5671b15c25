"""ListMultipartUploads: a page of the uploads under way, by key.

Source: Amazon S3 API Reference, ListMultipartUploads.
"""

from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.pages import upload_page


def _perform(desk: Desk, parameters: Values) -> Body:
    return upload_page(desk.allowed("ListBucketMultipartUploads"), parameters)


OPERATION = Operation(name="ListMultipartUploads", perform=_perform, read_only=True)
