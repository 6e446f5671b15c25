"""How many events fit into one answer.

What does not belong here: which events are asked for (operations/).
Source: CloudWatch Logs API Reference, GetLogEvents and FilterLogEvents: 10,000 events or 1 MB.
"""

from collections.abc import Sequence
from typing import Final

from regions.logs.state import Event

PAGE_EVENTS_MAX: Final = 10_000
PAGE_BYTES_MAX: Final = 1_048_576


def fitting(events: Sequence[Event], limit: int) -> list[Event]:
    """Return the first events that fit; at least one, if there is one."""
    taken: list[Event] = []
    room = PAGE_BYTES_MAX
    for event in events[:limit]:
        room -= event.size
        if taken and room < 0:
            break
        taken.append(event)
    return taken
