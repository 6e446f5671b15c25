"""StopEventDataStoreIngestion: a store takes no further events in; those that it has stay.

Source: CloudTrail API Reference, StopEventDataStoreIngestion.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_store
from regions.lake.store_rules import check_ingests, check_status
from regions.lake.stores import ENABLED, ingesting
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = desk.store(parameters["EventDataStore"], deleted=True)
    check_ingests(store)
    check_status(store, desk.now_ns, ENABLED)
    desk.change(ingesting(store, desk.now_ns, on=False))
    return {}


OPERATION = on_store("StopEventDataStoreIngestion", _perform, deleted=True)
