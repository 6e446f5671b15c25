"""Decrypt: open a blob; it names its key itself.

Source: AWS KMS API Reference, Decrypt; messages as observed from the service.
"""

from typing import Any

from regions.hsm.commands import HsmDecrypt
from regions.kms.key import SYMMETRIC_DEFAULT
from regions.kms.operation import CryptoOperation, Turn
from regions.kms.sealed import check_blob, open_with, resolve_blob


class Decrypt(CryptoOperation):
    """Return the plaintext of a blob that a key of this region made."""

    action = "Decrypt"
    recorded = "KeyId EncryptionAlgorithm EncryptionContext DryRun"

    def check(self, turn: Turn) -> None:
        """Demand a blob, unless a dry run does without."""
        super().check(turn)
        check_blob(turn, "KeyId")

    def resolve(self, turn: Turn) -> None:
        """Take the key that the caller names, or the one that the blob names."""
        if turn.parameters.get("KeyId") is not None:
            turn.key = self.resolve_key(turn, turn.parameters["KeyId"])
        turn.key = resolve_blob(turn, turn.key)
        turn.source = turn.key

    def authorize(self, turn: Turn) -> None:
        """Check the permission, and only then tell whether the named key made the blob."""
        super().authorize(turn)
        open_with(turn)

    def plan(self, turn: Turn) -> HsmDecrypt:
        """Open with the version of the material that the blob names."""
        assert turn.material is not None, "a blob was there, or the call was a dry run"
        return HsmDecrypt(
            token=turn.material.token,
            blob=turn.parameters["CiphertextBlob"],
            context=turn.context_bytes(),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the plaintext and what opened the blob."""
        assert turn.material is not None, "plan() has seen it"
        return {
            "KeyId": turn.found.arn(turn.region),
            "Plaintext": turn.reply.plaintext,
            "EncryptionAlgorithm": SYMMETRIC_DEFAULT,
            "KeyMaterialId": turn.material.material_id,
        }

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the algorithm even when the caller left it to the default."""
        seen = super().request_parameters(turn) or {}
        return {"encryptionAlgorithm": SYMMETRIC_DEFAULT, **seen}
