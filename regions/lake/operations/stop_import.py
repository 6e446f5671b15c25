"""StopImport: an import that goes on stops; StartImport with its id goes on with it.

Source: CloudTrail API Reference, StopImport.
"""

from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterException
from regions.lake.desk import LakeDesk, on_any
from regions.lake.imports import find_import, show_import
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    found = find_import(desk, parameters["ImportId"])
    if found.status != "IN_PROGRESS":
        raise InvalidParameterException(
            f"Import {found.import_id} has ended with status {found.status}."
        )
    stopped = replace(found, status="STOPPED", updated_ns=desk.now_ns)
    desk.change(stopped)
    return show_import(desk, stopped, statistics=True)


OPERATION = on_any("StopImport", _perform)
