"""ListImports: an account's imports, of one destination or status if that is asked for.

Source: CloudTrail API Reference, ListImports.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_any
from regions.lake.imports import show_item
from regions.lake.pages import page
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store, status = parameters.get("Destination"), parameters.get("ImportStatus")
    wanted = None if store is None else desk.store(store, deleted=True).store_id
    found = [
        show_item(desk, each)
        for each in desk.state.imports.values()
        if each.account == desk.account
        and wanted in (None, each.store_id)
        and status in (None, each.status)
    ]
    return page(found, parameters, "Imports")


OPERATION = on_any("ListImports", _perform, read_only=True)
