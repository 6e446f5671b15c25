"""GetParametersForImport: a wrapping key and an import token for the material of one key.

Source: AWS KMS API Reference, GetParametersForImport: both are valid for 24 hours.
"""

from typing import Any, Final

from regions.hsm.importing import MakeImportKey
from regions.kms.importing import ImportOperation, refuse_wrapping
from regions.kms.key import timestamp
from regions.kms.operation import Turn
from sim.units import hours

VALID_NS: Final = hours(24)


class GetParametersForImport(ImportOperation):
    """Have an HSM make an RSA key whose private half only this region's HSMs can use."""

    action = "GetParametersForImport"
    recorded = "KeyId WrappingAlgorithm WrappingKeySpec"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also wrapping that does not fit the key's material."""
        super().allow_in_state(turn)
        given = turn.parameters
        refuse_wrapping(given["WrappingAlgorithm"], given["WrappingKeySpec"], turn.found.spec)

    def plan(self, turn: Turn) -> MakeImportKey:
        """Make the wrapping key."""
        return MakeImportKey(
            key_id=turn.found.key_id,
            spec=turn.parameters["WrappingKeySpec"],
            algorithm=turn.parameters["WrappingAlgorithm"],
            valid_to_ns=turn.now_ns + VALID_NS,
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return both halves of what an import needs."""
        return {
            "KeyId": turn.found.arn(turn.region),
            "ImportToken": turn.reply.token,
            "PublicKey": turn.reply.public_key,
            "ParametersValidTo": timestamp(turn.now_ns + VALID_NS),
        }
