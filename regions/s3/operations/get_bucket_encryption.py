"""GetBucketEncryption: the default, which is SSE-S3 where nobody has put another.

Source: Amazon S3 API Reference, GetBucketEncryption; User Guide, "Default encryption".
"""

from regions.s3.operation import Body, Desk, Operation, Values, default_encryption


def _perform(desk: Desk, _: Values) -> Body:
    found = default_encryption(desk.allowed("GetEncryptionConfiguration"))
    chosen = {"SSEAlgorithm": found["SSEAlgorithm"]}
    if found["KMSMasterKeyID"]:
        chosen["KMSMasterKeyID"] = found["KMSMasterKeyID"]
    rule = {
        "ApplyServerSideEncryptionByDefault": chosen,
        "BucketKeyEnabled": found["BucketKeyEnabled"],
    }
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


OPERATION = Operation(
    name="GetBucketEncryption", perform=_perform, read_only=True, event="GetBucketEncryption"
)
