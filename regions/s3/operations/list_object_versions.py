"""ListObjectVersions: a page of versions and delete markers, the newest of each key first.

Source: Amazon S3 API Reference, ListObjectVersions.
"""

from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.pages import version_page


def _perform(desk: Desk, parameters: Values) -> Body:
    return version_page(desk.allowed("ListBucketVersions"), parameters)


OPERATION = Operation(name="ListObjectVersions", perform=_perform, read_only=True)
