"""GetImport: how far an import is.

Source: CloudTrail API Reference, GetImport.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_any
from regions.lake.imports import find_import, show_import
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    return show_import(desk, find_import(desk, parameters["ImportId"]), statistics=True)


OPERATION = on_any("GetImport", _perform, read_only=True)
