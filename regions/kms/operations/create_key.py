"""CreateKey: bring a customer's key into being.

Some key specs are refused as not modelled; key stores answer as they do without a cluster.
Source: AWS KMS API Reference, CreateKey; messages as observed from the service.
"""

from collections.abc import Mapping
from typing import Any

from regions.errors import UnsupportedOperationException, ValidationException
from regions.hsm.commands import GenerateKey
from regions.hsm.exchange import MULTI_REGION_PREFIX
from regions.hsm.formats import IMPORTABLE
from regions.hsm.kinds import KINDS
from regions.kms.changes import KeyCreated
from regions.kms.key import Key, KeyState, metadata
from regions.kms.key_records import shown_metadata
from regions.kms.key_specs import ENCRYPT_DECRYPT, KEY_SPECS, SYMMETRIC_DEFAULT
from regions.kms.material import AWS_KMS, EXTERNAL, Family
from regions.kms.operation import (
    Operation,
    Turn,
    authorize_identity,
    derived_key_id,
    resource,
)
from regions.kms.policies import accept_policy
from regions.kms.store_operation import STORE_ORIGINS, check_store_members, enter_store
from regions.kms.tags import shown, tags_of
from regions.names import key_arn


class CreateKey(Operation):
    """Make material in an HSM and keep it, sealed, in every availability zone."""

    action = "CreateKey"
    read_only = False
    identity_only = True
    recorded = "Policy Tags"

    def check(self, turn: Turn) -> None:
        """Refuse combinations that no key has, tags that no key takes, and what is not modelled."""
        super().check(turn)
        given = turn.parameters
        if given.get("KeySpec") and given.get("CustomerMasterKeySpec"):
            raise ValidationException(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request."
                " CustomerMasterKeySpec is deprecated."
            )
        _check_spec(_spec(given), given.get("KeyUsage"))
        check_store_members(given)
        if given.get("Origin", "AWS_KMS") not in {AWS_KMS, EXTERNAL, *STORE_ORIGINS}:
            raise UnsupportedOperationException(f"Origin {given['Origin']} is not modelled.")
        if given.get("Origin") == EXTERNAL and KINDS[_spec(given)].family not in IMPORTABLE:
            text = f"Keys of spec {_spec(given)} have no imported key material."
            raise UnsupportedOperationException(text)
        tags_of(given.get("Tags") or ())

    def authorize(self, turn: Turn) -> None:
        """Tags need their own permission."""
        super().authorize(turn)
        if turn.parameters.get("Tags"):
            authorize_identity(turn, "kms:TagResource", "*")

    def plan(self, turn: Turn) -> GenerateKey | None:
        """Make the material, unless its owner imports it; refuse an unacceptable policy before."""
        enter_store(turn)
        key_id = _key_id(turn)
        policy = turn.parameters.get("Policy")
        if policy is not None:
            accept_policy(turn, policy, key_arn(turn.region, turn.principal.account, key_id))
        if _origin(turn.parameters) != AWS_KMS:
            return None
        return GenerateKey(key_id=key_id, spec=_spec(turn.parameters))

    def change(self, turn: Turn) -> KeyCreated:
        """Keep the key."""
        given = turn.parameters
        turn.key = Key(
            key_id=_key_id(turn),
            account=turn.principal.account,
            sequence=0,
            created_ns=turn.now_ns,
            description=given.get("Description") or "",
            policy=given.get("Policy") or "",
            tokens=() if turn.reply is None else (turn.reply.token,),
            state=(KeyState.PENDING_IMPORT if turn.reply is None else KeyState.ENABLED).value,
            origin=_origin(given),
            tags=tags_of(given.get("Tags") or ()) or None,
            family=Family(primary=turn.region) if given.get("MultiRegion") else None,
            spec=_spec(given),
            usage=given.get("KeyUsage") or ENCRYPT_DECRYPT,
        )
        turn.resources = (resource(turn.key, turn.region),)
        return KeyCreated(key=turn.key, limited=turn.limited)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the metadata of the new key."""
        return {"KeyMetadata": metadata(turn.found, turn.region)}

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show what the caller asked for, with the defaults."""
        given = turn.parameters
        spec = _spec(given)
        seen: dict[str, Any] = {
            "multiRegion": bool(given.get("MultiRegion")),
            "keySpec": spec,
            "keyUsage": given.get("KeyUsage") or ENCRYPT_DECRYPT,
            "customerMasterKeySpec": spec,
            "origin": given.get("Origin") or "AWS_KMS",
            "description": given.get("Description") or "",
            "bypassPolicyLockoutSafetyCheck": bool(given.get("BypassPolicyLockoutSafetyCheck")),
        }
        if given.get("Policy") is not None:
            seen["policy"] = given["Policy"]
        if given.get("Tags"):
            seen["tags"] = shown(given["Tags"])
        return seen

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Show the metadata of the new key."""
        return {"keyMetadata": shown_metadata(turn.found, turn.region)}


def _origin(given: Mapping[str, Any]) -> str:
    return given.get("Origin") or AWS_KMS


def _key_id(turn: Turn) -> str:
    key_id = derived_key_id(turn.seed)
    if not turn.parameters.get("MultiRegion"):
        return key_id
    return MULTI_REGION_PREFIX + key_id.replace("-", "")


def _spec(given: Mapping[str, Any]) -> str:
    """Return the KeySpec that is asked for, by its new or its old name."""
    return given.get("KeySpec") or given.get("CustomerMasterKeySpec") or SYMMETRIC_DEFAULT


def _check_spec(spec: str, usage: str | None) -> None:
    if usage is None and spec != SYMMETRIC_DEFAULT:
        raise ValidationException(
            "You must specify a KeyUsage value for all KMS keys except for symmetric"
            " encryption keys."
        )
    if spec not in KEY_SPECS:
        raise UnsupportedOperationException(f"KeySpec {spec} is not modelled.")
    if usage is not None and usage not in KEY_SPECS[spec].algorithms:
        raise ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
