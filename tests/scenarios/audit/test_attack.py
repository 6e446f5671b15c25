"""A simulated account is at work; then somebody breaks in. The files alone tell all of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from audit_world import TRAIL, AuditWorld, key_id, root, session, user, write

from scenarios.__main__ import main
from scenarios.accounts import ACCOUNT
from scenarios.audit.event import moment_of
from sim.units import NS_PER_SECOND, hours, minutes

HOME, SECOND, IDLE = "us-east-1", "eu-west-1", "ap-northeast-1"
EVIL = "203.0.113.66"
OPEN = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"},
    ],
}


class Story:
    """Two hours of work; the thief comes after the first one."""

    def __init__(self, world: AuditWorld, *, thief: bool) -> None:
        self.world, self.thief = world, thief
        self.billing = session("billing", "i-1")
        self.key, self.other = world.key(), world.key()
        self.abroad = world.key(SECOND)
        world.call("CreateAlias", {"AliasName": "alias/orders", "TargetKeyId": self.key})
        world.world.run_for(minutes(1))
        sealed = world.call("Encrypt", {"KeyId": self.key, "Plaintext": b"order"}, self.billing)
        self.blob = sealed["CiphertextBlob"]
        self._work()
        self.break_in_ns = world.world.calendar_ns
        if thief:
            self._break_in()
        self._work()

    def _work(self) -> None:
        world = self.world
        for _ in range(6):
            world.world.run_for(minutes(9))
            for _ in range(3):
                world.call("Decrypt", {"CiphertextBlob": self.blob}, self.billing)
            request = {"KeyId": "alias/orders", "NumberOfBytes": 32}
            world.call("GenerateDataKey", request, self.billing)
            world.call("DescribeKey", {"KeyId": self.abroad}, user("ana"), region=SECOND)
        world.world.run_for(hours(1) - 6 * minutes(9))

    def _break_in(self) -> None:
        world, ana = self.world, user("ana")
        session_of_web = session("web", "i-9", allowed=False)
        for _ in range(5):
            world.call("Decrypt", {"CiphertextBlob": self.blob}, session_of_web)
        world.call("ListKeys", {}, root(), address=EVIL)
        for number in range(120):
            world.call("Decrypt", {"CiphertextBlob": self.blob}, ana, address=EVIL)
            world.world.run_for(NS_PER_SECOND * (number % 3))
        policy = {"KeyId": self.key, "PolicyName": "default", "Policy": json.dumps(OPEN)}
        world.call("PutKeyPolicy", policy, ana, address=EVIL)
        grant = {
            "KeyId": self.key,
            "GranteePrincipal": "arn:aws:iam::444455556666:root",
            "Operations": ["Decrypt"],
        }
        world.call("CreateGrant", grant, ana, address=EVIL)
        world.call("UpdateAlias", {"AliasName": "alias/orders", "TargetKeyId": self.other}, ana)
        world.call("CreateKey", {}, ana, region=IDLE, address=EVIL)
        for number in range(10):
            if number:
                world.key()
            world.call("GetKeyPolicy", {"KeyId": self._made(number)}, ana, address=EVIL)
        world.call("EnableKeyRotation", {"KeyId": self.other}, ana)
        world.call("DisableKeyRotation", {"KeyId": self.other}, ana)
        world.call("DisableKey", {"KeyId": self.other}, ana, address=EVIL)
        schedule = {"KeyId": key_id(self.other), "PendingWindowInDays": 7}
        world.call("ScheduleKeyDeletion", schedule, ana, address=EVIL)
        world.call("StopLogging", {"Name": TRAIL}, ana, service="cloudtrail", address=EVIL)
        world.world.run_for(minutes(5))
        world.call("StartLogging", {"Name": TRAIL}, service="cloudtrail")

    def _made(self, number: int) -> str:
        made = [one for one in self.world.done if one.action == "CreateKey" and one.body]
        return str(made[-1].body["KeyMetadata"]["Arn"]) if number else self.key


@pytest.fixture(scope="module", params=[True, False], ids=["thief", "quiet"])
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Story, Path]:
    with AuditWorld(HOME, SECOND, IDLE) as world:
        story = Story(world, thief=request.param)
        return story, write(world.files(), tmp_path_factory.mktemp("logs"))


def detected(story: tuple[Story, Path], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    watch_from = moment_of(story[0].break_in_ns // NS_PER_SECOND)
    words = ["audit", str(story[1]), "--detect", "--watch-from", watch_from, "--json"]
    assert main(words) == (1 if story[0].thief else 0)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_ct_11_the_whole_attack_is_found_and_a_quiet_account_gives_no_alarm(
    story: tuple[Story, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = {one["detection"] for one in detected(story, capsys)["findings"]}
    assert found == (
        {
            "alias-moved",
            "bulk-decrypt",
            "denied-again",
            "foreign-grant",
            "idle-region",
            "key-deletion",
            "key-disabled",
            "keys-enumerated",
            "new-address",
            "policy-widened",
            "root-used",
            "rotation-off",
            "trail-blinded",
        }
        if story[0].thief
        else set()
    )


def test_ct_32_what_happens_in_an_idle_region_is_delivered_and_flagged(
    story: tuple[Story, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = detected(story, capsys)["findings"]
    idle = [(one["subject"], one["text"]) for one in found if one["detection"] == "idle-region"]
    text = f"1 call in {IDLE}, idle before: kms:CreateKey"
    assert idle == ([(IDLE, text)] if story[0].thief else [])
