"""VerifyMac: check an HMAC with the key that is said to have made it.

Source: AWS KMS API Reference, VerifyMac; the error has no text, as observed.
"""

from typing import Any

from regions.errors import KMSInvalidMacException
from regions.hsm.key_commands import HsmVerifyMac
from regions.kms.operation import Turn
from regions.kms.operations.generate_mac import GenerateMac


class VerifyMac(GenerateMac):
    """Say that a message authentication code holds, or refuse."""

    action = "VerifyMac"

    def plan(self, turn: Turn) -> HsmVerifyMac:  # type: ignore[override]  # the contract's is wider
        """Check in the HSM."""
        given = turn.parameters
        return HsmVerifyMac(
            token=turn.found.current.token, message=given["Message"], mac=given["Mac"]
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return that it holds.

        Raises:
          KMSInvalidMacException: it does not.
        """
        if not turn.reply.valid:
            raise KMSInvalidMacException
        return {
            "KeyId": turn.found.arn(turn.region),
            "MacValid": True,
            "MacAlgorithm": self.algorithm(turn),
        }
