"""Data keys for the files that trails put into buckets: log files and digests alike.

KMS of the bucket's region gives each file a key of its own, to CloudTrail acting for the trail.
What does not belong here: encrypting the file, which S3 does, and when it is put (sinks/).
Source: CloudTrail User Guide, "How AWS CloudTrail uses AWS KMS" (who asks for which data key, with
which encryption context) and "Configure AWS KMS key policies for CloudTrail" (log files and digest
files are encrypted under the key).
"""

import json
from collections.abc import Callable
from typing import Final

from regions.calls import ApiAnswer
from regions.errors import ServiceError
from regions.s3.access import bucket_arn
from regions.s3.errors import of_kms
from regions.s3.messages import DataKey
from regions.trail.own_calls import cloudtrail, own_call
from regions.trail.sink import Answer, Host
from sim.units import seconds

#: KMS that does not answer in this time is asked again later; chosen.
KMS_TIMEOUT_NS: Final = seconds(10)


def ask_data_key(
    host: Host,
    arn: str,
    site: str,
    place: tuple[str, str],
    then: Callable[[DataKey | None], None],
    refused: Callable[[Answer], None],
) -> None:
    """Ask for the data key of one file, if its trail has a KMS key.

    The key is the trail's present one: who has changed a broken key need not mend the old.

    Args:
      arn: of the trail.
      site: name of the actor that holds the bucket.
      place: the file's bucket and key there.
      then: called with the data key; at once, with ``None``, where the trail has no KMS key.
      refused: called instead with what S3 says of a key that it cannot use.
    """
    settings = host.archive.trails.get(arn)
    key_id = "" if settings is None else settings.kms_key_id
    if not key_id:
        then(None)
        return
    region = host.region_of(site)
    context = {"aws:cloudtrail:arn": arn, "aws:s3:arn": bucket_arn(region, *place)}
    given = {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": context}
    call = own_call("kms", region, "GenerateDataKey", given, cloudtrail(arn.split(":")[4], arn))

    def answered(answer: Answer) -> None:
        if isinstance(answer, ApiAnswer):
            sealed = DataKey(
                plaintext=answer.body["Plaintext"],
                blob=answer.body["CiphertextBlob"],
                key_arn=answer.body["KeyId"],
                asked=key_id,
                context=json.dumps(context, sort_keys=True),
            )
            then(sealed)
        else:
            refused(of_kms(answer) if isinstance(answer, ServiceError) else answer)

    host.call(host.service("kms", region), call, answered, timeout_ns=KMS_TIMEOUT_NS)
