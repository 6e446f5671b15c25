"""Our records beside real ones of the same calls: the same members, of the same types, in order.

Every known difference is listed with its reason, and one that is no more makes a test fail.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_calls import make_all

from scenarios import Cloud

SHARED = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail-2023"

Call = tuple[str, str, bool]  # service, action, whether it failed


def paths(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the type of every member; of a list, of its first element."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{at}{name}", type(item).__name__
            yield from paths(item, f"{at}{name}.")
    elif isinstance(value, list) and value:
        yield from paths(value[0], at)


def call_of(event: dict[str, Any]) -> Call:
    service = event["eventSource"].partition(".")[0]
    return service, event["eventName"], "errorCode" in event


@pytest.fixture(scope="module")
def real() -> dict[Call, list[dict[str, Any]]]:
    found: dict[Call, list[dict[str, Any]]] = {}
    files = sorted(SHARED.glob("*.json"))
    if not files:
        pytest.skip(f"no real CloudTrail files in {SHARED}")
    for file in files:
        for event in json.loads(file.read_text())["Records"]:
            found.setdefault(call_of(event), []).append(event)
    return found


@pytest.fixture(scope="module")
def ours() -> dict[Call, dict[str, Any]]:
    found: dict[Call, dict[str, Any]] = {}
    with Cloud(regions=["us-east-1"], seed=3) as cloud:
        for event in make_all(cloud):
            found.setdefault(call_of(event), event)
    return found


#: Call -> path of a member that only one side has -> why.
KNOWN: dict[Call, dict[str, str]] = {
    ("iam", "CreateRole", False): {
        "responseElements.role.maxSessionDuration": "our CreateRole answers with it",
    },
    ("sts", "AssumeRole", False): {
        "responseElements.credentials.sessionToken": "no record of ours shows a token",
    },
    ("cloudtrail", "CreateTrail", False): {
        "responseElements.recursiveLogging": "CloudTrail has it since later than 2023",
    },
}
#: Members of whatever call that only real records have, and why ours lack them.
NEVER: dict[str, str] = {"vpcEndpointId": "there are no VPC endpoints in the model"}
#: Who called is compared apart: in the real files some callers had sessions.
APART = "userIdentity."
#: What a context or a policy says is the caller's own.
FREE = ("requestParameters.encryptionContext.", "requestParameters.bucketPolicy.")


def members(event: dict[str, Any]) -> dict[str, str]:
    return {
        path: kind
        for path, kind in paths(event)
        if not path.startswith((APART, *FREE)) and path not in NEVER
    }


def test_records_have_the_members_and_types_of_real_ones_of_the_same_call(
    real: dict[Call, list[dict[str, Any]]], ours: dict[Call, dict[str, Any]]
) -> None:
    """CT-03, CT-08, CT-09, CT-10, CT-14: all differences are known."""
    compared, found = 0, {}
    for call, event in ours.items():
        if call not in real:
            continue
        compared += 1
        mine = members(event)
        others = [members(other) for other in real[call]]
        nearest = min(others, key=lambda theirs: len(mine.items() ^ theirs.items()))
        differences = {path for path, _ in mine.items() ^ nearest.items()}
        if differences != set(KNOWN.get(call, {})):
            found[call] = differences
    assert found == {}
    assert compared == 38


def test_members_stand_in_the_order_of_real_records(
    real: dict[Call, list[dict[str, Any]]], ours: dict[Call, dict[str, Any]]
) -> None:
    for call, event in ours.items():
        orders = [[name for name in other if name in event] for other in real.get(call, ())]
        assert not orders or [name for name in event if name in orders[0]] in orders, call


def test_callers_have_the_members_of_real_ones_in_their_order(
    real: dict[Call, list[dict[str, Any]]], ours: dict[Call, dict[str, Any]]
) -> None:
    """CT-02: users with and without a session, and services that call for them."""
    events = [event for group in real.values() for event in group]
    known = {json.dumps(dict(paths(event["userIdentity"]))) for event in events}
    assert {json.dumps(dict(paths(event["userIdentity"]))) for event in ours.values()} <= known


def test_dates_and_enumerations_are_written_as_in_real_records(
    real: dict[Call, list[dict[str, Any]]], ours: dict[Call, dict[str, Any]]
) -> None:
    def date(events: dict[Call, Any], call: Call, *path: str) -> str:
        value = events[call][0] if isinstance(events[call], list) else events[call]
        for name in path:
            value = value[name]
        return re.sub(r"[A-Z][a-z]{2}|\d+|[AP]M", "x", str(value))

    for call, *path in (
        (("iam", "CreateRole", False), "responseElements", "role", "createDate"),
        (("sts", "AssumeRole", False), "responseElements", "credentials", "expiration"),
        (("kms", "Decrypt", False), "eventTime"),
    ):
        assert date(ours, call, *path) == date(real, call, *path), call
    for name in ("eventType", "eventCategory", "eventSource"):
        for call, event in ours.items():
            assert call not in real or event[name] == real[call][0][name]
