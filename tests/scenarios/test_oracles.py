"""The oracles tell a permitted loss from a bug, and each is seen to fail on a planted bug.

Method: small worlds with people who fight over the same keys; a bug is patched into a named
function of our own code, or disks are emptied, and the verdicts are read.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import regions.az
from regions.az import Az
from regions.faults import FAULTS
from regions.fleet import HsmFleet
from regions.kms.changes import LOG_CODEC, KeyCreated, KeyStateSet
from regions.kms.keyring import Keyring
from regions.kms.operations.encrypt import Encrypt
from regions.region import Region
from regions.topology import Topology, default_azs
from scenarios.arena import Arena, Thorough
from scenarios.invariants.custody import Custody
from scenarios.registration import register
from scenarios.result import Verdict
from scenarios.run import run
from scenarios.scenario import Scenario, Workload
from sim.faults import Fault
from sim.plan import Plan
from sim.units import days, minutes, seconds
from sim.world import SimWorld

Patch = pytest.MonkeyPatch
ONE = "us-east-1"
AZS = default_azs(ONE)


class Wipe(Fault):
    """The disks of a place are replaced by empty ones; with the end nothing comes back."""

    name = "wipe"
    forgets = True

    def inject(self, world: SimWorld) -> None:
        for name in world.names(self.target):
            world.crash(name)
            disk = world.disk(name)
            for file in disk.files():
                disk.remove(file)
            world.restart(name)

    def heal(self, world: SimWorld) -> None:
        """Nothing is given back."""


@pytest.fixture(autouse=True)
def _wipes() -> Iterator[None]:
    with register(Wipe):
        yield


def fight(*lines: str, **topology: Any) -> Scenario:
    """One region whose callers fight over two keys, and one application beside them."""
    return Scenario(
        name="fight",
        summary="callers fight over keys",
        topology=Topology(regions={ONE: AZS}, ceremony_ns=minutes(1), **topology),
        plan=Plan.parse(lines, FAULTS),
        length_ns=seconds(80),
        workloads=(Workload(kind="key-states", clients=4), Workload(clients=1)),
    )


def verdicts(scenario: Scenario, seed: int = 1) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in run(scenario, seed=seed).promises}


def words(scenario: Scenario, *names: str) -> dict[str, str]:
    found = verdicts(scenario)
    return {name: found[name].word for name in names}


# Nothing is wrong.


@pytest.mark.parametrize(
    ("consistency", "lines"),
    [
        ("eventual", ()),
        ("linearizable", ("at 30% crash-loop us-east-1/@leader for 30%",)),
        ("linearizable", ("at 30% power-off us-east-1/use1-az1 for 30%",)),
        ("linearizable", ("at 30% partition us-east-1/use1-az1<->us-east-1/use1-az2 for 30%",)),
        # Beyond the budget, so that calls are lost half-way; disks survive.
        (
            "eventual",
            (
                "at 30% crash-loop us-east-1/use1-az1 for 20%",
                "at 30% pause us-east-1/use1-az2 for 20%",
            ),
        ),
    ],
    ids=["calm", "leader-dies", "az-dark", "azs-apart", "beyond"],
)
def test_fought_over_keys_change_in_one_order_whatever_fails(
    consistency: str, lines: tuple[str, ...]
) -> None:
    found = verdicts(fight(*lines, consistency=consistency))
    assert [f"{v.name}: {v.detail}" for v in found.values() if v.word == "BROKEN"] == []
    assert found["key-state-linearizable"].checked > 100
    views = found["bounded-staleness"].checked
    assert views == 0 if consistency == "linearizable" else views > 50


# Losses that are permitted.


def test_records_that_were_kept_in_one_place_only_may_go_with_it() -> None:
    # With audit_ack "local" a record is on one disk until it is published, seconds later.
    line = "at 50% wipe us-east-1/use1-az1/recorder for 1s"
    found = verdicts(fight(line, audit_ack="local"))
    reason = f"audit_ack 'local' permits it: '{line}'"
    assert found["audit-complete"].word == "allowed"
    assert found["audit-complete"].excused[0].endswith(f"({reason})")
    assert "lost as a setting permits" in found["recoverability"].detail
    assert found["recoverability"].word == "allowed"


def test_keys_that_too_many_wiped_azs_take_are_lost_beyond_the_budget() -> None:
    lines = [f"at 60% wipe us-east-1/{az} for 1s" for az in AZS]
    found = verdicts(fight(*lines))
    assert [f"{v.name}: {v.detail}" for v in found.values() if v.word == "BROKEN"] == []
    assert found["key-survival"].word == found["recoverability"].word == "allowed"
    assert found["recoverability"].detail.startswith("keys: 3 lost beyond the budget; records: ")
    reason = f"beyond the budget: more than 1 of 3 AZs forgot: '{lines[0]}'"
    assert reason in found["recoverability"].excused[0]


def test_a_wiped_az_costs_nothing() -> None:
    names = ("key-survival", "recoverability", "audit-complete", "token-spread", "liveness")
    scenario = fight("at 60% wipe us-east-1/use1-az2 for 1s")
    assert words(scenario, *names) == dict.fromkeys(names, "holds")


def test_an_owner_may_have_a_key_deleted() -> None:
    # Seven days after ScheduleKeyDeletion the service purges the key, and that is no loss.
    quiet = Scenario(
        name="farewell",
        summary="a key is condemned and purged",
        topology=Topology(regions={ONE: AZS}),
        length_ns=days(9),
        workloads=(),
        managed_keys=(),
    )

    class Condemns:
        def attach(self, arena: Arena) -> None:
            arena.world.at(minutes(4), _condemn, arena)

    result = run(quiet, seed=1, observers=(Condemns(),))
    found = {verdict.name: verdict for verdict in result.promises}
    assert found["key-survival"].word == "holds"
    assert found["recoverability"].detail.startswith("keys: 1 deleted by their owners; ")


def _condemn(arena: Arena) -> None:
    """Have a key made and condemned, without stepping the world."""
    from regions.calls import ApiCall
    from scenarios.witness import KeyUse
    from sim.check.history import OK, Call

    def ask(action: str, parameters: dict[str, Any], then: Any) -> None:
        request_id = arena.world.rng("condemn").uuid()
        begun = Call("host", ONE, "kms", action, request_id, arena.world.now_ns)
        begun.owner, begun.detail = arena.administrator().account, KeyUse.of(parameters)
        call = arena.history.begin(begun)

        def answered(answer: Any) -> None:
            arena.history.end(call, now_ns=arena.world.now_ns, outcome=OK)
            call.detail.learn(answer.body)
            then(call.detail.key_id)

        message = ApiCall(
            service="kms",
            region=ONE,
            action=action,
            parameters=parameters,
            principal=arena.administrator(),
            source_ip="203.0.113.5",
            user_agent="test",
            request_id=request_id,
        )
        arena.world.call(arena.deployment.routers[ONE], message, answered)

    def made(key_id: str) -> None:
        arena.witness.key_acknowledged(ONE, key_id, arena.world.now_ns)
        parameters = {"KeyId": key_id, "PendingWindowInDays": 7}
        arena.world.at(
            minutes(5) - 1, ask, "ScheduleKeyDeletion", parameters, lambda _: None
        )

    ask("CreateKey", {}, made)


# Planted bugs.


def test_changes_that_are_not_checked_when_they_are_agreed_on_have_no_order(
    monkeypatch: Patch,
) -> None:
    # Two callers save the same condemned key at once, and both are told that they did.
    monkeypatch.setattr(Keyring, "allow", lambda *_: None)
    busy = Workload(kind="key-states", clients=8, options={"think": "20ms", "keys": 1})
    found = verdicts(replace(fight(), workloads=(busy,), length_ns=seconds(4)))
    assert not found["key-state-linearizable"].holds
    assert "no order explains" in found["key-state-linearizable"].detail


def test_reads_that_do_not_wait_for_the_log_are_not_linearizable(monkeypatch: Patch) -> None:
    async def hasty(_self: Az) -> None:
        return

    monkeypatch.setattr(Az, "_barrier", hasty)
    # The replica hears nothing new for a while, and its AZ goes on answering.
    line = "at 30% partition us-east-1/use1-az2/node for 30%"
    found = verdicts(fight(line, consistency="linearizable"))
    assert not found["key-state-linearizable"].holds
    assert "no order explains" in found["key-state-linearizable"].detail
    judged = found["key-state-linearizable"]
    assert judged.time_ns is not None
    end = re.search(r" – ([\d.]+) s ", judged.detail)
    assert end is not None
    assert float(end[1]) == pytest.approx(judged.time_ns / 10**9), "both count from the start"


def test_an_update_that_is_acknowledged_and_lost_has_no_order(monkeypatch: Patch) -> None:
    commit = Az.commit

    async def forgetful(self: Az, command: Any) -> Any:
        if isinstance(command.change, KeyStateSet) and self.name.endswith("use1-az2/az"):
            return await commit(self, replace(command, change=replace(
                command.change, state=self.keyring.key(command.change.key_id).state
            )))
        return await commit(self, command)

    monkeypatch.setattr(Az, "commit", forgetful)
    found = verdicts(fight(consistency="linearizable"))
    assert not found["key-state-linearizable"].holds
    assert found["key-state-linearizable"].detail.startswith("key ")


def test_a_replica_that_misses_changes_shows_what_is_long_past(monkeypatch: Patch) -> None:
    apply = Az._apply

    def lazy(self: Az, index: int, data: bytes) -> None:
        mine = self.name.endswith("use1-az2/az") and data
        if mine and isinstance(LOG_CODEC.decode(data).change, KeyStateSet):
            self._applied = index
            return
        apply(self, index, data)

    monkeypatch.setattr(Az, "_apply", lazy)
    # States must last longer than the bound, or what is shown was true within it by chance.
    calm = Workload(kind="key-states", clients=4, options={"think": "8s"})
    found = verdicts(replace(fight(), workloads=(calm,), length_ns=minutes(4)))
    assert not found["bounded-staleness"].holds
    assert "which it was not within 5s before" in found["bounded-staleness"].detail


def test_an_az_that_never_serves_again_is_noticed(monkeypatch: Patch) -> None:
    caught = Az._on_caught

    def asleep(self: Az, request: Any) -> None:
        if self.incarnation == 1:
            caught(self, request)

    # The handlers are bound when an actor is made.
    monkeypatch.setattr(Az, "_on_caught", asleep)
    found = verdicts(fight("at 20% power-off us-east-1/use1-az1 for 20%"))
    assert not found["liveness"].holds
    assert "us-east-1/use1-az1/az does not serve" in found["liveness"].detail


def test_hsms_that_stay_out_of_the_domain_are_noticed(monkeypatch: Patch) -> None:
    answered = HsmFleet._answered

    def deaf(self: HsmFleet, *answer: Any) -> None:
        if self._host.incarnation == 1:
            answered(self, *answer)

    monkeypatch.setattr(HsmFleet, "_answered", deaf)
    found = verdicts(fight("at 20% power-off us-east-1/use1-az1 for 20%"))
    assert not found["liveness"].holds
    assert "has 0 of 2 HSMs in the domain" in found["liveness"].detail


def test_calls_that_fail_in_calm_are_noticed(monkeypatch: Patch) -> None:
    # An endpoint that never takes a dead AZ's host out of rotation would fail every third call.
    caught = Az._on_caught

    def asleep(self: Az, request: Any) -> None:
        if self.incarnation == 1:
            caught(self, request)

    monkeypatch.setattr(Az, "_on_caught", asleep)
    monkeypatch.setattr(Region, "_judge", lambda *_, **__: None)
    short = fight("at 1s power-off us-east-1/use1-az1 for 1s")
    calls = (Workload(clients=1),)
    found = verdicts(replace(short, length_ns=minutes(4), workloads=calls))
    assert any(
        "in calm us-east-1 ended with KMSInternalException" in text
        for _, text in found["liveness"].violations
    )


def test_a_key_acknowledged_before_it_is_committed_is_a_bug_of_recoverability(
    monkeypatch: Patch,
) -> None:
    commit = Az.commit

    async def early(self: Az, command: Any) -> Any:
        if isinstance(command.change, KeyCreated):
            return self.keyring.apply(replace(command, record=None))
        return await commit(self, command)

    monkeypatch.setattr(Az, "commit", early)
    # The power cut takes what was only in memory.
    found = verdicts(fight("at 70% power-off us-east-1 for 1s"))
    assert not found["recoverability"].holds
    assert "LOST" in found["recoverability"].detail


def test_a_record_that_nobody_keeps_is_a_bug_of_recoverability(monkeypatch: Patch) -> None:
    perform = regions.az.perform

    def forgetful(call: Any, keyring: Any, **options: Any) -> Iterator[Any]:
        outcome = yield from perform(call, keyring, **options)
        return replace(outcome, record=None) if call.action == "DescribeKey" else outcome

    monkeypatch.setattr(regions.az, "perform", forgetful)
    found = verdicts(fight())
    assert not found["recoverability"].holds
    assert "the record of DescribeKey" in found["recoverability"].detail


def test_a_record_that_shows_a_plaintext_is_caught(monkeypatch: Patch) -> None:
    tell = Encrypt.request_parameters

    def talkative(self: Encrypt, turn: Any) -> dict[str, Any]:
        secret = b64encode(turn.parameters["Plaintext"]).decode()
        return {**tell(self, turn), "plaintext": secret}

    monkeypatch.setattr(Encrypt, "request_parameters", talkative)
    found = verdicts(fight())
    assert not found["custody"].holds
    assert "the record of Encrypt in us-east-1 shows 'plaintext'" in found["custody"].detail


def test_a_thorough_run_reads_every_frame() -> None:
    frames = []

    class Counts:
        def attach(self, arena: Arena) -> None:
            arena.world.tap_frames(lambda *_: frames.append(1))

    scenario = replace(fight(), length_ns=seconds(20), promises=(Custody.name,))
    (sampled,) = run(scenario, seed=1).promises
    (every,) = run(scenario, seed=1, observers=(Thorough(), Counts())).promises
    assert sampled.holds
    assert every.holds
    # Both read the same blocks and records.
    assert every.checked - len(frames) == sampled.checked - len(frames) // Custody.sample
