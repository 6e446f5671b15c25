"""ListKeyRotations: the rotations that a key has had, or all of its materials.

Source: AWS KMS API Reference, ListKeyRotations and RotationsListEntry; 100 entries a page by
default, 1,000 at most.
"""

from typing import Any, Final

from regions.kms.key import Key, timestamp
from regions.kms.material import EXTERNAL, Material, MaterialState
from regions.kms.operation import Operation, Turn
from regions.kms.pages import last_before, marker, page_length
from regions.kms.rotation import check_symmetric

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1000


class ListKeyRotations(Operation):
    """Return one page, oldest first."""

    action = "ListKeyRotations"
    key_member = "KeyId"
    recorded = "KeyId IncludeKeyMaterial Limit Marker"

    def allow_in_state(self, turn: Turn) -> None:
        """Any state will do; other keys than symmetric ones have no rotations.

        Raises:
          UnsupportedOperationException: it is not a symmetric key.
        """
        check_symmetric(turn)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        last = last_before(self.action, turn.parameters)
        length = page_length(turn.parameters, default=PAGE_DEFAULT, most=PAGE_MAX)
        every = turn.parameters.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL"
        listed = [one for one in turn.found.annotated if every or _rotated(one)]
        ids = [one.material_id for one in listed]
        begin = ids.index(last) + 1 if last in ids else 0
        page = listed[begin : begin + length]
        more = begin + length < len(listed)
        body: dict[str, Any] = {
            "Rotations": tuple(_entry(turn.found, one) for one in page),
            "Truncated": more,
        }
        if more:
            body["NextMarker"] = marker(self.action, page[-1].material_id)
        return body


def _rotated(material: Material) -> bool:
    return material.noted(MaterialState.CURRENT).rotated_ns > 0


def _entry(key: Key, material: Material) -> dict[str, Any]:
    note = material.noted(MaterialState.CURRENT)
    seen: dict[str, Any] = {
        "KeyId": key.key_id,
        "KeyMaterialId": material.material_id,
        "KeyMaterialState": note.state,
    }
    if key.origin == EXTERNAL:
        expires = "EXPIRES" if note.valid_to_ns else "DOES_NOT_EXPIRE"
        if note.description:
            seen["KeyMaterialDescription"] = note.description
        seen["ImportState"] = "IMPORTED" if material.token else "PENDING_IMPORT"
        if material.token:
            seen["ExpirationModel"] = f"KEY_MATERIAL_{expires}"
        if note.valid_to_ns:
            seen["ValidTo"] = timestamp(note.valid_to_ns)
    if note.rotated_ns:
        seen["RotationDate"] = timestamp(note.rotated_ns)
        seen["RotationType"] = note.rotation
    return seen
