"""Encrypt: seal 1–4096 bytes under a key, or the few that an RSA key takes.

Source: AWS KMS API Reference, Encrypt.
"""

from typing import Any

from regions.hsm.commands import HsmEncrypt
from regions.hsm.key_commands import HsmRsaEncrypt
from regions.kms.key_fit import check_context, check_plaintext
from regions.kms.key_specs import SYMMETRIC_DEFAULT
from regions.kms.operation import CryptoOperation, Turn


class Encrypt(CryptoOperation):
    """Return a blob that only this key opens, and only under the same context."""

    action = "Encrypt"
    algorithm_member = "EncryptionAlgorithm"
    recorded = "EncryptionContext KeyId EncryptionAlgorithm DryRun"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also what an RSA key does not take."""
        super().allow_in_state(turn)
        check_context(turn.found, turn.parameters.get("EncryptionContext"))
        check_plaintext(turn.found, self.algorithm(turn), turn.parameters["Plaintext"])

    def plan(self, turn: Turn) -> HsmEncrypt | HsmRsaEncrypt:
        """Seal under the newest material."""
        key = turn.found
        if not key.is_symmetric:
            return HsmRsaEncrypt(
                token=key.current.token,
                algorithm=self.algorithm(turn),
                plaintext=turn.parameters["Plaintext"],
            )
        return HsmEncrypt(
            region=turn.region,
            key_id=key.key_id,
            token=key.current.token,
            plaintext=turn.parameters["Plaintext"],
            context=turn.context_bytes(),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the blob and what made it."""
        reply = turn.reply
        return {
            "CiphertextBlob": reply.blob if turn.found.is_symmetric else reply.ciphertext,
            "KeyId": turn.found.arn(turn.region),
            "EncryptionAlgorithm": self.algorithm(turn),
        }

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the algorithm even when the caller left it to the default."""
        seen = super().request_parameters(turn) or {}
        return {"encryptionAlgorithm": SYMMETRIC_DEFAULT, **seen}
