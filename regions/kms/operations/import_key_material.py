"""ImportKeyMaterial: material of the owner's own making, for a key of origin EXTERNAL.

Source: AWS KMS API Reference, ImportKeyMaterial: by default the material expires, at most 365 days
after the import; the text about a missing date as observed, others chosen.
"""

from contextlib import suppress
from typing import Any, Final

from regions.errors import (
    ExpiredImportTokenException,
    InvalidImportTokenException,
    ValidationException,
)
from regions.hsm.import_token import InvalidImportToken, parse
from regions.hsm.importing import ImportMaterial
from regions.kms.import_rules import take_import
from regions.kms.importing import ImportOperation
from regions.kms.key import NS_PER_MS
from regions.kms.material_changes import MaterialImported
from regions.kms.operation import Turn, date_text
from sim.units import days

VALID_MAX_NS: Final = days(365)
_EXPIRES: Final = "KEY_MATERIAL_EXPIRES"
#: Parameters of symmetric keys, which may have several materials.
_OF_SEVERAL: Final = ("ImportType", "KeyMaterialDescription", "KeyMaterialId")


class ImportKeyMaterial(ImportOperation):
    """Unwrap the material in an HSM and keep it as a key token."""

    action = "ImportKeyMaterial"
    read_only = False
    recorded = "KeyId ValidTo ExpirationModel ImportType KeyMaterialDescription KeyMaterialId"

    def check(self, turn: Turn) -> None:
        """Refuse dates that do not fit the expiration model."""
        super().check(turn)
        expires = turn.parameters.get("ExpirationModel", _EXPIRES) == _EXPIRES
        given = turn.parameters.get("ValidTo")
        if expires and given is None:
            raise ValidationException(
                f"A validTo date must be set if the ExpirationModel is {_EXPIRES}"
            )
        if not expires and given is not None:
            raise ValidationException(
                f"A validTo date may be set only if the ExpirationModel is {_EXPIRES}"
            )
        if expires and not turn.now_ns < _valid_to_ns(turn) <= turn.now_ns + VALID_MAX_NS:
            raise ValidationException("The validTo date must be within 365 days from now")
        if turn.parameters.get("KeyMaterialId") and (
            turn.parameters.get("ImportType") == "NEW_KEY_MATERIAL"
        ):
            raise ValidationException("New key material has no KeyMaterialId yet")

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also tokens that were not given for this key, or are too old.

        Raises:
          InvalidImportTokenException, ExpiredImportTokenException: such a token.
        """
        super().allow_in_state(turn)
        if not turn.found.is_symmetric:
            for member in _OF_SEVERAL:
                if turn.parameters.get(member) is not None:
                    raise ValidationException(f"{member} is for symmetric encryption keys only")
        try:
            token = parse(turn.parameters["ImportToken"])
        except InvalidImportToken:
            raise InvalidImportTokenException from None
        if token.key_id != turn.found.key_id:
            raise InvalidImportTokenException
        if token.valid_to_ns < turn.now_ns:
            raise ExpiredImportTokenException

    def plan(self, turn: Turn) -> ImportMaterial:
        """Unwrap the material."""
        return ImportMaterial(
            spec=turn.found.spec,
            token=turn.parameters["ImportToken"],
            wrapped=turn.parameters["EncryptedKeyMaterial"],
        )

    def change(self, turn: Turn) -> MaterialImported:
        """Keep the material, if it is what the key may have."""
        given = turn.parameters
        change = MaterialImported(
            key_id=turn.found.key_id,
            token=turn.reply.token,
            import_type=given.get("ImportType") or "",
            material_id=given.get("KeyMaterialId") or "",
            valid_to_ns=_valid_to_ns(turn),
            description=given.get("KeyMaterialDescription"),
            time_ns=turn.now_ns,
        )
        take_import(turn.keyring, turn.found, change)
        return change

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Name the key and the material."""
        return {"KeyId": turn.found.arn(turn.region), "KeyMaterialId": turn.reply.material_id}

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the date as records write dates."""
        seen = super().request_parameters(turn)
        if seen and "validTo" in seen:
            with suppress(ValueError, OverflowError):  # No calendar has such a date.
                seen["validTo"] = date_text(_valid_to_ns(turn))
        return seen

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key and the material."""
        return {
            "keyId": turn.found.arn(turn.region),
            "keyMaterialId": turn.reply.material_id,
        }


def _valid_to_ns(turn: Turn) -> int:
    seconds = turn.parameters.get("ValidTo")
    return 0 if seconds is None else round(seconds * 1000) * NS_PER_MS
