"""DeriveSharedSecret: what the key and a peer's public key have in common.

Source: AWS KMS API Reference, DeriveSharedSecret; a public key that does not fit is refused
without a text, as observed.
"""

from typing import Any

from regions.hsm.key_commands import HsmAgree
from regions.kms.key import metadata
from regions.kms.key_specs import KEY_AGREEMENT
from regions.kms.operation import CryptoOperation, Turn


class DeriveSharedSecret(CryptoOperation):
    """Return the raw shared secret of an elliptic-curve Diffie-Hellman."""

    action = "DeriveSharedSecret"
    usage = KEY_AGREEMENT
    algorithm_member = "KeyAgreementAlgorithm"
    recorded = "KeyId KeyAgreementAlgorithm DryRun"

    def plan(self, turn: Turn) -> HsmAgree:
        """Agree in the HSM."""
        return HsmAgree(token=turn.found.current.token, public_key=turn.parameters["PublicKey"])

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the secret and what made it."""
        seen = metadata(turn.found, turn.region)
        return {
            "KeyId": seen["Arn"],
            "SharedSecret": turn.reply.secret,
            "KeyAgreementAlgorithm": self.algorithm(turn),
            "KeyOrigin": seen["Origin"],
        }
