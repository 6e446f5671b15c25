"""GetEventConfiguration of an event data store; that of trails is the trail's (trail/operations/).

Source: CloudTrail API Reference, GetEventConfiguration.
"""

from typing import Any

from regions.errors import InvalidParameterCombinationException
from regions.lake.desk import LakeDesk, on_store
from regions.lake.operations.put_event_configuration import show_configuration
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    if "TrailName" in parameters:
        raise InvalidParameterCombinationException(
            "TrailName and EventDataStore cannot both be given."
        )
    return show_configuration(desk, desk.store(parameters["EventDataStore"]))


OPERATION = on_store("GetEventConfiguration", _perform, read_only=True)
