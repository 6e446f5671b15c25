"""ListChannels: names and ARNs of an account's channels, by name.

Source: CloudTrail API Reference, ListChannels.
"""

from typing import Any

from regions.lake.channels import channels_of
from regions.lake.desk import LakeDesk, on_any
from regions.lake.pages import page
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    found = [
        {"ChannelArn": desk.arn_of(channel), "Name": channel.name}
        for channel in channels_of(desk.state, desk.account)
    ]
    return page(found, parameters, "Channels")


OPERATION = on_any("ListChannels", _perform, read_only=True)
