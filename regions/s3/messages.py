"""What a region's S3 endpoint and its object store say to each other, and trails to the store.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
Perform               endpoint asks store            Performed; KeyWanted: once more, with that key
CheckDelivery         trail asks store               BucketReady, NoSuchBucket, DeliveryForbidden
DeliverObject         trail asks store               ObjectStored, or a refusal
====================  =============================  ==============================================

What does not belong here: the messages of a store without the API (regions/bucket.py), which this
one answers too, and what lies in its journal (changes.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import ApiCall
from sim.wire import SINCE, Message, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey(Message):
    """A key that KMS gave or opened for this caller; in memory only."""

    plaintext: bytes = field(repr=False)  #: 32 bytes
    blob: bytes  #: the same, sealed by KMS
    key_arn: str  #: of the KMS key
    asked: str  #: the key as it was named; "" of one that was opened
    context: str  #: encryption context, JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWanted(Message):
    """The call cannot go on without this data key."""

    asked: str  #: KMS key id, ARN or alias; "" if a blob is to be opened
    context: str  #: encryption context, JSON
    blob: bytes  #: empty if a new key is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Message):
    """The object that a call copies from, as GetObject has answered it."""

    body: bytes = field(repr=False)
    answer: dict[str, Any]  #: without Body
    same_bucket: bool  #: it lies in the bucket and under the key that the copy is put to


@dataclass(frozen=True, slots=True, kw_only=True)
class Perform(Message):
    """Do one API action on buckets of this region."""

    call: ApiCall
    keys: tuple[DataKey, ...] = ()  #: that the endpoint has asked KMS for so far
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed(Message):
    """The action is done, durably."""

    body: dict[str, Any] = field(repr=False)  #: as the service model names it
    owner: str  #: account of the bucket; "" if the action has none


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDelivery(Message):
    """May CloudTrail deliver files of this trail to that bucket?"""

    bucket: str
    prefix: str
    account: str  #: the trail's
    trail: str  #: its ARN


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverObject(Message):
    """Store one file of a trail, if the bucket's policy lets CloudTrail do that."""

    bucket: str
    key: str
    body: bytes = field(repr=False)  #: uncompressed
    account: str  #: the trail's
    trail: str  #: its ARN
    metadata: dict[str, Any] = field(default_factory=dict)  #: of the user, names in small letters
    #: Under which it is encrypted; None: the store's own.
    sealed: DataKey | None = field(default=None, metadata={SINCE: 2}, repr=False)


class DeliveryForbidden(Refusal):
    """The bucket's policy does not let CloudTrail in."""


#: Wire ids 400–419.
S3_FRAMES: Final[dict[int, type[Any]]] = {
    400: DataKey,
    401: KeyWanted,
    402: Source,
    403: Perform,
    404: Performed,
    405: CheckDelivery,
    406: DeliverObject,
    407: DeliveryForbidden,
}
