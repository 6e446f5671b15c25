"""HeadObject: what GetObject says of an object, without its content.

Source: Amazon S3 API Reference, HeadObject. Of an object under KMS the caller need not be able to
open the data key.
"""

from regions.s3 import digests
from regions.s3.objects import shown, to_read
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.preconditions import check_read
from regions.s3.ranges import chosen_bytes


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket, version = to_read(desk, parameters)
    check_read(version, parameters)
    chosen = chosen_bytes(version, parameters)
    body: Body = {**shown(bucket, version), **chosen.body}
    if parameters.get("ChecksumMode") == "ENABLED" and chosen.whole:
        body |= digests.shown(version.digest)
    return body


OPERATION = Operation(name="HeadObject", perform=_perform, read_only=True)
