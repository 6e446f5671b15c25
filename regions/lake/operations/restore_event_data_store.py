"""RestoreEventDataStore: an event data store that was to be deleted stays, with its events.

It takes events in again from now on; those of the time between are not in it.
Source: CloudTrail API Reference, RestoreEventDataStore.
"""

from dataclasses import replace
from typing import Any

from regions.lake.desk import LakeDesk, on_store
from regions.lake.errors import InvalidEventDataStoreStatusException
from regions.lake.shapes import show_store
from regions.lake.store_rules import check_name, check_room
from regions.lake.stores import ingesting
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = desk.store(parameters["EventDataStore"], deleted=True)
    if not store.deleted_ns:
        raise InvalidEventDataStoreStatusException(
            f"Event data store {store.name} is not pending deletion."
        )
    check_room(desk)
    check_name(desk, store.name)
    kept = ingesting(replace(store, deleted_ns=0), desk.now_ns, on=True)
    desk.change(kept)
    return show_store(desk, kept)


OPERATION = on_store("RestoreEventDataStore", _perform, deleted=True)
