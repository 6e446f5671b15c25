"""DeleteChannel: a channel is gone, and its policy; what came through it stays.

Source: CloudTrail API Reference, DeleteChannel.
"""

from typing import Any

from regions.lake.changes import ChannelGone, ResourcePolicy
from regions.lake.desk import LakeDesk, on_channel
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    channel = desk.channel(parameters["Channel"])
    arn = desk.arn_of(channel)
    desk.change(ChannelGone(channel_id=channel.channel_id))
    if arn in desk.state.policies:
        desk.change(ResourcePolicy(arn=arn, document=""))
    return {}


OPERATION = on_channel("DeleteChannel", _perform)
