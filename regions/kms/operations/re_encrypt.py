"""ReEncrypt: seal a blob's content under another key, without showing it to anyone.

Source: AWS KMS API Reference, ReEncrypt; permissions: ReEncryptFrom and ReEncryptTo.
"""

from typing import Any

from regions.hsm.commands import HsmReEncrypt
from regions.kms.key import SYMMETRIC_DEFAULT, refusal_in_state
from regions.kms.operation import (
    CryptoOperation,
    Turn,
    authorize_on_key,
    check_algorithm,
    refuse_unmodelled,
    resource,
)
from regions.kms.sealed import check_blob, open_with, resolve_blob


class ReEncrypt(CryptoOperation):
    """Return a blob of the destination key with the content of a blob of the source key."""

    action = "ReEncrypt"
    permission = "kms:ReEncryptTo"
    key_member = "DestinationKeyId"
    recorded = (
        "SourceEncryptionAlgorithm SourceEncryptionContext SourceKeyId DestinationKeyId "
        "DestinationEncryptionAlgorithm DestinationEncryptionContext DryRun"
    )

    def check(self, turn: Turn) -> None:
        """Refuse foreign algorithms on both sides, and demand a blob."""
        refuse_unmodelled(turn.parameters)
        check_algorithm(turn.parameters, "SourceEncryptionAlgorithm")
        check_algorithm(turn.parameters, "DestinationEncryptionAlgorithm")
        check_blob(turn, "SourceKeyId")

    def resolve(self, turn: Turn) -> None:
        """Find both keys; the record names the source first."""
        named = turn.parameters.get("SourceKeyId")
        source = None if named is None else self.resolve_key(turn, named)
        turn.source = resolve_blob(turn, source)
        turn.alias = ""  # kms:RequestAlias speaks of the destination.
        turn.key = self.resolve_key(turn, turn.parameters["DestinationKeyId"])
        turn.resources = (*turn.resources, resource(turn.key, turn.region))

    def authorize(self, turn: Turn) -> None:
        """Check both permissions, each under its own context."""
        assert turn.source is not None, "resolve() has found it"
        authorize_on_key(turn, "kms:ReEncryptFrom", turn.source, "SourceEncryptionContext")
        authorize_on_key(turn, self.permission, turn.found, "DestinationEncryptionContext")
        open_with(turn)

    def allow_in_state(self, turn: Turn) -> None:
        """Both keys must be usable."""
        assert turn.source is not None, "resolve() has found it"
        error = refusal_in_state(self.action, turn.source, turn.region)
        if error is not None:
            raise error
        super().allow_in_state(turn)

    def plan(self, turn: Turn) -> HsmReEncrypt:
        """Open and seal inside one HSM."""
        assert turn.material is not None, "a blob was there, or the call was a dry run"
        key = turn.found
        return HsmReEncrypt(
            source_token=turn.material.token,
            blob=turn.parameters["CiphertextBlob"],
            source_context=turn.context_bytes("SourceEncryptionContext"),
            region=turn.region,
            key_id=key.key_id,
            token=key.current.token,
            context=turn.context_bytes("DestinationEncryptionContext"),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the new blob, and both keys."""
        assert turn.source is not None, "resolve() has found it"
        assert turn.material is not None, "plan() has seen it"
        return {
            "CiphertextBlob": turn.reply.blob,
            "SourceKeyId": turn.source.arn(turn.region),
            "KeyId": turn.found.arn(turn.region),
            "SourceEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            "DestinationEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            "SourceKeyMaterialId": turn.material.material_id,
            "DestinationKeyMaterialId": turn.found.current.material_id,
        }

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the algorithms even when the caller left them to the default."""
        return {
            "sourceEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            "destinationEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            **(super().request_parameters(turn) or {}),
        }
