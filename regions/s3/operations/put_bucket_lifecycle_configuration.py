"""PutBucketLifecycleConfiguration: what ends by itself, and when.

Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.
"""

import base64
from collections.abc import Iterator

from regions.api.errors import MalformedXML
from regions.api.s3_shapes import MALFORMED
from regions.s3.changes import LIFECYCLE, BucketSet
from regions.s3.lifecycle import configured
from regions.s3.operation import Body, Desk, Operation, Values

#: Bytes of the randomness in the id of a rule that was put without; chosen: 48 characters.
_ID_BYTES = 36


def _names(desk: Desk) -> Iterator[str]:
    while True:
        yield base64.urlsafe_b64encode(desk.draw(_ID_BYTES)).decode()


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("PutLifecycleConfiguration")
    given = parameters.get("LifecycleConfiguration")
    if given is None:
        raise MalformedXML(MALFORMED)
    text = configured(list(given["Rules"]), _names(desk))
    desk.change(BucketSet(bucket=bucket.name, name=LIFECYCLE, value=text))
    return {}


OPERATION = Operation(
    name="PutBucketLifecycleConfiguration", perform=_perform, event="PutBucketLifecycle"
)
