"""StartEventDataStoreIngestion: an event data store takes events in again.

Source: CloudTrail API Reference, StartEventDataStoreIngestion.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_store
from regions.lake.store_rules import check_ingests, check_status
from regions.lake.stores import STOPPED, ingesting
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = desk.store(parameters["EventDataStore"], deleted=True)
    check_ingests(store)
    check_status(store, desk.now_ns, STOPPED)
    desk.change(ingesting(store, desk.now_ns, on=True))
    return {}


OPERATION = on_store("StartEventDataStoreIngestion", _perform, deleted=True)
