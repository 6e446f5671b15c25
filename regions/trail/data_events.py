"""Whether data events of a region are wanted, told to those who would record them.

A service asks before its first data event, and now and then; it is told when the answer changes.
So data events that nobody wants cost nothing but that.
What does not belong here: which data events a trail wants (selectors.py).
Source: CloudTrail User Guide, "Logging data events": they are not logged by default; how services
learn of it is chosen.
"""

from regions.trail.archive import Archive
from regions.trail.lake_wishes import LakeWishes
from regions.trail.messages import AskDataEvents, DataEvents
from regions.trail.record import DATA
from regions.trail.selectors import Selectors
from sim.actor import Actor, Request


def asks_data(selectors: Selectors) -> bool:
    """Say whether some data event may match."""
    if selectors.advanced:
        return any(selector.category == DATA for selector in selectors.advanced)
    return any(basic.data for basic in selectors.basic)


class DataWatch:
    """Those who have asked, and what they were told last.

    Args:
      host: the Trail actor; its messages are used.
      lakes: what event data stores want.
    """

    def __init__(self, host: Actor, archive: Archive, lakes: LakeWishes) -> None:
        self._host = host
        self._archive = archive
        self._lakes = lakes
        self._told: dict[str, bool] = {}

    def asked(self, request: Request) -> None:
        """Answer, and remember who asked."""
        assert isinstance(request.body, AskDataEvents), request.body
        wanted = self._told[request.sender] = self._wanted()
        request.reply(DataEvents(wanted=wanted))

    def look(self) -> None:
        """Tell whoever has heard otherwise; call it after every change of a trail or store."""
        wanted = self._wanted()
        for sender, told in self._told.items():
            if told != wanted:
                self._told[sender] = wanted
                self._host.send(sender, DataEvents(wanted=wanted))

    def _wanted(self) -> bool:
        if self._lakes.data:
            return True
        here = self._archive.trails.here()
        return any(one.is_logging and asks_data(one.selectors[-1]) for one in here)
