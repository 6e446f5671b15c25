"""What a lake needs of other services: buckets in any region, and whether a KMS key is there.

What does not belong here: what is put into buckets (results.py) or read from them (importer.py).
Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail Lake query results" and
"Encrypting event data stores with AWS KMS keys".
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from regions.bucket import BucketReady, HeadBucket, ObjectStored
from regions.calls import ApiAnswer, ApiCall
from regions.errors import (
    AccessDeniedException,
    InsufficientS3BucketPolicyException,
    KmsKeyNotFoundException,
    S3BucketDoesNotExistException,
    ServiceError,
)
from regions.lake.changes import QueryDelivered, QueryStarted
from regions.s3.messages import CheckDelivery, DeliverObject, DeliveryForbidden
from sim.actor import Actor, Expired
from sim.quick import changed
from sim.units import seconds
from sim.wire import Message, Refusal

#: A store or KMS that does not answer in this time is not there; chosen.
TIMEOUT_NS: Final = seconds(10)


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and prefix of ``s3://BUCKET/PREFIX``; the prefix has no slash at its ends."""
    parts = urlsplit(uri)
    return parts.netloc, parts.path.strip("/")


class Sites:
    """Finds buckets and keys, and delivers files.

    Args:
      actor: the lake.
      buckets: region -> who holds its buckets; the own region's first.
      kms: the region's KMS endpoint.
    """

    def __init__(self, actor: Actor, buckets: Mapping[str, str], kms: str) -> None:
        self._actor, self._buckets, self._kms = actor, buckets, kms

    async def bucket(self, uri: str, account: str = "") -> str:
        """Return who holds the bucket of a URI; "" of none.

        Args:
          account: whose files are to be put there; "": it is only read.

        Raises:
          S3BucketDoesNotExistException: no region has it.
          InsufficientS3BucketPolicyException: its policy does not let CloudTrail in.
        """
        if not uri:
            return ""
        name, prefix = split_uri(uri)
        ask: Message = HeadBucket(bucket=name)
        if account:
            ask = CheckDelivery(bucket=name, prefix=prefix, account=account, trail="")
        for site in self._buckets.values():
            try:
                answer = await self._actor.ask(site, ask, timeout_ns=TIMEOUT_NS)
            except DeliveryForbidden as error:
                text = f"Incorrect S3 bucket policy is detected for bucket: {name}"
                raise InsufficientS3BucketPolicyException(text) from error
            except (Refusal, Expired):
                continue
            if isinstance(answer, BucketReady):
                return site
        raise S3BucketDoesNotExistException(f"S3 bucket {name} does not exist!")

    async def key(self, key_id: str, call: ApiCall) -> str:
        """Return the ARN of a KMS key that the caller may see; "" of none.

        Raises:
          KmsKeyNotFoundException: there is none, or it cannot be used.
        """
        if not key_id:
            return ""
        describe = changed(
            call, service="kms", action="DescribeKey", parameters={"KeyId": key_id}, request_id=""
        )
        try:
            answer: ApiAnswer = await self._actor.ask(self._kms, describe, timeout_ns=TIMEOUT_NS)
        except (Refusal, Expired) as error:
            raise KmsKeyNotFoundException(f"KMS key {key_id} cannot be used: {error}") from error
        arn: str = answer.body["KeyMetadata"]["Arn"]
        return arn

    def deliver(
        self,
        begun: QueryStarted,
        files: list[tuple[str, bytes]],
        then: Callable[[Message], None],
    ) -> None:
        """Put the files of a query's result into its bucket, one after the other.

        Args:
          then: takes QueryDelivered.
        """
        key, body = files[0]

        def answered(answer: Any) -> None:
            if not isinstance(answer, ObjectStored):
                then(QueryDelivered(query_id=begun.query_id, status=_status(answer)))
            elif files[1:]:
                self.deliver(begun, files[1:], then)
            else:
                then(QueryDelivered(query_id=begun.query_id, status="SUCCESS"))

        name, _ = split_uri(begun.deliver_to)
        put = DeliverObject(bucket=name, key=key, body=body, account=begun.account, trail="")
        self._actor.call(begun.bucket_site, put, answered, timeout_ns=TIMEOUT_NS)


def _status(answer: Any) -> str:
    if isinstance(answer, AccessDeniedException):
        return "ACCESS_DENIED"
    return "FAILED" if isinstance(answer, Expired | ServiceError) else "RESOURCE_NOT_FOUND"
