"""GenerateRandom: bytes from an HSM's random generator, under no key.

Source: AWS KMS API Reference, GenerateRandom; message as observed from the service.
"""

from typing import Any

from regions.errors import ValidationException
from regions.hsm.commands import HsmRandom
from regions.kms.operation import Operation, Turn
from regions.kms.store_operation import enter_store


class GenerateRandom(Operation):
    """Return 1–1024 random bytes."""

    action = "GenerateRandom"
    identity_only = True
    recorded = "NumberOfBytes CustomKeyStoreId"

    def check(self, turn: Turn) -> None:
        """Demand the number of bytes, which the request's shape leaves open."""
        super().check(turn)
        if turn.parameters.get("NumberOfBytes") is None:
            raise ValidationException("NumberOfBytes is required.")

    def plan(self, turn: Turn) -> HsmRandom:
        """Draw in the HSM; the store that is to draw instead refuses, for none is connected."""
        enter_store(turn)
        return HsmRandom(number_of_bytes=turn.parameters["NumberOfBytes"])

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the bytes."""
        return {"Plaintext": turn.reply.plaintext}
