"""A call of every EventBridge operation by boto3, named as boto3 names the operation."""

import json

from serving import REGION
from stand import ACCOUNT, Stand

PATTERN = '{"source": ["shop"]}'
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:any"


def _rule(at: Stand) -> str:
    name = at.name("rule")
    at.events.put_rule(Name=name, EventPattern=PATTERN, State="DISABLED")
    return name


def _targets(at: Stand, rule: str) -> list[str]:
    return [one["Id"] for one in at.events.list_targets_by_rule(Rule=rule)["Targets"]]


def put_rule(at: Stand) -> None:
    name = at.name("rule")
    answer = at.events.put_rule(Name=name, EventPattern=PATTERN)
    assert answer["RuleArn"] == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"
    at.events.delete_rule(Name=name)


def delete_rule(at: Stand) -> None:
    name = _rule(at)
    at.events.delete_rule(Name=name)
    assert at.events.list_rules(NamePrefix=name)["Rules"] == []


def enable_rule(at: Stand) -> None:
    name = _rule(at)
    at.events.enable_rule(Name=name)
    assert at.events.describe_rule(Name=name)["State"] == "ENABLED"
    at.events.delete_rule(Name=name)


def disable_rule(at: Stand) -> None:
    name = at.name("rule")
    at.events.put_rule(Name=name, EventPattern=PATTERN)
    at.events.disable_rule(Name=name)
    assert at.events.describe_rule(Name=name)["State"] == "DISABLED"


def list_rules(at: Stand) -> None:
    name = _rule(at)
    for letter in "abc":
        at.events.put_rule(Name=f"{name}-{letter}", EventPattern=PATTERN, State="DISABLED")
    first = at.events.list_rules(NamePrefix=f"{name}-", Limit=2)
    second = at.events.list_rules(NamePrefix=f"{name}-", NextToken=first["NextToken"])
    found = [rule["Name"] for rule in first["Rules"] + second["Rules"]]
    assert found == [f"{name}-{letter}" for letter in "abc"]


def describe_rule(at: Stand) -> None:
    found = at.events.describe_rule(Name=_rule(at))
    assert (found["EventPattern"], found["CreatedBy"]) == (PATTERN, ACCOUNT)


def put_targets(at: Stand) -> None:
    rule = _rule(at)
    at.events.put_targets(Rule=rule, Targets=[{"Id": "t", "Arn": TOPIC}])
    assert _targets(at, rule) == ["t"]


def remove_targets(at: Stand) -> None:
    rule = _rule(at)
    at.events.put_targets(Rule=rule, Targets=[{"Id": one, "Arn": TOPIC} for one in "ab"])
    at.events.remove_targets(Rule=rule, Ids=["a"])
    assert _targets(at, rule) == ["b"]


def list_targets_by_rule(at: Stand) -> None:
    assert _targets(at, _rule(at)) == []


def put_events(at: Stand) -> None:
    entry = {"Source": "nobody", "DetailType": "t", "Detail": "{}"}
    answer = at.events.put_events(Entries=[entry, entry])
    assert answer["FailedEntryCount"] == 0
    assert len({one["EventId"] for one in answer["Entries"]}) == 2


def test_event_pattern(at: Stand) -> None:
    fields = ("id", "account", "time", "region", "detail-type")
    event = dict.fromkeys(fields, "x") | {"resources": [], "source": "shop"}
    found = at.events.test_event_pattern(EventPattern=PATTERN, Event=json.dumps(event))
    assert found["Result"] is True
