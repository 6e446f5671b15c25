"""From delivered files alone, every accepted and refused use of every key is rebuilt."""

from pathlib import Path
from typing import Any

import pytest
from audit_world import AuditWorld, Done, key_id, session, user, write

from regions.calls import Principal
from scenarios.accounts import ACCOUNT
from scenarios.audit.collect import collect
from scenarios.audit.event import moment_of
from scenarios.audit.source import files_below
from scenarios.audit.uses import KeyUses, Question, UseBook
from sim.units import NS_PER_SECOND, minutes, seconds

HOME, OTHER = "us-east-1", "eu-west-1"
CALLS = 150


class RandomDay:
    """Random calls by several callers on several keys, however named; what happened is kept."""

    def __init__(self, world: AuditWorld) -> None:
        self.world, self.dice = world, world.dice
        #: Key ARN -> what its callers did to it.
        self.truth: dict[str, list[Done]] = {}
        self.blobs: list[tuple[str, str, bytes]] = []  #: region, key, ciphertext
        self.callers: list[Principal] = [
            user("ana"),
            session("billing", "i-1"),
            session("billing", "i-2"),
            user("mallory", allowed=False),
        ]
        self.keys = [self._born(region) for region in (HOME, HOME, OTHER)]
        self.aliases = {key: self._alias(number, key) for number, key in enumerate(self.keys)}
        world.world.run_for(seconds(30))

    def _note(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        self.truth.setdefault(key, []).append(self.world.done[-1])
        return body

    def _born(self, region: str) -> str:
        body = self.world.call("CreateKey", {}, region=region)
        key = str(body["KeyMetadata"]["Arn"])
        self._note(key, body)
        self.world.world.run_for(minutes(1))
        return key

    def _alias(self, number: int, key: str) -> str:
        name = f"alias/number-{number}"
        request = {"AliasName": name, "TargetKeyId": key}
        self._note(key, self.world.call("CreateAlias", request, region=key.split(":")[3]))
        return name

    def step(self) -> None:
        """Make one random call."""
        caller = self.dice.choice(self.callers)
        key = self.dice.choice(self.keys)
        region = key.split(":")[3]
        prefix = key.partition(":key/")[0]
        names = [key, key_id(key), self.aliases[key], f"{prefix}:{self.aliases[key]}"]
        name = self.dice.choice(names)
        what = self.dice.randrange(0, 10)
        if what <= 2:
            body = self.world.call(
                "Encrypt", {"KeyId": name, "Plaintext": b"x"}, caller, region=region
            )
            if self._note(key, body):
                self.blobs.append((region, key, body["CiphertextBlob"]))
        elif what <= 5 and self.blobs:
            region, key, blob = self.dice.choice(self.blobs)
            self._note(
                key, self.world.call("Decrypt", {"CiphertextBlob": blob}, caller, region=region)
            )
        elif what == 6:
            request = {"KeyId": name, "NumberOfBytes": 16}
            self._note(key, self.world.call("GenerateDataKey", request, caller, region=region))
        elif what == 7 and "alias/" not in name:
            action = self.dice.choice(["DisableKey", "EnableKey"])
            self._note(key, self.world.call(action, {"KeyId": name}, caller, region=region))
        elif what == 8:
            self._note(key, self.world.call("DescribeKey", {"KeyId": name}, caller, region=region))
        else:
            self._re_encrypt(caller)
        self.world.world.run_for(seconds(self.dice.randrange(1, 40)))

    def _re_encrypt(self, caller: Principal) -> None:
        """Open under one key and seal under another: a use of both."""
        here = [one for one in self.blobs if one[0] == HOME]
        if not here:
            return
        _, source, blob = self.dice.choice(here)
        target = self.dice.choice([key for key in self.keys if f":{HOME}:" in key])
        request = {"CiphertextBlob": blob, "DestinationKeyId": target}
        body = self.world.call("ReEncrypt", request, caller, region=HOME)
        self._note(source, body)
        if source != target:
            self._note(target, body)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[RandomDay, Path]:
    with AuditWorld(HOME, OTHER) as world:
        day = RandomDay(world)
        for _ in range(CALLS):
            day.step()
        folder = write(world.files(), tmp_path_factory.mktemp("logs"))
    return day, folder


def uses_of(folder: Path, **asked: Any) -> list[KeyUses]:
    book = UseBook(Question(details=True, **asked))
    assert collect(files_below(folder), [book]).problems == []
    return book.keys()


def rebuilt(keys: list[KeyUses]) -> dict[str, list[tuple[str, str, str, str]]]:
    return {
        one.key: sorted((u.request_id, u.operation, u.principal, u.error) for u in one.uses)
        for one in keys
    }


def remembered(done: list[Done]) -> list[tuple[str, str, str, str]]:
    return sorted((one.request_id, one.action, one.principal, one.error) for one in done)


def test_ct_01_the_files_tell_every_accepted_and_refused_use_of_every_key(
    day: tuple[RandomDay, Path],
) -> None:
    truth, folder = day[0].truth, day[1]
    keys = uses_of(folder)
    assert rebuilt(keys) == {key: remembered(done) for key, done in truth.items()}
    # The day was worth it: something was refused, by whom may not and of a key that was disabled.
    errors = {use.error for one in keys for use in one.uses}
    assert {"", "AccessDenied", "DisabledException"} <= errors


@pytest.mark.parametrize("number", range(3))
def test_ct_01_an_interval_is_cut_out_to_the_second(
    day: tuple[RandomDay, Path], number: int
) -> None:
    key = day[0].keys[number]
    done = day[0].truth[key]
    seconds_done = sorted({one.end_ns // NS_PER_SECOND for one in done})
    since, until = seconds_done[len(seconds_done) // 4], seconds_done[len(seconds_done) * 3 // 4]
    within = [one for one in done if since <= one.end_ns // NS_PER_SECOND < until]
    (found,) = uses_of(day[1], keys=(key,), since=moment_of(since), until=moment_of(until))
    assert rebuilt([found]) == {key: remembered(within)}
    assert 0 < len(within) < len(done)


def test_a_key_is_found_by_arn_id_and_alias(day: tuple[RandomDay, Path]) -> None:
    key = day[0].keys[2]
    names = [key, key_id(key), day[0].aliases[key]]
    names.append(f"arn:aws:kms:{OTHER}:{ACCOUNT}:{day[0].aliases[key]}")
    found = [uses_of(day[1], keys=(name,)) for name in names]
    assert [[one.key for one in keys] for keys in found] == [[key]] * 4
    assert found[0][0].aliases == [day[0].aliases[key]]
