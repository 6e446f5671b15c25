"""One KMS key: its replicated value, its states, and how callers see it.

The table of action by state is data; ``refusal_in_state`` is the only reader.
What does not belong here: how keys change (keyring.py), who may use them (policy/).
Source: AWS KMS Developer Guide, "Key states of AWS KMS keys"; AWS KMS API Reference, KeyMetadata.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from regions.errors import (
    DisabledException,
    KMSInvalidStateException,
    ServiceError,
    UnsupportedOperationException,
)
from regions.hsm import keytoken
from regions.kms.key_specs import (
    ALGORITHMS_MEMBER,
    ENCRYPT_DECRYPT,
    KEY_SPECS,
    OLD_SPECS,
    SYMMETRIC_DEFAULT,
)
from regions.kms.material import (
    AWS_KMS,
    EXTERNAL,
    Family,
    Material,
    MaterialNote,
    MaterialState,
    Rotation,
    annotated,
    joined,
)
from regions.names import key_arn
from regions.policy.defaults import default_key_policy, managed_key_policy
from regions.trail.record import Tags
from sim.units import days
from sim.wire import Message

CUSTOMER: Final = "CUSTOMER"
AWS: Final = "AWS"
NS_PER_MS: Final = 1_000_000
#: AWS managed keys rotate every year (AWS KMS Developer Guide, "Rotating AWS KMS keys").
MANAGED_ROTATION_NS: Final = days(365)


class KeyState(StrEnum):
    """KeyMetadata.KeyState; Unavailable arises only with custom key stores."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
    PENDING_IMPORT = "PendingImport"
    UNAVAILABLE = "Unavailable"
    CREATING = "Creating"
    UPDATING = "Updating"


#: The key is as good as gone, unless its deletion is cancelled.
CONDEMNED: Final = (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION)


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
    #: Of its material, oldest first; without notes the last encrypts, all decrypt.
    tokens: tuple[bytes, ...]
    rotated_ns: int = 0  #: calendar time of the last rotation; 0 before the first
    deletion_ns: int = 0  #: calendar time after which it is purged; 0 unless PendingDeletion
    tags: dict[str, Any] | None = None
    spec: str = SYMMETRIC_DEFAULT  #: KeySpec
    usage: str = ENCRYPT_DECRYPT  #: KeyUsage
    #: One for each token, which is b"" while that material is not here; () says nothing special.
    notes: tuple[MaterialNote, ...] = ()
    origin: str = AWS_KMS  #: AWS_KMS or EXTERNAL
    rotation: Rotation | None = None  #: None: never asked for
    family: Family | None = None  #: of a multi-Region key

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
    def is_symmetric(self) -> bool:
        """Whether it is a symmetric encryption key: what rotates, and makes blobs and data keys."""
        return self.spec == SYMMETRIC_DEFAULT

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that it may be used with."""
        return KEY_SPECS[self.spec].algorithms[self.usage]

    @property
    def materials(self) -> tuple[Material, ...]:
        """All versions of the material, oldest first."""
        return joined(self.tokens, self.notes)

    @property
    def annotated(self) -> tuple[Material, ...]:
        """All versions of the material, each with its note."""
        return joined(self.tokens, self.notes or annotated(self.materials))

    @property
    def current(self) -> Material:
        """The material that encrypts; of a key without any, one that is not there."""
        if not self.notes:
            return Material(self.tokens[-1] if self.tokens else b"")
        for one in reversed(self.materials):
            if one.note is not None and one.note.state == MaterialState.CURRENT:
                return one
        return Material(b"")

    def leads_replicas(self, region: str) -> bool:
        """Say whether it is, in that region, a primary key with replicas."""
        return self.family is not None and self.family.leads_replicas(region)

    @property
    def waiting(self) -> Material | None:
        """The material that is to become the current one, or None."""
        for one in self.materials:
            if one.note is not None and one.note.state == MaterialState.PENDING_ROTATION:
                return one
        return None

    def material(self, hbk_id: bytes) -> Material | None:
        """Return the version of the material that a blob names, also if it is not here, or None."""
        if not self.notes:  # The way of almost every key, at every Decrypt.
            for token in reversed(self.tokens):
                if keytoken.hbk_id(token) == hbk_id:
                    return Material(token)
            return None
        for one in reversed(self.materials):
            if one.hbk_id == hbk_id:
                return one
        return None


def rotation_due_ns(key: Key, region: str) -> int | None:
    """Return the calendar time at which a key's material is to be rotated; None: it is not.

    A disabled or condemned key is not rotated; what is overdue is done when it is enabled again.
    """
    if key.service:
        return max(key.created_ns, key.rotated_ns) + MANAGED_ROTATION_NS
    rotation, family = key.rotation, key.family
    if rotation is None or key.state != KeyState.ENABLED:
        return None
    if family is not None:
        spreading = key.origin == AWS_KMS and bool(family.replicas) and key.waiting is not None
        if family.primary != region or spreading:
            return None  # The primary's region decides, and one rotation at a time.
    return rotation.asked_ns or rotation.due_ns


def _validity(key: Key) -> dict[str, Any]:
    """Return how long the current imported material is valid."""
    current = key.current
    if key.origin != EXTERNAL or not current.token:
        return {}
    valid_to_ns = current.noted(MaterialState.CURRENT).valid_to_ns
    if not valid_to_ns:
        return {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": timestamp(valid_to_ns)}


def _relatives(key: Key, family: Family, region: str) -> dict[str, Any]:
    """Return the MultiRegionConfiguration of a key."""
    names = [{"Arn": key.arn(one), "Region": one} for one in family.members]
    kind = "PRIMARY" if family.primary == region else "REPLICA"
    return {
        "MultiRegionKeyType": kind,
        "PrimaryKey": names[0],
        "ReplicaKeys": tuple(names[1:]),
    }


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
        "KeyUsage": key.usage,
        "KeyState": str(key.state),
    }
    if key.state == KeyState.PENDING_DELETION:
        seen["DeletionDate"] = timestamp(key.deletion_ns)
    seen |= {
        "Origin": key.origin,
        **_validity(key),
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,  # the deprecated twin of KeySpec
        "KeySpec": key.spec,
        ALGORITHMS_MEMBER[key.usage]: key.algorithms,
        "MultiRegion": key.family is not None,
    }
    if key.spec not in OLD_SPECS:
        del seen["CustomerMasterKeySpec"]
    if key.family is not None:
        seen["MultiRegionConfiguration"] = _relatives(key, key.family, region)
    if key.state == KeyState.PENDING_REPLICA_DELETION and key.family is not None:
        seen["PendingDeletionWindowInDays"] = key.family.window_days
    if key.is_symmetric and key.current.token:
        seen["CurrentKeyMaterialId"] = key.current.material_id
    return seen


# What a refused action answers: the error and the end of its text, behind the key's ARN.
_Refused = tuple[type[ServiceError], str]
_DISABLED: Final[_Refused] = (DisabledException, "is disabled.")
# Crypto actions on a key that awaits deletion answer with either error; this is the one seen.
_DELETING: Final[_Refused] = (KMSInvalidStateException, "is pending deletion.")
_DELETING_REPLICAS: Final[_Refused] = (
    KMSInvalidStateException,
    "is pending replica deletion.",
)
_NOT_DELETING: Final[_Refused] = (KMSInvalidStateException, "is not pending deletion.")
_IMPORTING: Final[_Refused] = (KMSInvalidStateException, "is pending import.")
_UNAVAILABLE: Final[_Refused] = (KMSInvalidStateException, "is unavailable.")
_CREATING: Final[_Refused] = (KMSInvalidStateException, "is creating.")
_UPDATING: Final[_Refused] = (KMSInvalidStateException, "is updating.")

_ANYWHERE: Final[dict[str, _Refused]] = {}
_CONDEMNED: Final[dict[str, _Refused]] = {
    KeyState.PENDING_DELETION: _DELETING,
    KeyState.PENDING_REPLICA_DELETION: _DELETING_REPLICAS,
}
_CRYPTO: Final[dict[str, _Refused]] = {
    KeyState.DISABLED: _DISABLED,
    KeyState.PENDING_DELETION: _DELETING,
    KeyState.PENDING_REPLICA_DELETION: _DELETING_REPLICAS,
    KeyState.PENDING_IMPORT: _IMPORTING,
    KeyState.UNAVAILABLE: _UNAVAILABLE,
    KeyState.CREATING: _CREATING,
}
_SWITCHING: Final[dict[str, _Refused]] = {
    KeyState.PENDING_DELETION: _DELETING,
    KeyState.PENDING_REPLICA_DELETION: _DELETING_REPLICAS,
    KeyState.PENDING_IMPORT: _IMPORTING,
    KeyState.CREATING: _CREATING,
    KeyState.UPDATING: _UPDATING,
}
#: Only keys of origin EXTERNAL await an import, and those do not rotate automatically.
_NOT_THAT_ORIGIN: Final[_Refused] = (
    UnsupportedOperationException,
    "origin is EXTERNAL which is not valid for this operation.",
)
_ROTATING: Final[dict[str, _Refused]] = {
    KeyState.PENDING_IMPORT: _NOT_THAT_ORIGIN,
    KeyState.DISABLED: _DISABLED,
    KeyState.PENDING_DELETION: _DELETING,
    KeyState.PENDING_REPLICA_DELETION: _DELETING_REPLICAS,
    KeyState.CREATING: _CREATING,
}

#: Action to the states that refuse it; an action that names no key is not in the table.
REFUSALS: Final[dict[str, dict[str, _Refused]]] = {
    "CancelKeyDeletion": dict.fromkeys(
        [state for state in KeyState if state not in CONDEMNED], _NOT_DELETING
    ),
    "CreateAlias": _CONDEMNED,
    "CreateGrant": {state: why for state, why in _CRYPTO.items() if why is not _UNAVAILABLE},
    "Decrypt": _CRYPTO,
    "DeleteAlias": _ANYWHERE,
    "DeleteImportedKeyMaterial": {
        KeyState.CREATING: _CREATING,
        KeyState.UPDATING: _UPDATING,
    },
    "Decapsulate": _CRYPTO,
    "DeriveSharedSecret": _CRYPTO,
    "DescribeKey": _ANYWHERE,
    "DisableKey": _SWITCHING,
    "DisableKeyRotation": _ROTATING,
    "EnableKey": _SWITCHING,
    "EnableKeyRotation": _ROTATING,
    "Encapsulate": _CRYPTO,
    "Encrypt": _CRYPTO,
    "GenerateDataKey": _CRYPTO,
    "GenerateDataKeyPair": _CRYPTO,
    "GenerateDataKeyPairWithoutPlaintext": _CRYPTO,
    "GenerateDataKeyWithoutPlaintext": _CRYPTO,
    "GenerateMac": _CRYPTO,
    "GetKeyLastUsage": _ANYWHERE,
    "GetKeyPolicy": _ANYWHERE,
    "GetParametersForImport": {
        **_CONDEMNED,
        KeyState.CREATING: _CREATING,
        KeyState.UPDATING: _UPDATING,
    },
    "ImportKeyMaterial": {**_CONDEMNED, KeyState.CREATING: _CREATING},
    "GetKeyRotationStatus": {KeyState.PENDING_IMPORT: _NOT_THAT_ORIGIN},
    "GetPublicKey": _CRYPTO,
    "ListAliases": _ANYWHERE,
    "ListKeyRotations": _ANYWHERE,
    "ReplicateKey": {**_CRYPTO, KeyState.UPDATING: _UPDATING},
    "RotateKeyOnDemand": _CRYPTO,
    "ScheduleKeyDeletion": {**_CONDEMNED, KeyState.UPDATING: _UPDATING},
    "UpdatePrimaryRegion": _CRYPTO,
    "UpdateAlias": _CONDEMNED,  # of the key that it is to name
    "ListGrants": _ANYWHERE,
    "ListKeyPolicies": _ANYWHERE,
    "ListResourceTags": _ANYWHERE,
    "PutKeyPolicy": _ANYWHERE,
    "ReEncrypt": _CRYPTO,
    "RetireGrant": _ANYWHERE,
    "RevokeGrant": _ANYWHERE,
    "TagResource": _CONDEMNED,
    "UntagResource": _CONDEMNED,
    "UpdateKeyDescription": _CONDEMNED,
    "Sign": _CRYPTO,
    "Verify": _CRYPTO,
    "VerifyMac": _CRYPTO,
}


def refusal_in_state(action: str, key: Key, region: str) -> ServiceError | None:
    """Return the error with which a key's state forbids an action; None if it does not."""
    refused = REFUSALS[action].get(key.state)
    if refused is None:
        return None
    error, ending = refused
    return error(f"{key.arn(region)} {ending}")


def tagged(region: str, *keys: Key | None) -> tuple[tuple[str, Tags], ...]:
    """Return those keys that have tags as a record keeps them, each once."""
    found = {key.arn(region): tuple(key.tags.items()) for key in keys if key and key.tags}
    return tuple(found.items())
