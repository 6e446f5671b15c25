"""GetEventDataStore: everything that is known of one event data store.

Source: CloudTrail API Reference, GetEventDataStore.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_store
from regions.lake.shapes import show_store
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = desk.store(parameters["EventDataStore"], deleted=True)
    return show_store(desk, store) | {"FederationStatus": "DISABLED"}


OPERATION = on_store("GetEventDataStore", _perform, read_only=True, deleted=True)
