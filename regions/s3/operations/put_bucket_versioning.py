"""PutBucketVersioning: from now on each put keeps what was there, or no longer.

Source: Amazon S3 API Reference, PutBucketVersioning.
"""

from regions.api.errors import ActionNotImplemented
from regions.s3.changes import VERSIONING, BucketSet
from regions.s3.errors import IllegalVersioningConfigurationException
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("PutBucketVersioning")
    given = parameters["VersioningConfiguration"]
    if given.get("MFADelete") == "Enabled":
        raise ActionNotImplemented("Deletion by MFA only is not modelled.")
    if given.get("Status") is None:
        raise IllegalVersioningConfigurationException
    desk.change(BucketSet(bucket=bucket.name, name=VERSIONING, value=given["Status"]))
    return {}


OPERATION = Operation(name="PutBucketVersioning", perform=_perform, event="PutBucketVersioning")
