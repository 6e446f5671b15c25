"""ListEventDataStores: names and ARNs of an account's event data stores, by name.

Source: CloudTrail API Reference, ListEventDataStores; other members are not returned any more.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_any
from regions.lake.pages import page
from regions.lake.stores import is_over
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    found = [
        {"EventDataStoreArn": desk.arn_of(store), "Name": store.name}
        for store in desk.state.stores_of(desk.account)
        if not is_over(store, desk.now_ns)
    ]
    return page(found, parameters, "EventDataStores")


OPERATION = on_any("ListEventDataStores", _perform, read_only=True)
