"""GetBucketLifecycleConfiguration: the rules as they were put, each with its id.

Source: Amazon S3 API Reference, GetBucketLifecycleConfiguration.
"""

import json

from regions.s3.changes import LIFECYCLE
from regions.s3.errors import NoSuchLifecycleConfiguration
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    text = desk.allowed("GetLifecycleConfiguration").settings.get(LIFECYCLE)
    if text is None:
        raise NoSuchLifecycleConfiguration
    return {"Rules": json.loads(text)}


OPERATION = Operation(
    name="GetBucketLifecycleConfiguration",
    perform=_perform,
    read_only=True,
    event="GetBucketLifecycle",
)
