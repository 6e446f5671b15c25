"""The history of a key's or trail's configuration, from its events alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from audit_world import TRAIL, AuditWorld, user, write
from records import ACCOUNT, ANA, REGION, at, event, key_arn, record, write_log

from scenarios.__main__ import main
from scenarios.audit.changes import ChangeBook
from scenarios.audit.collect import collect
from scenarios.audit.event import Event
from scenarios.audit.source import files_below
from sim.units import minutes

KEY, OTHER = key_arn(1), key_arn(2)
EVERYTHING = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/all"
Values = tuple[tuple[str, Any, Any], ...]


def history(name: str, *events: Event) -> list[tuple[str, Values]]:
    book = ChangeBook(name)
    for one in events:
        book.see(one)
    return [(change.event, change.values) for change in book.changes()]


def of_key(name: str, minute: float, **parameters: Any) -> Event:
    return event(name, minute, key=KEY, requestParameters={"keyId": KEY, **parameters})


def of_trail(name: str, minute: float, **parameters: Any) -> Event:
    made = {"name": "all", **parameters}
    return event(name, minute, service="cloudtrail", requestParameters=made)


def test_each_change_of_a_key_says_what_was_before() -> None:
    metadata = {"keyState": "Enabled", "description": "orders", "keyUsage": "ENCRYPT_DECRYPT"}
    made = event(
        "CreateKey",
        0,
        key=KEY,
        requestParameters={"tags": [{"tagKey": "team", "tagValue": "a"}]},
        responseElements={"keyMetadata": metadata},
    )
    grant = event(
        "CreateGrant",
        5,
        key=KEY,
        responseElements={"grantId": "g1"},
        requestParameters={"granteePrincipal": ANA, "operations": ["Decrypt"]},
    )
    shown = {"granteePrincipal": ANA, "operations": ["Decrypt"]}
    told = history(
        KEY,
        of_key("ScheduleKeyDeletion", 12, pendingWindowInDays=7),
        of_key("CancelKeyDeletion", 13),
        made,
        of_key("DisableKey", 1),
        of_key("EnableKey", 2),
        of_key("PutKeyPolicy", 3, policy="{new}"),
        of_key("EnableKeyRotation", 4, rotationPeriodInDays=90),
        grant,
        of_key("RevokeGrant", 6, grantId="g1"),
        of_key("TagResource", 7, tags=[{"tagKey": "team", "tagValue": "b"}]),
        of_key("UntagResource", 8, tagKeys=["team"]),
        of_key("CreateAlias", 9, aliasName="alias/a", targetKeyId=KEY),
        event("UpdateAlias", 10, requestParameters={"aliasName": "alias/a", "targetKeyId": OTHER},
              resources=[{"ARN": OTHER}, {"ARN": KEY}]),
        of_key("DisableKeyRotation", 11),
        event("DisableKey", 11, key=OTHER),
    )  # fmt: skip
    assert told == [
        ("CreateKey", (
            ("state", "absent", "Enabled"),
            ("description", "absent", "orders"),
            ("key usage", "absent", "ENCRYPT_DECRYPT"),
            ("policy", "absent", "the default policy"),
            ("tag team", "absent", "a"),
        )),
        ("DisableKey", (("state", "Enabled", "Disabled"),)),
        ("EnableKey", (("state", "Disabled", "Enabled"),)),
        ("PutKeyPolicy", (("policy", "the default policy", "{new}"),)),
        ("EnableKeyRotation", (("rotation", "absent", "every 90 days"),)),
        ("CreateGrant", (("grant g1", "absent", shown),)),
        ("RevokeGrant", (("grant g1", shown, "absent"),)),
        ("TagResource", (("tag team", "a", "b"),)),
        ("UntagResource", (("tag team", "b", "absent"),)),
        ("CreateAlias", (("alias a", "absent", "points here"),)),
        ("UpdateAlias", (("alias a", "points here", "absent"),)),
        ("DisableKeyRotation", (("rotation", "every 90 days", "absent"),)),
        ("ScheduleKeyDeletion", (
            ("state", "Enabled", "PendingDeletion"), ("deletion", "absent", "in 7 days"))),
        ("CancelKeyDeletion", (
            ("state", "PendingDeletion", "Disabled"), ("deletion", "in 7 days", "absent"))),
    ]  # fmt: skip


def test_what_was_before_the_first_record_is_unknown() -> None:
    told = history(KEY, of_key("PutKeyPolicy", 3, policy="{new}"))
    assert told == [("PutKeyPolicy", (("policy", None, "{new}"),))]


def test_a_refused_change_is_told_and_changes_nothing() -> None:
    refused = event("DisableKey", 1, key=KEY, errorCode="AccessDenied")
    book = ChangeBook(KEY)
    for one in (of_key("EnableKey", 0), refused, of_key("DisableKey", 2)):
        book.see(one)
    assert [(one.error, one.values) for one in book.changes()] == [
        ("", (("state", None, "Enabled"),)),
        ("AccessDenied", ()),
        ("", (("state", "Enabled", "Disabled"),)),
    ]


def test_a_key_is_found_by_the_alias_that_it_has_or_had() -> None:
    aliased = of_key("CreateAlias", 1, aliasName="alias/a", targetKeyId=KEY)
    told = history("alias/a", aliased, of_key("DisableKey", 2), event("DisableKey", 3, key=OTHER))
    assert [name for name, _ in told] == ["CreateAlias", "DisableKey"]


def test_each_change_of_a_trail_says_what_was_before() -> None:
    answer = {"s3BucketName": "logs", "isMultiRegionTrail": False, "trailARN": EVERYTHING}
    made = event("CreateTrail", 0, service="cloudtrail", requestParameters={"name": "all"},
                 responseElements=answer)  # fmt: skip
    selectors = [{"readWriteType": "WriteOnly"}]
    chosen = event(
        "PutEventSelectors",
        3,
        service="cloudtrail",
        requestParameters={"trailName": EVERYTHING, "eventSelectors": selectors},
    )
    told = history(
        "all",
        made,
        of_trail("StartLogging", 1),
        of_trail("UpdateTrail", 2, isMultiRegionTrail=True),
        chosen,
        of_trail("StopLogging", 4),
        of_trail("DeleteTrail", 5),
        event("StopLogging", 4, service="cloudtrail", requestParameters={"name": "another"}),
    )
    assert told == [
        ("CreateTrail", (
            ("trail", "absent", "there"),
            ("logging", "absent", "off"),
            ("s3BucketName", "absent", "logs"),
            ("isMultiRegionTrail", "absent", False),
        )),
        ("StartLogging", (("logging", "off", "on"),)),
        ("UpdateTrail", (("isMultiRegionTrail", False, True),)),
        ("PutEventSelectors", (("event selectors", "absent", selectors),)),
        ("StopLogging", (("logging", "on", "off"),)),
        ("DeleteTrail", (("trail", "there", "absent"),)),
    ]  # fmt: skip


def test_the_command_prints_a_timeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*"}]})
    put = record("PutKeyPolicy", 3, key=KEY, requestParameters={"policy": policy})
    refused = record("DisableKey", 4, key=KEY, errorCode="AccessDenied")
    write_log(tmp_path, refused, record("EnableKey", 1, key=KEY), put)
    assert main(["audit", str(tmp_path), "--changes", KEY]) == 0
    assert capsys.readouterr().out.partition("\n\n")[2] == (
        f"{KEY}\n"
        f"  {at(1)}  EnableKey  by {ANA} from 198.51.100.7\n"
        "    state: unknown -> Enabled\n"
        f"  {at(3)}  PutKeyPolicy  by {ANA} from 198.51.100.7\n"
        "    policy\n"
        "      before  unknown\n"
        f"      after   {policy}\n"
        f"  {at(4)}  DisableKey  by {ANA} from 198.51.100.7  refused: AccessDenied\n"
    )


def test_the_history_of_a_simulated_key_ends_in_the_state_it_has(tmp_path: Path) -> None:
    with AuditWorld(REGION) as world:
        key = world.key(Description="orders")
        for action, more in (
            ("EnableKeyRotation", {"RotationPeriodInDays": 120}),
            ("UpdateKeyDescription", {"Description": "old orders"}),
            ("TagResource", {"Tags": [{"TagKey": "team", "TagValue": "b"}]}),
            ("DisableKey", {}),
        ):
            world.call(action, {"KeyId": key, **more}, user("ana"))
            world.world.run_for(minutes(1))
        state = world.call("DescribeKey", {"KeyId": key})["KeyMetadata"]
        write(world.files(), tmp_path)
    key_book, trail_book = ChangeBook(key), ChangeBook(TRAIL)
    collect(files_below(tmp_path), [key_book, trail_book])
    last = {what: after for one in key_book.changes() for what, _, after in one.values}
    assert (last["state"], last["description"]) == (state["KeyState"], state["Description"])
    assert (last["rotation"], last["tag team"]) == ("every 120 days", "b")
    # Its own CreateTrail came before logging was on.
    assert [one.event for one in trail_book.changes()] == ["StartLogging"]
