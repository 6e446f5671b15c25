"""DeleteEventDataStore: a store and its events end seven days from now, unless it is restored.

Source: CloudTrail API Reference, DeleteEventDataStore.
"""

from dataclasses import replace
from typing import Any

from regions.lake.desk import LakeDesk, on_store
from regions.lake.errors import (
    ChannelExistsForEDSException,
    EventDataStoreHasOngoingImportException,
    EventDataStoreTerminationProtectedException,
)
from regions.lake.stores import ingesting
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = desk.store(parameters["EventDataStore"])
    if store.protected:
        raise EventDataStoreTerminationProtectedException(
            f"Event data store {store.name} has termination protection enabled."
        )
    if any(store.store_id in channel.stores for channel in desk.state.channels.values()):
        raise ChannelExistsForEDSException(f"A channel leads to event data store {store.name}.")
    if desk.state.ongoing_import(store_id=store.store_id) is not None:
        raise EventDataStoreHasOngoingImportException(
            f"Events are being imported into event data store {store.name}."
        )
    stopped = ingesting(store, desk.now_ns, on=False)
    desk.change(replace(stopped, deleted_ns=desk.now_ns))
    return {}


OPERATION = on_store("DeleteEventDataStore", _perform)
