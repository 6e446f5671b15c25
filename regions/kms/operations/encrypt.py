"""Encrypt: seal 1–4096 bytes under a key.

Source: AWS KMS API Reference, Encrypt.
"""

from typing import Any

from regions.hsm.commands import HsmEncrypt
from regions.kms.key import SYMMETRIC_DEFAULT
from regions.kms.operation import CryptoOperation, Turn


class Encrypt(CryptoOperation):
    """Return a blob that only this key opens, and only under the same context."""

    action = "Encrypt"
    recorded = "EncryptionContext KeyId EncryptionAlgorithm DryRun"

    def plan(self, turn: Turn) -> HsmEncrypt:
        """Seal under the newest material."""
        key = turn.found
        return HsmEncrypt(
            region=turn.region,
            key_id=key.key_id,
            token=key.current.token,
            plaintext=turn.parameters["Plaintext"],
            context=turn.context_bytes(),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the blob and what made it."""
        return {
            "CiphertextBlob": turn.reply.blob,
            "KeyId": turn.found.arn(turn.region),
            "EncryptionAlgorithm": SYMMETRIC_DEFAULT,
        }

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the algorithm even when the caller left it to the default."""
        seen = super().request_parameters(turn) or {}
        return {"encryptionAlgorithm": SYMMETRIC_DEFAULT, **seen}
