"""CreateKey: bring a customer's symmetric key into being.

Other key specs, origins, key stores and multi-Region keys are refused as not modelled.
Source: AWS KMS API Reference, CreateKey; messages as observed from the service.
"""

from typing import Any

from regions.errors import UnsupportedOperationException, ValidationException
from regions.hsm.commands import GenerateKey
from regions.kms.changes import KeyCreated
from regions.kms.key import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT, Key, metadata
from regions.kms.operation import (
    Operation,
    Turn,
    authorize_identity,
    date_text,
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
        spec = given.get("KeySpec") or given.get("CustomerMasterKeySpec") or SYMMETRIC_DEFAULT
        usage = given.get("KeyUsage")
        if spec != SYMMETRIC_DEFAULT:
            if usage is None:
                raise ValidationException(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric"
                    " encryption keys."
                )
            raise UnsupportedOperationException(f"KeySpec {spec} is not modelled.")
        if usage not in (None, ENCRYPT_DECRYPT):
            raise ValidationException(
                f"KeyUsage {usage} is not compatible with KeySpec {SYMMETRIC_DEFAULT}"
            )
        check_store_members(given)
        if given.get("Origin", "AWS_KMS") not in {"AWS_KMS", *STORE_ORIGINS}:
            raise UnsupportedOperationException(f"Origin {given['Origin']} is not modelled.")
        if given.get("MultiRegion"):
            raise UnsupportedOperationException("MultiRegion is not modelled.")
        tags_of(given.get("Tags") or ())

    def authorize(self, turn: Turn) -> None:
        """Tags need their own permission."""
        super().authorize(turn)
        if turn.parameters.get("Tags"):
            authorize_identity(turn, "kms:TagResource", "*")

    def plan(self, turn: Turn) -> GenerateKey:
        """Make the material; a policy that cannot be accepted is refused before."""
        enter_store(turn)
        key_id = derived_key_id(turn.seed)
        policy = turn.parameters.get("Policy")
        if policy is not None:
            accept_policy(turn, policy, key_arn(turn.region, turn.principal.account, key_id))
        return GenerateKey(key_id=key_id)

    def change(self, turn: Turn) -> KeyCreated:
        """Keep the key."""
        given = turn.parameters
        turn.key = Key(
            key_id=derived_key_id(turn.seed),
            account=turn.principal.account,
            sequence=0,
            created_ns=turn.now_ns,
            description=given.get("Description") or "",
            policy=given.get("Policy") or "",
            tokens=(turn.reply.token,),
            tags=tags_of(given.get("Tags") or ()) or None,
        )
        turn.resources = (resource(turn.key, turn.region),)
        return KeyCreated(key=turn.key, limited=turn.limited)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the metadata of the new key."""
        return {"KeyMetadata": metadata(turn.found, turn.region)}

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show what the caller asked for, with the defaults."""
        given = turn.parameters
        spec = given.get("KeySpec") or given.get("CustomerMasterKeySpec") or SYMMETRIC_DEFAULT
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
        """Show the metadata in the record's own spelling of names and dates."""
        seen = metadata(turn.found, turn.region)
        seen["CreationDate"] = date_text(turn.found.created_ns)
        account = seen.pop("AWSAccountId")
        shown = {name[0].lower() + name[1:]: value for name, value in seen.items()}
        return {"keyMetadata": {"AWSAccountId": account, **shown}}
