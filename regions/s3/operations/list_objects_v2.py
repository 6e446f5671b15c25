"""ListObjectsV2: a page of keys, with continuation tokens.

Source: Amazon S3 API Reference, ListObjectsV2.
"""

from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.pages import object_page, read_token, write_token


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("ListBucket")
    token = parameters.get("ContinuationToken")
    after = read_token(token) if token is not None else parameters.get("StartAfter", "")
    page = object_page(bucket, parameters, after, with_owner=bool(parameters.get("FetchOwner")))
    body = page.body
    body["KeyCount"] = page.count
    if token is not None:
        body["ContinuationToken"] = token
    if parameters.get("StartAfter"):
        body["StartAfter"] = parameters["StartAfter"]
    if page.truncated:
        body["NextContinuationToken"] = write_token(page.last)
    return body


OPERATION = Operation(name="ListObjectsV2", perform=_perform, read_only=True)
