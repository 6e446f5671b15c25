"""Decapsulate: open the ciphertext of a shared secret.

A forged ciphertext of the right length opens to a secret that nobody else has: ML-KEM rejects
implicitly. Source: AWS KMS API Reference, Decapsulate; FIPS 203, section 6.3.
"""

from typing import Any

from regions.hsm.key_commands import HsmDecapsulate
from regions.kms.operation import Turn
from regions.kms.operations.encapsulate import Encapsulate


class Decapsulate(Encapsulate):
    """Return the shared secret (32 bytes) of a ciphertext."""

    action = "Decapsulate"

    def plan(self, turn: Turn) -> HsmDecapsulate:  # type: ignore[override]  # the contract's is wider
        """Open it in the HSM."""
        return HsmDecapsulate(
            token=turn.found.current.token,
            ciphertext=turn.parameters["SharedSecretCiphertextBlob"],
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the secret and what opened it."""
        return {
            "KeyId": turn.found.arn(turn.region),
            "SharedSecret": turn.reply.secret,
            "EncapsulationAlgorithm": self.algorithm(turn),
        }
