"""DeleteImportedKeyMaterial: forget imported material at once; its key awaits another import.

Source: AWS KMS API Reference, DeleteImportedKeyMaterial: material that waits for a rotation is
forgotten for good, all other material may be imported again.
"""

from typing import Any

from regions.kms.import_rules import delete_material, named
from regions.kms.importing import ImportOperation
from regions.kms.material_changes import MaterialDeleted
from regions.kms.operation import Turn


class DeleteImportedKeyMaterial(ImportOperation):
    """Forget one material, by default the current one; asking again changes nothing."""

    action = "DeleteImportedKeyMaterial"
    read_only = False
    recorded = "KeyId KeyMaterialId"

    def change(self, turn: Turn) -> MaterialDeleted:
        """Forget it."""
        change = MaterialDeleted(
            key_id=turn.found.key_id,
            material_id=turn.parameters.get("KeyMaterialId") or "",
            time_ns=turn.now_ns,
        )
        delete_material(turn.keyring, turn.found, change)
        return change

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Name the key, and the material if there was one."""
        seen = {"KeyId": turn.found.arn(turn.region)}
        found = named(turn.found, turn.parameters.get("KeyMaterialId") or "")
        return seen if found is None else {**seen, "KeyMaterialId": found.material_id}

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key, and the material if there was one."""
        return {name[0].lower() + name[1:]: value for name, value in self.finish(turn).items()}
