"""One KMS key: its replicated value, its states, and how callers see it.

The table of action by state is data; ``refusal_in_state`` is the only reader.
What does not belong here: how keys change (keyring.py), who may use them (policy/).
Source: AWS KMS Developer Guide, "Key states of AWS KMS keys"; AWS KMS API Reference, KeyMetadata.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from regions.errors import DisabledException, KMSInvalidStateException, ServiceError
from regions.hsm import keytoken
from regions.names import key_arn
from regions.policy.defaults import default_key_policy, managed_key_policy
from sim.wire import Message

SYMMETRIC_DEFAULT: Final = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"
CUSTOMER: Final = "CUSTOMER"
AWS: Final = "AWS"
NS_PER_MS: Final = 1_000_000


class KeyState(StrEnum):
    """KeyMetadata.KeyState; the last four arise only with features that are not modelled."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    UNAVAILABLE = "Unavailable"
    CREATING = "Creating"
    UPDATING = "Updating"


@dataclass(frozen=True, slots=True)
class Material:
    """One version of a key's material, as its key token tells; nothing here is secret."""

    token: bytes  #: exported key token, which names its owner itself

    @property
    def hbk_id(self) -> bytes:
        """The 32 bytes that name this material in blob headers."""
        return keytoken.hbk_id(self.token)

    @property
    def material_id(self) -> str:
        """KeyMaterialId: 64 lower-case hex digits."""
        return self.hbk_id.hex()

    @property
    def domain_key(self) -> int:
        """The number of the domain key that wraps it; 0 of bytes that are no key token."""
        return keytoken.number_of(self.token) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Message):
    """A KMS key as every replica of its region keeps it."""

    key_id: str
    account: str
    sequence: int  #: grows with every key of the region; the order of listings
    created_ns: int  #: calendar
    state: str = KeyState.ENABLED.value
    description: str = ""
    manager: str = CUSTOMER  #: CUSTOMER or AWS
    service: str = ""  #: of an AWS managed key, such as ``ssm``
    policy: str = ""  #: JSON; "" stands for the policy that the service writes itself
    tokens: tuple[bytes, ...]  #: of its material, oldest first; the last encrypts, all decrypt
    rotated_ns: int = 0  #: calendar time of the last rotation; 0 before the first
    deletion_ns: int = 0  #: calendar time after which it is purged; 0 unless PendingDeletion
    tags: dict[str, Any] | None = None

    def arn(self, region: str) -> str:
        """Return the key's ARN; a key belongs to one region."""
        return key_arn(region, self.account, self.key_id)

    def policy_text(self, region: str) -> str:
        """Return the key policy as GetKeyPolicy shows it."""
        if self.policy:
            return self.policy
        if self.service:
            return managed_key_policy(region, self.account, self.service)
        return default_key_policy(region, self.account)

    @property
    def materials(self) -> tuple[Material, ...]:
        """All versions of the material, oldest first."""
        return tuple(Material(token) for token in self.tokens)

    @property
    def current(self) -> Material:
        """The material that encrypts."""
        return Material(self.tokens[-1])

    def material(self, hbk_id: bytes) -> Material | None:
        """Return the version of the material that a blob names, or None."""
        for token in reversed(self.tokens):
            if keytoken.hbk_id(token) == hbk_id:
                return Material(token)
        return None


def timestamp(calendar_ns: int) -> float:
    """Return a calendar time as the JSON protocol carries it: seconds, to the millisecond."""
    return calendar_ns // NS_PER_MS / 1000


def metadata(key: Key, region: str) -> dict[str, Any]:
    """Return the KeyMetadata of a key."""
    seen: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.key_id,
        "Arn": key.arn(region),
        "CreationDate": timestamp(key.created_ns),
        "Enabled": key.state == KeyState.ENABLED,
        "Description": key.description,
        "KeyUsage": ENCRYPT_DECRYPT,
        "KeyState": str(key.state),
    }
    if key.state == KeyState.PENDING_DELETION:
        seen["DeletionDate"] = timestamp(key.deletion_ns)
    seen |= {
        "Origin": "AWS_KMS",
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": SYMMETRIC_DEFAULT,  # the deprecated twin of KeySpec
        "KeySpec": SYMMETRIC_DEFAULT,
        "EncryptionAlgorithms": (SYMMETRIC_DEFAULT,),
        "MultiRegion": False,
    }
    if key.tokens:
        seen["CurrentKeyMaterialId"] = key.current.material_id
    return seen


# What a refused action answers: the error and the end of its text, behind the key's ARN.
_Refused = tuple[type[ServiceError], str]
_DISABLED: Final[_Refused] = (DisabledException, "is disabled.")
# Crypto actions on a key that awaits deletion answer with either error; this is the one seen.
_DELETING: Final[_Refused] = (KMSInvalidStateException, "is pending deletion.")
_NOT_DELETING: Final[_Refused] = (KMSInvalidStateException, "is not pending deletion.")
_IMPORTING: Final[_Refused] = (KMSInvalidStateException, "is pending import.")
_UNAVAILABLE: Final[_Refused] = (KMSInvalidStateException, "is unavailable.")
_CREATING: Final[_Refused] = (KMSInvalidStateException, "is creating.")
_UPDATING: Final[_Refused] = (KMSInvalidStateException, "is updating.")

_ANYWHERE: Final[dict[str, _Refused]] = {}
_CRYPTO: Final[dict[str, _Refused]] = {
    KeyState.DISABLED: _DISABLED,
    KeyState.PENDING_DELETION: _DELETING,
    KeyState.PENDING_IMPORT: _IMPORTING,
    KeyState.UNAVAILABLE: _UNAVAILABLE,
    KeyState.CREATING: _CREATING,
}
_SWITCHING: Final[dict[str, _Refused]] = {
    KeyState.PENDING_DELETION: _DELETING,
    KeyState.PENDING_IMPORT: _IMPORTING,
    KeyState.CREATING: _CREATING,
    KeyState.UPDATING: _UPDATING,
}

#: Action to the states that refuse it; an action that names no key is not in the table.
REFUSALS: Final[dict[str, dict[str, _Refused]]] = {
    "CancelKeyDeletion": dict.fromkeys(
        [state for state in KeyState if state is not KeyState.PENDING_DELETION], _NOT_DELETING
    ),
    "CreateAlias": {KeyState.PENDING_DELETION: _DELETING},
    "CreateGrant": {state: why for state, why in _CRYPTO.items() if why is not _UNAVAILABLE},
    "Decrypt": _CRYPTO,
    "DeleteAlias": _ANYWHERE,
    "DescribeKey": _ANYWHERE,
    "DisableKey": _SWITCHING,
    "EnableKey": _SWITCHING,
    "Encrypt": _CRYPTO,
    "GenerateDataKey": _CRYPTO,
    "GenerateDataKeyWithoutPlaintext": _CRYPTO,
    "GetKeyLastUsage": _ANYWHERE,
    "GetKeyPolicy": _ANYWHERE,
    "ListAliases": _ANYWHERE,
    "ListGrants": _ANYWHERE,
    "ListKeyPolicies": _ANYWHERE,
    "ListResourceTags": _ANYWHERE,
    "PutKeyPolicy": _ANYWHERE,
    "ReEncrypt": _CRYPTO,
    "RetireGrant": _ANYWHERE,
    "RevokeGrant": _ANYWHERE,
    "ScheduleKeyDeletion": {KeyState.PENDING_DELETION: _DELETING, KeyState.UPDATING: _UPDATING},
    "TagResource": {KeyState.PENDING_DELETION: _DELETING},
    "UntagResource": {KeyState.PENDING_DELETION: _DELETING},
    "UpdateAlias": {KeyState.PENDING_DELETION: _DELETING},  # of the key that it is to name
    "UpdateKeyDescription": {KeyState.PENDING_DELETION: _DELETING},
}


def refusal_in_state(action: str, key: Key, region: str) -> ServiceError | None:
    """Return the error with which a key's state forbids an action; None if it does not."""
    refused = REFUSALS[action].get(key.state)
    if refused is None:
        return None
    error, ending = refused
    return error(f"{key.arn(region)} {ending}")
