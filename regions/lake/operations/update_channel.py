"""UpdateChannel: another name, or other event data stores.

Source: CloudTrail API Reference, UpdateChannel.
"""

from dataclasses import replace
from typing import Any

from regions.lake.channels import check_channel_name, read_stores, show_channel
from regions.lake.desk import LakeDesk, on_channel
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    channel = desk.channel(parameters["Channel"])
    name = parameters.get("Name", channel.name)
    if name != channel.name:
        check_channel_name(desk, name)
    stores = channel.stores
    if "Destinations" in parameters:
        stores = read_stores(desk, parameters["Destinations"])
    changed = replace(channel, name=name, stores=stores)
    desk.change(changed)
    return show_channel(desk, changed)


OPERATION = on_channel("UpdateChannel", _perform)
