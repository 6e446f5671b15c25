"""ListInsightsMetricData: how often an action was called, or failed, in each period.

Counted from event history, for whatever Insights look at; the values are calls per period.
Source: AWS CloudTrail API Reference, ListInsightsMetricData: periods of a minute to an hour, at
most 21,600 points. The texts are ours, and so is the range by default: the last day.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import InvalidNextTokenException, InvalidParameterException
from regions.trail.insights import Call, Subject, subjects
from regions.trail.operation import Desk, Operation
from regions.trail.selectors import ERROR_RATE
from sim.units import NS_PER_SECOND

POINTS_MAX: Final = 21_600
_DAY: Final = 86_400
_MINUTE: Final = 60


def _counts(desk: Desk, subject: Subject, start: int, end: int, period: int) -> dict[int, int]:
    """Return periods, by the second in which each begins, and how often they have the subject."""
    history, found = desk.archive.history, dict[int, int]()
    for event in history.since(history.first_since(start * NS_PER_SECOND), desk.archive.head):
        of_it = event.management and event.name == subject.name and event.account == desk.account
        if not of_it or not start <= event.second < end:
            continue
        call = Call(
            event.time_ns, event.source, event.name, event.read_only, event.error_code, "", ""
        )
        if subject in subjects(call):
            begin = event.second - event.second % period
            found[begin] = found.get(begin, 0) + 1
    return found


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    kind, error_code = parameters["InsightType"], parameters.get("ErrorCode", "")
    if (kind == ERROR_RATE) != bool(error_code):
        needs = "needs an" if kind == ERROR_RATE else "has no"
        raise InvalidParameterException(f"InsightType {kind} {needs} ErrorCode.")
    period = parameters.get("Period", _MINUTE)
    if period % _MINUTE:
        raise InvalidParameterException(f"Period {period}: expected a multiple of {_MINUTE}.")
    end = int(parameters.get("EndTime", desk.now_ns // NS_PER_SECOND + 1))
    start = int(parameters.get("StartTime", end - _DAY))
    start -= start % period
    if start > end:
        raise InvalidParameterException("StartTime must not be later than EndTime.")
    subject = Subject(kind, parameters["EventSource"], parameters["EventName"], error_code)
    counts = _counts(desk, subject, start, end, period)
    points = sorted(counts)
    if parameters.get("DataType") == "FillWithZeros":
        points = list(range(start, end, period))
    body: dict[str, Any] = {
        "EventSource": subject.source,
        "EventName": subject.name,
        "InsightType": kind,
    }
    if "TrailName" in parameters:
        body["TrailARN"] = desk.find(parameters["TrailName"]).arn
    if error_code:
        body["ErrorCode"] = error_code
    begin = _place(parameters.get("NextToken"), len(points))
    shown = points[begin : begin + parameters.get("MaxResults", POINTS_MAX)]
    body |= {"Timestamps": shown, "Values": [float(counts.get(point, 0)) for point in shown]}
    following = begin + len(shown)
    return body | ({"NextToken": str(following)} if following < len(points) else {})


def _place(token: str | None, most: int) -> int:
    if token is None:
        return 0
    if not token.isdecimal() or int(token) >= most:
        raise InvalidNextTokenException("Invalid pagination token.")
    return int(token)


OPERATION = Operation(name="ListInsightsMetricData", perform=_perform, read_only=True)
