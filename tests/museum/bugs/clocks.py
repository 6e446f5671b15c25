"""Planted bugs about time: whose clock decides, and which clock is asked.

What does not belong here: how clocks go wrong (sim/faults/).
"""

from typing import Final

from museum.bug import Bug
from museum.worlds import AZS, busy

_TIME: Final = "regions.agreed_time:AgreedTime"
#: One AZ after the other is wrong about the year, forward far enough to end any deletion window.
_AHEAD: Final = busy(
    [
        f"at {begin}s clock-offset us-east-1/{az} for 15s with by=40d"
        for begin, az in zip((5, 25, 45), AZS, strict=True)
    ]
)

BUGS: Final = (
    Bug(
        name="asks-nobody-for-the-time",
        summary="what cannot be undone is dated by the one clock of the host that does it",
        function=f"{_TIME}.agree",
        old="lead = median(leads, len(self._witnesses) + 1)",
        new="lead = median(leads[:1], 1)",
        text=_AHEAD,
        expects=("key-survival", "recoverability", "key-state-linearizable"),
    ),
    Bug(
        name="believes-the-latest-clock",
        summary="of the clocks that were asked the latest counts, not the one in the middle",
        function="regions.agreed_time:median",
        old="return sorted(calendars_ns)[(len(calendars_ns) - 1) // 2]",
        new="return max(calendars_ns)",
        text=_AHEAD,
        expects=("key-survival", "recoverability", "key-state-linearizable"),
    ),
    Bug(
        name="counts-on-with-the-calendar",
        summary="between two agreements time goes on by the calendar, not by the monotonic clock",
        function=f"{_TIME}.estimate_ns",
        old="return self._host.now_ns + self._ahead_ns",
        new="return self._own_ns()",
        text=_AHEAD,
        expects=("key-survival", "recoverability", "key-state-linearizable"),
    ),
    Bug(
        name="dates-a-deletion-by-one-clock",
        summary="the day of a deletion is counted from the clock of the host that was called",
        function="regions.az:Az._agreed_ns",
        old="now_ns = await self._time.agree()",
        new="now_ns = self.calendar_ns",
        text=busy(
            [
                f"at {begin}s clock-offset us-east-1/{az} for 15s with by=-40d"
                for begin, az in zip((5, 25, 45), AZS, strict=True)
            ]
        ),
        expects=("key-survival", "recoverability", "key-state-linearizable"),
    ),
    Bug(
        name="sets-deadlines-by-the-calendar",
        summary="a recorder counts when to publish from the calendar, and waits for centuries",
        function="regions.trail.recorder:Recorder.receive",
        old="body, ledger, now_ns = request.body, self._ledger, self.now_ns",
        new="body, ledger, now_ns = request.body, self._ledger, self.calendar_ns",
        expects=("audit-complete", "recoverability"),
    ),
)
