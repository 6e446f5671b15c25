"""GenerateDataKey: a fresh data key, in plaintext and sealed under a key.

Source: AWS KMS API Reference, GenerateDataKey; message as observed from the service.
"""

from typing import Any, ClassVar, Final

from regions.errors import ValidationException
from regions.hsm.commands import HsmDataKey
from regions.kms.key_fit import check_symmetric
from regions.kms.operation import CryptoOperation, Turn

#: Size of an AES data key by its KeySpec.
KEY_SPEC_BYTES: Final = {"AES_128": 16, "AES_256": 32}


class GenerateDataKey(CryptoOperation):
    """Return a data key; the service keeps no copy."""

    action = "GenerateDataKey"
    recorded = "KeyId KeySpec NumberOfBytes EncryptionContext DryRun"
    with_plaintext: ClassVar[bool] = True

    def check(self, turn: Turn) -> None:
        """Demand exactly one of KeySpec and NumberOfBytes."""
        super().check(turn)
        sized = [turn.parameters.get(member) for member in ("KeySpec", "NumberOfBytes")]
        if sized.count(None) != 1:
            raise ValidationException("Please specify either number of bytes or key spec.")

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also RSA keys, which seal no data keys."""
        super().allow_in_state(turn)
        check_symmetric(turn.found)

    def plan(self, turn: Turn) -> HsmDataKey:
        """Draw and seal in the HSM."""
        key, given = turn.found, turn.parameters
        size = given.get("NumberOfBytes") or KEY_SPEC_BYTES[given["KeySpec"]]
        return HsmDataKey(
            region=turn.region,
            key_id=key.key_id,
            token=key.current.token,
            number_of_bytes=size,
            context=turn.context_bytes(),
            with_plaintext=self.with_plaintext,
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the data key and what sealed it."""
        key = turn.found
        body = {
            "CiphertextBlob": turn.reply.blob,
            "Plaintext": turn.reply.plaintext,
            "KeyId": key.arn(turn.region),
            "KeyMaterialId": key.current.material_id,
        }
        if not self.with_plaintext:
            del body["Plaintext"]
        return body
