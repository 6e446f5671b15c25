"""Request quotas: how many calls a second one account may make in one region, and the limiter.

Every action is charged to one bucket of the calling account: actions that use symmetric key
material share one, those of each asymmetric family another, every other action has its own. A call
into another account is charged to the caller's; a call that a service makes with a principal's
authority to that principal's account; ReEncrypt counts once. A bucket holds one second's worth of
calls and is full at first: AWS gives rates only, and says that more than a rate's worth of calls in
one second is refused for the rest of it.
What does not belong here: who asks (region.py), and the record of a refused call (kms/loop.py).
Limits: "hot keys", whose state changes are throttled below the quota, have no published figure
and are not modelled; an endpoint that restarts gives every account full buckets.
Source: AWS KMS Developer Guide, "Request quotas" and "Throttling AWS KMS requests".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sim.units import seconds

#: The text of ThrottlingException, as the Developer Guide and SDK users' reports have it.
THROTTLED: Final = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)

#: The bucket that actions on symmetric key material share, by its name in Service Quotas.
SYMMETRIC: Final = "Cryptographic operations (symmetric) request rate"
SYMMETRIC_ACTIONS: Final = (
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "VerifyMac",
)
#: Buckets of actions on asymmetric key material; which one an action is charged to, its algorithm
#: says.
RSA: Final = "Cryptographic operations (RSA) request rate"
ECC: Final = "Cryptographic operations (ECC and SM2) request rate"
ML_DSA: Final = "Cryptographic operations (ML-DSA) request rate"
#: AWS publishes no rate for ML-KEM; chosen, as that of ML-DSA.
ML_KEM: Final = "Cryptographic operations (ML-KEM) request rate"
#: How the name of an algorithm begins, and the bucket.
_FAMILIES: Final = (
    ("RSA", RSA),
    ("ECDSA_", ECC),
    ("ED25519_", ECC),
    ("ECDH", ECC),
    ("SM2", ECC),
    ("ML_DSA_", ML_DSA),
    ("ML_KEM", ML_KEM),
)
#: Parameters that name an algorithm; of ReEncrypt the destination's counts, for a call counts once.
_ALGORITHMS: Final = (
    "SigningAlgorithm",
    "EncryptionAlgorithm",
    "DestinationEncryptionAlgorithm",
    "KeyAgreementAlgorithm",
    "EncapsulationAlgorithm",
)
#: Data key pairs a second, by KeyPairSpec; of ML-KEM AWS publishes none, and it is chosen.
_PAIR_RATES: Final[dict[str, int]] = {
    "RSA_2048": 20,
    "RSA_3072": 4,
    "RSA_4096": 1,
    "ECC_NIST_P256": 100,
    "ECC_NIST_P384": 100,
    "ECC_NIST_P521": 100,
    "ECC_SECG_P256K1": 100,
    "ECC_NIST_EDWARDS25519": 100,
    "SM2": 25,
    "ML_KEM_512": 100,
    "ML_KEM_768": 100,
    "ML_KEM_1024": 100,
}
_PAIR_ACTIONS: Final = ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")

#: Calls per second of every other action.
_OWN_RATES: Final[dict[str, int]] = {
    "CancelKeyDeletion": 5,
    "CreateAlias": 5,
    "CreateGrant": 50,
    "CreateKey": 5,
    "DeleteAlias": 15,
    "DescribeKey": 2_000,
    "DisableKey": 5,
    "EnableKey": 5,
    "GetKeyPolicy": 1_000,
    "GetPublicKey": 2_000,
    "ListAliases": 500,
    "ListGrants": 100,
    "ListKeyPolicies": 100,
    "ListKeys": 500,
    "ListResourceTags": 2_000,
    "ListRetirableGrants": 100,
    "PutKeyPolicy": 15,
    "RetireGrant": 50,
    "RevokeGrant": 50,
    "ScheduleKeyDeletion": 15,
    "TagResource": 10,
    "UntagResource": 5,
    "UpdateAlias": 5,
    "UpdateKeyDescription": 5,
}


def _pair_bucket(spec: str) -> str:
    return f"GenerateDataKeyPair ({spec}) request rate"


#: Action to the bucket that it is charged to, unless its parameters say otherwise.
BUCKETS: Final[dict[str, str]] = {
    **dict.fromkeys(SYMMETRIC_ACTIONS, SYMMETRIC),
    **dict.fromkeys(("Sign", "Verify"), RSA),
    "DeriveSharedSecret": ECC,
    **dict.fromkeys(("Encapsulate", "Decapsulate"), ML_KEM),
    **dict.fromkeys(_PAIR_ACTIONS, _pair_bucket("RSA_2048")),
    **{action: f"{action} request rate" for action in _OWN_RATES},
}
#: Calls per second of each bucket, where a region has no rate of its own.
RATES: Final[dict[str, int]] = {
    SYMMETRIC: 10_000,
    **dict.fromkeys((RSA, ECC, ML_DSA, ML_KEM), 1_000),
    **{_pair_bucket(spec): rate for spec, rate in _PAIR_RATES.items()},
    **{BUCKETS[action]: rate for action, rate in _OWN_RATES.items()},
}
_LARGE, _LARGEST = 20_000, 100_000
#: Regions with a higher rate of the symmetric bucket: whoever fails over to a region that is not
#: among the largest meets a fifth or a tenth of what he was used to.
SYMMETRIC_RATES: Final[dict[str, int]] = {
    "us-east-1": _LARGEST,
    "us-west-2": _LARGEST,
    "eu-west-1": _LARGEST,
    "us-east-2": _LARGE,
    "ap-southeast-1": _LARGE,
    "ap-southeast-2": _LARGE,
    "ap-northeast-1": _LARGE,
    "eu-central-1": _LARGE,
    "eu-west-2": _LARGE,
}

#: Quotas up to this are within reach of a small world as they are, and no share is taken of them.
UNSCALED: Final = 15

NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_NS: Final = seconds(1)
#: Rates are kept as integers in millionths of a call per second, levels in these times ns.
_MILLIONTHS: Final = 1_000_000
_ONE_CALL: Final = _MILLIONTHS * _NS


def bucket_of(action: str, parameters: Mapping[str, Any]) -> str | None:
    """Return the bucket that a call is charged to; None of an action that the service lacks.

    The parameters may be anything: nobody has looked at them yet.
    """
    if action in _PAIR_ACTIONS:
        spec = parameters.get("KeyPairSpec")
        return _pair_bucket(spec if isinstance(spec, str) and spec in _PAIR_RATES else "RSA_2048")
    if action not in _OWN_RATES:
        asked = [str(parameters[member]) for member in _ALGORITHMS if member in parameters]
        for prefix, bucket in _FAMILIES if asked else ():
            if asked[0].startswith(prefix):
                return bucket
    return BUCKETS.get(action)


def rate_of(bucket: str, region: str) -> int:
    """Return the default quota of a bucket in a region, in calls per second."""
    if bucket == SYMMETRIC:
        return SYMMETRIC_RATES.get(region, RATES[SYMMETRIC])
    return RATES[bucket]


class TokenBucket:
    """So many calls per second, and at most one second's worth, or one call, at once.

    Args:
      rate: calls per second, above 0.
      now_ns: of a clock that never jumps.
    """

    __slots__ = ("_full", "_level", "_rate", "_time_ns")

    def __init__(self, rate: float, now_ns: int) -> None:
        self._rate = max(1, round(rate * _MILLIONTHS))
        self._full = max(_ONE_CALL, self._rate * _NS)
        self._level, self._time_ns = self._full, now_ns

    def take(self, now_ns: int) -> bool:
        """Take one call's token; False when there is none, and then nothing is taken."""
        refill = (now_ns - self._time_ns) * self._rate
        self._level, self._time_ns = min(self._full, self._level + refill), now_ns
        if self._level < _ONE_CALL:
            return False
        self._level -= _ONE_CALL
        return True


class Throttle:
    """The buckets of every account in one region.

    Args:
      region: whose quotas apply.
      share: of every quota above UNSCALED, more than 0: small worlds reach their limits with few
        calls when it is far below 1, and more than 1 is a raised quota.
    """

    def __init__(self, region: str, share: float = 1.0) -> None:
        assert share > 0, f"share {share} of a quota"
        self._region, self._share = region, share
        self._buckets: dict[tuple[str, str], TokenBucket] = {}

    def admits(
        self, account: str, action: str, now_ns: int, parameters: Mapping[str, Any] = NONE
    ) -> bool:
        """Charge one call to the account that makes it; False when its quota is exceeded.

        An action that the service does not have is charged to nobody.
        """
        name = bucket_of(action, parameters)
        if name is None:
            return True
        bucket = self._buckets.get((account, name))
        if bucket is None:
            rate: float = rate_of(name, self._region)
            if rate > UNSCALED:
                rate *= self._share
            bucket = self._buckets[account, name] = TokenBucket(rate, now_ns)
        return bucket.take(now_ns)
