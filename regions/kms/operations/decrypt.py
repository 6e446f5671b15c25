"""Decrypt: open a blob, which names its key itself, or the ciphertext of an RSA key.

Source: AWS KMS API Reference, Decrypt; messages as observed from the service.
"""

from typing import Any

from regions.hsm.commands import HsmDecrypt
from regions.hsm.key_commands import HsmRsaDecrypt
from regions.kms.key_fit import check_context
from regions.kms.key_specs import SYMMETRIC_DEFAULT
from regions.kms.operation import CryptoOperation, Turn
from regions.kms.sealed import check_blob, open_with, resolve_blob


class Decrypt(CryptoOperation):
    """Return the plaintext of a blob that a key of this region made."""

    action = "Decrypt"
    algorithm_member = "EncryptionAlgorithm"
    recorded = "KeyId EncryptionAlgorithm EncryptionContext DryRun"

    def check(self, turn: Turn) -> None:
        """Demand a blob, unless a dry run does without."""
        super().check(turn)
        check_blob(turn, "KeyId")

    def resolve(self, turn: Turn) -> None:
        """Take the key that the caller names, or the one that the blob names."""
        if turn.parameters.get("KeyId") is not None:
            turn.key = self.resolve_key(turn, turn.parameters["KeyId"])
        turn.key = resolve_blob(turn, turn.key, self.algorithm(turn))
        turn.source = turn.key

    def authorize(self, turn: Turn) -> None:
        """Check the permission, and only then tell whether the named key made the blob."""
        super().authorize(turn)
        open_with(turn)

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also a context that an RSA key does not bind."""
        super().allow_in_state(turn)
        check_context(turn.found, turn.parameters.get("EncryptionContext"))

    def plan(self, turn: Turn) -> HsmDecrypt | HsmRsaDecrypt:
        """Open with the version of the material that the blob names."""
        assert turn.material is not None, "a blob was there, or the call was a dry run"
        if not turn.found.is_symmetric:
            return HsmRsaDecrypt(
                token=turn.material.token,
                algorithm=self.algorithm(turn),
                ciphertext=turn.parameters["CiphertextBlob"],
            )
        return HsmDecrypt(
            token=turn.material.token,
            blob=turn.parameters["CiphertextBlob"],
            context=turn.context_bytes(),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the plaintext and what opened the blob."""
        assert turn.material is not None, "plan() has seen it"
        body = {
            "KeyId": turn.found.arn(turn.region),
            "Plaintext": turn.reply.plaintext,
            "EncryptionAlgorithm": self.algorithm(turn),
        }
        if turn.found.is_symmetric:
            body["KeyMaterialId"] = turn.material.material_id
        return body

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the algorithm even when the caller left it to the default."""
        seen = super().request_parameters(turn) or {}
        return {"encryptionAlgorithm": SYMMETRIC_DEFAULT, **seen}
