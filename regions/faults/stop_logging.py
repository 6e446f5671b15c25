"""An administrator stops a trail's logging.

Model: StopLogging through the public API, in the trail's home region. Event history goes on; what
happens meanwhile is never delivered to the trail's bucket. At the end StartLogging.
Limits: other regions learn of both within seconds, or when they can be reached again.
"""

from collections.abc import Generator, Mapping
from typing import ClassVar

from regions.faults.errand import (
    ACCOUNT_OPTION,
    Answer,
    Ask,
    Errand,
    OperatorError,
    Steps,
    listed_trails,
    undone,
)
from sim.options import Option


class StopLogging(OperatorError):
    """A trail logs nothing until the end."""

    name: ClassVar[str] = "stop-logging"
    place: ClassVar[str] = "the trail's home region"
    options: ClassVar[Mapping[str, Option]] = {
        "trail": Option("any", "word", "its name; any: one whose home this region is"),
        "account": ACCOUNT_OPTION,
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._trail = ""

    def err(self, errand: Errand) -> Steps:
        """Stop it."""
        self._trail = yield from self._find(errand)
        if self._trail:
            yield self._ask("StopLogging")

    def undo(self, errand: Errand) -> Steps:  # noqa: ARG002 - the contract of operator errors
        """Start it again, until it says that it logs."""
        if self._trail:
            start, look = self._ask("StartLogging"), self._ask("GetTrailStatus")
            yield from undone(start, look, lambda status: status["IsLogging"])

    def _ask(self, action: str) -> Ask:
        return Ask(action=action, parameters={"Name": self._trail}, service="cloudtrail")

    def _find(self, errand: Errand) -> Generator[Ask | int, Answer, str]:
        wanted = self.word("trail")
        if wanted != self.options["trail"].default:
            return wanted
        listed = yield from listed_trails()
        own = [one["Name"] for one in listed if one["HomeRegion"] == self.target]
        return errand.rng.choice(own) if own else ""
