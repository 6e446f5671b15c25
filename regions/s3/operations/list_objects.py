"""ListObjects: a page of keys, the old way, with markers.

Source: Amazon S3 API Reference, ListObjects: NextMarker comes with a delimiter only.
"""

from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.pages import object_page


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("ListBucket")
    marker = parameters.get("Marker", "")
    page = object_page(bucket, parameters, marker, with_owner=True)
    body = page.body
    body["Marker"] = marker
    if page.truncated and parameters.get("Delimiter"):
        body["NextMarker"] = page.last
    return body


OPERATION = Operation(name="ListObjects", perform=_perform, read_only=True)
