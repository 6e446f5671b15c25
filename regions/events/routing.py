"""From an event to the targets that it goes to, and what each of them gets.

What does not belong here: when it goes (events.py), and who may send events (operations/).
Source: EventBridge User Guide, "Event structure" and "Input transformation"; PutTargets.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from regions.events.changes import Rule, Target
from regions.events.pattern import compile_pattern, read_json
from regions.events.places import rule_arn
from regions.events.state import EventsState
from regions.service.outbox import Parcel
from regions.service.texts import storable

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d{1,9})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def event_text(
    event_id: str, account: str, region: str, now_ns: int, entry: Mapping[str, Any]
) -> str:
    """Return an event as JSON.

    Args:
      entry: of PutEvents; its Detail is a JSON text.
    """
    seconds = entry.get("Time", now_ns / 1e9)
    body = {
        "version": "0",
        "id": event_id,
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": account,
        "time": f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": list(entry.get("Resources", ())),
    }
    # The detail goes on as it came, so that no number changes its digits.
    head = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return f'{head[:-1]},"detail":{entry["Detail"].strip()}}}'


def routed(
    state: EventsState,
    region: str,
    account: str,
    text: str,
    parcel_id: Callable[[], str],
    *,
    read_only_management: bool = False,
) -> list[Parcel]:
    """Return what an event of an account's default bus sends to targets.

    Args:
      text: the event as JSON.
      parcel_id: draws a UUID.
      read_only_management: CloudTrail's, of a call that changed nothing; few rules see those.
    """
    event = read_json(text)
    return [
        Parcel(
            parcel_id=parcel_id(),
            to=target.arn,
            about=rule_arn(region, account, ruled.rule.name),
            account=account,
            body=_sent(target, event, text),
            headers={"stream": target.stream} if target.stream else {},
        )
        for ruled in state.of_account(account)
        if _sees(ruled.rule, read_only_management=read_only_management)
        and compile_pattern(ruled.rule.pattern)(event)
        for target in ruled.targets.values()
    ]


def _sees(rule: Rule, *, read_only_management: bool) -> bool:
    """Say whether a rule looks at an event at all.

    Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
    """
    return rule.enabled and (rule.all_management or not read_only_management)


def _sent(target: Target, event: Any, text: str) -> str:
    """Return what a target gets."""
    if target.given:
        return target.given
    if not target.path or target.path == "$":
        return text
    value = event
    for step in steps_of(target.path) or ():
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return "null"
    return storable(json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain))


def _plain(value: Decimal) -> float | str:
    """Return a fraction as JSON is written from; one beyond all floats as text."""
    found = float(value)
    return found if isfinite(found) else str(value)


def steps_of(path: str) -> list[str | int] | None:
    """Return the steps of a path such as ``$.detail.items[0]``; None if it is none."""
    if not path.startswith("$"):
        return None
    steps: list[str | int] = []
    place = 1
    while place < len(path):
        match = _STEP.match(path, place)
        if match is None:
            return None
        name = next((one for one in (match[1], match[3], match[4]) if one is not None), None)
        steps.append(int(match[2]) if name is None else name)
        place = match.end()
    return steps
