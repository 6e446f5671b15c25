"""GenerateMac: an HMAC over 1–4096 bytes.

Source: AWS KMS API Reference, GenerateMac.
"""

from typing import Any

from regions.hsm.key_commands import HsmMac
from regions.kms.key_specs import GENERATE_VERIFY_MAC
from regions.kms.operation import CryptoOperation, Turn


class GenerateMac(CryptoOperation):
    """Return a message authentication code that only this key can check."""

    action = "GenerateMac"
    usage = GENERATE_VERIFY_MAC
    algorithm_member = "MacAlgorithm"
    recorded = "KeyId MacAlgorithm DryRun"

    def plan(self, turn: Turn) -> HsmMac:
        """Compute it in the HSM."""
        return HsmMac(token=turn.found.current.token, message=turn.parameters["Message"])

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the code and what made it."""
        return {
            "Mac": turn.reply.mac,
            "MacAlgorithm": self.algorithm(turn),
            "KeyId": turn.found.arn(turn.region),
        }
