"""CreateChannel: events from outside AWS reach event data stores through it.

Source: CloudTrail API Reference, CreateChannel.
"""

from typing import Any

from regions.lake.changes import Channel
from regions.lake.channels import check_channel_name, check_channel_room, read_stores, show_channel
from regions.lake.desk import LakeDesk, on_any, shown_tags, tags_of
from regions.lake.errors import InvalidSourceException
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    check_channel_room(desk)
    check_channel_name(desk, parameters["Name"])
    if parameters["Source"] != "Custom":
        raise InvalidSourceException(
            f"Source {parameters['Source']} is not modelled; expected Custom."
        )
    channel = Channel(
        channel_id=desk.rng("channel").uuid(),
        account=desk.account,
        name=parameters["Name"],
        source=parameters["Source"],
        stores=read_stores(desk, parameters["Destinations"]),
        created_ns=desk.now_ns,
        tags=tags_of(parameters.get("Tags", ())),
    )
    desk.change(channel)
    return show_channel(desk, channel) | {"Tags": shown_tags(channel.tags)}


OPERATION = on_any("CreateChannel", _perform, tags="Tags")
