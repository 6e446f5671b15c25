"""Request quotas: how many calls a second one account may make in one region, and the limiter.

Every action is charged to one bucket of the calling account: actions that use key material share
one for each kind of key, data key pairs have one for each spec, every other action has its own. A
call into another account is charged to the caller's; a call that a service makes with a
principal's authority to that principal's account; ReEncrypt counts once. A bucket holds one
second's worth of calls and is full at first: AWS gives rates only, and says that more than a rate's
worth of calls in one second is refused for the rest of it.
What does not belong here: who asks (region.py), and the record of a refused call (kms/loop.py).
Limits: "hot keys", whose state changes are throttled below the quota, have no published figure
and are not modelled; an endpoint that restarts gives every account full buckets; the bucket that
each custom key store has of its own needs a store that is connected; what ReplicateKey and
UpdatePrimaryRegion cost in the other region is charged to nobody.
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

#: The buckets that actions on key material share, by their names in Service Quotas.
SYMMETRIC: Final = "Cryptographic operations (symmetric) request rate"
RSA: Final = "Cryptographic operations (RSA) request rate"
ECC: Final = "Cryptographic operations (ECC) request rate"
ML_DSA: Final = "Cryptographic operations (ML-DSA) request rate"
ML_KEM: Final = "Cryptographic operations (ML-KEM) request rate"  #: unpublished: chosen
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
#: Actions on key pairs, each with the bucket of calls whose algorithm is unknown; those are
#: refused anyway.
_PAIR_ACTIONS: Final = {
    "Decapsulate": ML_KEM,
    "DeriveSharedSecret": ECC,
    "Encapsulate": ML_KEM,
    "Sign": RSA,
    "Verify": RSA,
}
#: How the name of an algorithm begins, to the bucket of calls that ask for it.
_ALGORITHMS: Final = {"RSA": RSA, "ECDSA": ECC, "ED25519": ECC, "SM2": ECC, "ML_DSA": ML_DSA}
#: Parameters that name the algorithm; of ReEncrypt, an RSA key on either side counts.
_ALGORITHM_MEMBERS: Final = (
    "EncryptionAlgorithm",
    "SigningAlgorithm",
    "SourceEncryptionAlgorithm",
    "DestinationEncryptionAlgorithm",
)

#: Calls per second of every other action.
_OWN_RATES: Final[dict[str, int]] = {
    "CancelKeyDeletion": 5,
    "ConnectCustomKeyStore": 5,
    "CreateAlias": 5,
    "CreateCustomKeyStore": 5,
    "CreateGrant": 50,
    "CreateKey": 5,
    "DeleteAlias": 15,
    "DeleteCustomKeyStore": 5,
    "DeleteImportedKeyMaterial": 15,
    "DescribeCustomKeyStores": 5,
    "DescribeKey": 2_000,
    "DisableKey": 5,
    "DisableKeyRotation": 5,
    "DisconnectCustomKeyStore": 5,
    "EnableKey": 5,
    "EnableKeyRotation": 15,
    "GetKeyLastUsage": 5,
    "GetKeyPolicy": 1_000,
    "GetKeyRotationStatus": 1_000,
    "GetParametersForImport": 1,
    "GetPublicKey": 2_000,
    "ImportKeyMaterial": 15,
    "ListAliases": 500,
    "ListGrants": 100,
    "ListKeyPolicies": 100,
    "ListKeyRotations": 100,
    "ListKeys": 500,
    "ListResourceTags": 2_000,
    "ListRetirableGrants": 100,
    "PutKeyPolicy": 15,
    "ReplicateKey": 5,
    "RetireGrant": 50,
    "RevokeGrant": 50,
    "RotateKeyOnDemand": 5,
    "ScheduleKeyDeletion": 15,
    "TagResource": 10,
    "UntagResource": 5,
    "UpdateAlias": 5,
    "UpdateCustomKeyStore": 5,
    "UpdateKeyDescription": 5,
    "UpdatePrimaryRegion": 5,
}
#: Calls per second of both actions that make data key pairs, together, by the pairs' spec; those
#: of ML-KEM are unpublished: chosen as those of the other fast ones.
PAIR_RATES: Final[dict[str, int]] = {
    "ECC_NIST_P256": 100,
    "ECC_NIST_P384": 100,
    "ECC_NIST_P521": 100,
    "ECC_SECG_P256K1": 100,
    "ECC_NIST_EDWARDS25519": 100,
    "ML_KEM_512": 100,
    "ML_KEM_768": 100,
    "ML_KEM_1024": 100,
    "RSA_2048": 20,
    "RSA_3072": 4,
    "RSA_4096": 1,
    "SM2": 25,
}
_PAIRS_MADE_BY: Final = ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")


def _pair_bucket(spec: str) -> str:
    return f"GenerateDataKeyPair ({spec}) request rate"


#: Action to the bucket that it is charged to, unless its parameters tell another.
BUCKETS: Final[dict[str, str]] = {
    **dict.fromkeys(SYMMETRIC_ACTIONS, SYMMETRIC),
    **_PAIR_ACTIONS,
    **dict.fromkeys(_PAIRS_MADE_BY, _pair_bucket("RSA_4096")),
    **{action: f"{action} request rate" for action in _OWN_RATES},
}
#: Calls per second of each bucket, where a region has no rate of its own.
RATES: Final[dict[str, int]] = {
    SYMMETRIC: 10_000,
    **dict.fromkeys((RSA, ECC, ML_DSA, ML_KEM), 1_000),
    **{_pair_bucket(spec): rate for spec, rate in PAIR_RATES.items()},
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

_SHARED: Final = frozenset((SYMMETRIC, RSA, ECC, ML_DSA, ML_KEM))
_NS: Final = seconds(1)
#: Rates are kept as integers in millionths of a call per second, levels in these times ns.
_MILLIONTHS: Final = 1_000_000
_ONE_CALL: Final = _MILLIONTHS * _NS


def bucket_of(action: str, parameters: Mapping[str, Any]) -> str | None:
    """Return the bucket that a call is charged to; None of an action that there is not.

    What kind of key a call uses is told by what it asks for: nobody can sign with RSA without
    naming the algorithm. A parameter that names nothing known is refused later, and charged to
    the action's usual bucket.
    """
    name = BUCKETS.get(action)
    if action in _PAIRS_MADE_BY:
        spec = parameters.get("KeyPairSpec")
        return _pair_bucket(spec) if isinstance(spec, str) and spec in PAIR_RATES else name
    if name in _SHARED:
        for member in _ALGORITHM_MEMBERS:
            algorithm = parameters.get(member)
            if isinstance(algorithm, str):
                for begin, bucket in _ALGORITHMS.items():
                    if algorithm.startswith(begin):
                        return bucket
    return name


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
        self,
        account: str,
        action: str,
        now_ns: int,
        parameters: Mapping[str, Any] = MappingProxyType({}),
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
