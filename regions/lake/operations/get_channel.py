"""GetChannel: where a channel leads, and how its last events fared.

Source: CloudTrail API Reference, GetChannel.
"""

from typing import Any

from regions.lake.channels import show_channel, show_ingestion
from regions.lake.desk import LakeDesk, on_channel
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    channel = desk.channel(parameters["Channel"])
    return show_channel(desk, channel) | {"IngestionStatus": show_ingestion(channel)}


OPERATION = on_channel("GetChannel", _perform, read_only=True)
