"""PutBucketEncryption: how objects are encrypted of which nobody says how.

Source: Amazon S3 API Reference, PutBucketEncryption.
"""

import json

from regions.api.errors import InvalidArgument, MalformedXML
from regions.api.s3_shapes import MALFORMED
from regions.s3.changes import ENCRYPTION, BucketSet
from regions.s3.operation import KMS, Body, Desk, Operation, Values, check_algorithm


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = desk.allowed("PutEncryptionConfiguration")
    rules = parameters["ServerSideEncryptionConfiguration"]["Rules"]
    if len(rules) != 1 or not rules[0].get("ApplyServerSideEncryptionByDefault"):
        raise MalformedXML(MALFORMED)
    chosen = rules[0]["ApplyServerSideEncryptionByDefault"]
    check_algorithm(chosen["SSEAlgorithm"])
    if chosen.get("KMSMasterKeyID") and chosen["SSEAlgorithm"] != KMS:
        raise InvalidArgument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is "
            "not aws:kms or aws:kms:dsse"
        )
    text = json.dumps(
        {**chosen, "BucketKeyEnabled": bool(rules[0].get("BucketKeyEnabled"))}, sort_keys=True
    )
    desk.change(BucketSet(bucket=bucket.name, name=ENCRYPTION, value=text))
    return {}


OPERATION = Operation(name="PutBucketEncryption", perform=_perform, event="PutBucketEncryption")
