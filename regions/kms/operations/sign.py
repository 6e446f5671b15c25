"""Sign: a signature over 1–4096 bytes, over a digest, or over an ML-DSA message representative.

Source: AWS KMS API Reference, Sign.
"""

from typing import Any

from regions.hsm.key_commands import HsmSign
from regions.kms.key_fit import check_message
from regions.kms.key_specs import RAW, SIGN_VERIFY
from regions.kms.operation import CryptoOperation, Turn


class Sign(CryptoOperation):
    """Return a signature that everybody can check who has the public key."""

    action = "Sign"
    usage = SIGN_VERIFY
    algorithm_member = "SigningAlgorithm"
    recorded = "KeyId MessageType SigningAlgorithm DryRun"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also messages that the algorithm does not take."""
        super().allow_in_state(turn)
        check_message(self.algorithm(turn), message_type(turn), turn.parameters["Message"])

    def plan(self, turn: Turn) -> HsmSign:
        """Sign in the HSM."""
        return HsmSign(
            token=turn.found.current.token,
            algorithm=self.algorithm(turn),
            message_type=message_type(turn),
            message=turn.parameters["Message"],
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the signature and what made it."""
        return {
            "KeyId": turn.found.arn(turn.region),
            "Signature": turn.reply.signature,
            "SigningAlgorithm": self.algorithm(turn),
        }

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the type of the message even when the caller left it to the default."""
        return {"messageType": RAW, **(super().request_parameters(turn) or {})}


def message_type(turn: Turn) -> str:
    """Return what the caller says its message is."""
    asked: str = turn.parameters.get("MessageType", RAW)
    return asked
