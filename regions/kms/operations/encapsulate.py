"""Encapsulate: a new shared secret, and the ciphertext that the key opens to it.

Source: AWS KMS API Reference, Encapsulate.
"""

from typing import Any

from regions.hsm.key_commands import HsmEncapsulate
from regions.kms.key_specs import ENCAPSULATE_DECAPSULATE
from regions.kms.operation import CryptoOperation, Turn


class Encapsulate(CryptoOperation):
    """Return a shared secret (32 bytes) and its ciphertext."""

    action = "Encapsulate"
    usage = ENCAPSULATE_DECAPSULATE
    algorithm_member = "EncapsulationAlgorithm"
    recorded = "KeyId EncapsulationAlgorithm DryRun"

    def plan(self, turn: Turn) -> HsmEncapsulate:
        """Make it in the HSM."""
        return HsmEncapsulate(token=turn.found.current.token)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the secret, its ciphertext and what made them."""
        return {
            "KeyId": turn.found.arn(turn.region),
            "SharedSecret": turn.reply.secret,
            "SharedSecretCiphertextBlob": turn.reply.ciphertext,
            "EncapsulationAlgorithm": self.algorithm(turn),
        }
