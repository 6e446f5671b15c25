"""The machine of the kit: its rules, its budget, what it says of a broken promise, and repeats.

Goal: a subclass of a user fails for the user's reasons alone, in the same way each time. Method:
machines are run by Hypothesis with few steps, and driven by hand where one rule is looked at.
What the least examples of planted bugs are stands in tests/museum/test_least.py.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import hypothesis.core
import pytest
from botocore.exceptions import ParamValidationError
from hypothesis import Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from regions.faults import FAULTS
from regions.faults.errand import OperatorError
from regions.topology import Topology, default_azs
from scenarios.kit.cloud import Cloud
from scenarios.kit.machine import (
    STEPS,
    Blob,
    CloudMachine,
    Key,
    broken,
    usual_settings,
)
from scenarios.kit.targets import targets
from scenarios.result import Verdict

FEW = settings(
    usual_settings(), max_examples=4, stateful_step_count=6, database=None, derandomize=True
)
DARK = "power-off us-east-1/use1-az1 for 10s"


@contextmanager
def opened(kind: type[CloudMachine] = CloudMachine) -> Iterator[CloudMachine]:
    """A machine that is driven by hand, and not judged."""
    machine = kind()
    try:
        yield machine
    finally:
        machine.cloud.close()


def test_a_machine_keeps_its_promises_in_worlds_that_do() -> None:
    run_state_machine_as_test(CloudMachine, settings=FEW)


# Rules.


def test_what_is_sealed_opens_with_its_context_alone_and_for_nobody_else() -> None:
    with opened() as machine:
        key = machine.create_key("us-east-1")
        blob = machine.encrypt(key, {"a": "bc"})
        machine.decrypt(blob)
        machine.decrypt_under_another_context(blob)
        machine.decrypt_as_nobody(blob)
        names = [(call.action, call.outcome) for call in machine.cloud.calls()]
    assert names == [
        ("CreateKey", "ok"),
        ("Encrypt", "ok"),
        ("Decrypt", "ok"),
        ("Decrypt", "InvalidCiphertextException"),
        ("Decrypt", "InvalidCiphertextException"),
        ("GetCallerIdentity", "ok"),
        ("Decrypt", "AccessDeniedException"),
    ]


def test_an_alias_seals_under_the_key_that_it_names_by_then() -> None:
    with opened() as machine:
        first, second = (machine.create_key("us-east-1") for _ in range(2))
        alias = machine.create_alias(first)
        machine.update_alias(alias, second)
        machine.disable_key(first)
        blob = machine.encrypt_by_alias(alias)
        again = machine.re_encrypt(blob, second)
        machine.decrypt(again)
    assert isinstance(again, Blob)
    assert again.plaintext == blob.plaintext == b"thing-2"


def test_a_call_that_is_refused_adds_nothing_to_a_bundle() -> None:
    with opened() as machine:
        key = machine.create_key("us-east-1")
        machine.disable_key(key)
        assert machine.generate_data_key(key, {}).values == ()
        machine.enable_key(key)
        assert isinstance(machine.generate_data_key(key, {}), Blob)


def test_a_key_is_gone_after_its_window_unless_it_was_saved() -> None:
    with opened() as machine:
        lost, saved = (machine.create_key("us-east-1") for _ in range(2))
        machine.schedule_key_deletion(lost, 7)
        machine.schedule_key_deletion(saved, 7)
        machine.cancel_key_deletion(saved)
        machine.advance("8d")
        assert machine.call("us-east-1", "describe_key", KeyId=lost.key_id) is None
        found = machine.call("us-east-1", "describe_key", KeyId=saved.key_id)
    assert found is not None
    assert found["KeyMetadata"]["KeyState"] == "Disabled"


def test_a_call_that_botocore_itself_does_not_take_is_the_mistake_of_who_makes_it() -> None:
    with opened() as machine, pytest.raises(ParamValidationError):
        machine.call("us-east-1", "encrypt", KeyId=7)


# Faults.


def test_a_fault_without_room_in_the_budget_does_not_happen() -> None:
    with opened() as machine:
        machine.advance("10s")
        machine.fault(DARK)
        machine.fault("power-off us-east-1/use1-az2 for 10s")
        assert [str(line) for line in machine.plan] == [f"at 10s {DARK}"]
        machine.advance("2m")
        machine.fault("power-off us-east-1/use1-az2 for 10s")
        assert len(machine.plan) == len(machine.cloud.faults.all) == 2


def test_beyond_the_budget_every_fault_has_room_and_what_it_costs_is_allowed() -> None:
    class Beyond(CloudMachine):
        beyond = True

    with opened(Beyond) as machine:
        machine.create_key("us-east-1")
        for az in default_azs("us-east-1"):
            machine.fault(f"site-loss us-east-1/{az} for 10s")
        words = {verdict.name: verdict.word for verdict in machine.cloud.check()}
        machine.judge()
    assert words["key-survival"] == "allowed"


def test_what_an_applications_own_staff_does_by_mistake_is_not_drawn() -> None:
    seen: list[str] = []

    class Watched(CloudMachine):
        def has_room(self, line: str) -> bool:
            seen.append(line.split(maxsplit=1)[0])
            return False

    run_state_machine_as_test(Watched, settings=settings(FEW, max_examples=10, stateful_step_count=10))
    assert seen
    assert not any(issubclass(FAULTS[name], OperatorError) for name in seen)


def test_the_faults_of_a_subclass_are_those_that_it_names() -> None:
    seen: list[str] = []

    class Narrow(CloudMachine):
        faults = ("pause",)
        lasts = ("3s",)

        def has_room(self, line: str) -> bool:
            seen.append(line)
            return super().has_room(line)

    run_state_machine_as_test(Narrow, settings=settings(FEW, max_examples=8, stateful_step_count=10))
    assert {(line.split()[0], line.split()[-1]) for line in seen} == {("pause", "3s")}


# What a broken promise says.


def test_a_broken_promise_names_itself_and_the_faults_with_their_times() -> None:
    with opened() as machine:
        machine.advance("10s")
        machine.fault(DARK)
        with pytest.raises(broken("key-survival")) as caught:
            machine.fail("key-survival", "a key is gone")
    assert str(caught.value) == (
        "promise key-survival is broken: a key is gone\n"
        "faults, with their times since the cloud is open:\n"
        f"  at 10s {DARK}"
    )
    assert caught.value.promise == "key-survival"
    assert type(caught.value).__name__ == "KeySurvivalBroken"


def test_a_promise_that_sees_itself_broken_ends_the_example_at_once() -> None:
    with opened() as machine:
        verdict = Verdict(name="custody", holds=False, checked=1, detail="a key in the clear")
        machine.cloud.verdicts_so_far = lambda: (verdict,)  # type: ignore[method-assign]
        with pytest.raises(broken("custody"), match=r"^promise custody is broken: a key in the cl"):
            machine.create_key("us-east-1")


class Forgetful(CloudMachine):
    """A machine of a user whose application keeps one order too few."""

    promises: ClassVar[tuple[str, ...]] = ()
    faults: ClassVar[tuple[str, ...]] = ("power-off",)

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Key] = []

    @rule(key=CloudMachine.keys)
    def order(self, key: Key) -> None:
        self.orders.append(key)
        assert len(self.orders) < 2, "the second order is lost"


@pytest.mark.campaign
def test_a_users_own_rule_shrinks_to_the_steps_that_matter() -> None:
    how = settings(FEW, max_examples=100, stateful_step_count=STEPS)
    with pytest.raises(AssertionError, match=r"^the second order is lost") as caught:
        run_state_machine_as_test(Forgetful, settings=how)
    lines = [line for note in caught.value.__notes__ for line in note.splitlines()]
    assert lines[-5:] == [
        "state = Forgetful()",
        "key_0 = state.create_key(region='us-east-1')",
        "state.order(key=key_0)",
        "state.order(key=key_0)",
        "state.teardown()",
    ]


def test_the_same_hypothesis_seed_draws_the_same_and_leaves_the_same_traces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def traces(seed: int) -> list[str]:
        hashes: list[str] = []

        class Traced(CloudMachine):
            promises = ()

            def judge(self) -> None:
                hashes.append(self.cloud.trace_hash)

        # What the option --hypothesis-seed sets.
        monkeypatch.setattr(hypothesis.core, "global_force_seed", seed)
        run_state_machine_as_test(Traced, settings=settings(FEW, derandomize=False))
        return hashes

    first, again, other = traces(7), traces(7), traces(8)
    assert len(first) == 4
    assert first == again != other


def test_a_machine_has_settings_that_suit_it_and_whoever_subclasses_may_change_them() -> None:
    class Plain(CloudMachine):
        pass

    @settings(max_examples=3)
    class Own(CloudMachine):
        pass

    for kind in (CloudMachine, Plain):
        assert kind.TestCase.settings.stateful_step_count == STEPS
        assert Phase.explain not in kind.TestCase.settings.phases
    assert Own.TestCase.settings.max_examples == 3


# Targets.


def test_targets_count_what_the_calls_of_an_application_met() -> None:
    topology = Topology(regions={"us-east-1": default_azs("us-east-1")})
    with Cloud(topology=topology) as cloud:
        kms = cloud.boto3_client("kms")
        kms.list_keys()
        calm = targets(cloud)
        with cloud.fault("pause us-east-1/front for 70s"):
            kms.list_keys()
        hit = targets(cloud)
    assert (calm["unacknowledged calls"], calm["retries"], calm["faults met"]) == (0, 0, 0)
    assert 0 < calm["slowest call"] < 1
    assert hit == {
        "unacknowledged calls": 1,
        "retries": 1,
        "slowest call": 60,
        "faults met": 1,
    }


def test_without_hypothesis_the_error_names_the_extra() -> None:
    script = """
import sys
sys.modules["hypothesis"] = None
for module in ("scenarios.kit.strategies", "scenarios.kit.machine"):
    try:
        __import__(module)
    except ModuleNotFoundError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    sentence = "Hypothesis is not installed; expected the extra: pip install 'elevennines[kit]'\n"
    assert done.stdout == 2 * sentence
