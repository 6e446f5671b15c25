"""Verify: check a signature with the key that is said to have made it.

Source: AWS KMS API Reference, Verify; the error has no text, as observed.
"""

from typing import Any

from regions.errors import KMSInvalidSignatureException
from regions.hsm.key_commands import HsmVerify
from regions.kms.operation import Turn
from regions.kms.operations.sign import Sign, message_type


class Verify(Sign):
    """Say that a signature holds, or refuse."""

    action = "Verify"

    def plan(self, turn: Turn) -> HsmVerify:  # type: ignore[override]  # the contract's is wider
        """Check in the HSM."""
        return HsmVerify(
            token=turn.found.current.token,
            algorithm=self.algorithm(turn),
            message_type=message_type(turn),
            message=turn.parameters["Message"],
            signature=turn.parameters["Signature"],
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return that it holds.

        Raises:
          KMSInvalidSignatureException: it does not.
        """
        if not turn.reply.valid:
            raise KMSInvalidSignatureException
        return {
            "KeyId": turn.found.arn(turn.region),
            "SignatureValid": True,
            "SigningAlgorithm": self.algorithm(turn),
        }
