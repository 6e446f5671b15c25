"""Random calls under random faults, every answer compared with a small model of the service.

Goal: whatever happens to one AZ at a time, callers of linearizable reads meet one service that
behaves as documented. Method: a call that stays unanswered may or may not have been carried out,
so both models are kept until a later answer tells them apart; at least one must fit each answer.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kms_model import SPECS, Answer, KeyModel, Model, step
from regional import AZS, REGION, booted

from regions.calls import ApiAnswer, ApiCall
from regions.errors import ServiceError
from regions.kms.changes import DescriptionSet, KeyStateSet
from regions.kms.keyring import Keyring
from sim.actor import Expired
from sim.network import Partition
from sim.units import days, seconds
from sim.wire import Overloaded, Unreachable

#: Answers after which a call is made again: the service could not carry it out just now.
AGAIN = ("KMSInternalException", "KeyUnavailableException", "ServiceUnavailableException")
PATIENCE = 40
#: An AZ's HSMs join again within this; were all of them gone at once, only the safe would help.
RECOVERY = seconds(60)
NAMES = st.sampled_from(["alias/a", "alias/b", "alias/c"])
PICK = st.integers(0, 3)


class Service(RuleBasedStateMachine):
    """One region, its callers, and what befalls it."""

    @initialize(seed=st.integers(0, 2**16))
    def open(self, seed: int) -> None:
        self.stack = ExitStack()
        self.arena = self.stack.enter_context(booted(seed=seed, consistency="linearizable"))
        self.world = self.arena.world
        self.calls = 0
        self.possible = [Model()]
        self.ids: list[str] = []
        self.blobs: list[tuple[bytes, str, bytes, dict[str, str]]] = []
        self.down: str = ""
        self.cut: Partition | None = None
        for _ in range(2):
            self.create_key("ENCRYPT_DECRYPT")

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    # ---- calls ----

    def ask(self, action: str, given: Mapping[str, Any]) -> tuple[Answer, bool]:
        """Return the answer of one attempt, and whether it surely tells what happened."""
        self.calls += 1
        call = ApiCall(
            service="kms",
            region=REGION,
            action=action,
            parameters=dict(given),
            principal=self.arena.administrator(),
            source_ip="203.0.113.5",
            user_agent="machine",
            request_id=f"00000000-0000-4000-8000-{self.calls:012}",
        )
        try:
            answer: ApiAnswer = self.world.ask(self.arena.deployment.routers[REGION], call)
        except ServiceError as error:
            return error.code, error.definite
        except (Expired, Overloaded, Unreachable):
            return "unanswered", False
        return answer.body, True

    def call(self, action: str, **given: Any) -> Answer:
        """Make a call until it is answered, and hold the answer against what is possible."""
        for _ in range(PATIENCE):
            now_ns = self.world.calendar_ns
            answer, definite = self.ask(action, given)
            after_ns = self.world.calendar_ns
            before = [model.at(now_ns) for model in self.possible]
            steps = [step(model, action, given, now_ns) for model in before]
            if answer in AGAIN or answer == "unanswered":
                self.possible = before
                if not definite:
                    self.possible = _distinct([*before, *(after for _, after in steps)])
                self.world.run_for(seconds(2))
                continue
            fitting = [after for fits, after in steps if fits(answer)]
            assert fitting, f"{action} {given} answered {answer}; possible: {before}"
            self.possible = _distinct([model.at(after_ns) for model in fitting])
            return answer
        raise AssertionError(f"{action} was not answered, with {self.down or self.cut} away")

    def key(self, pick: int) -> str:
        return (
            self.ids[pick % len(self.ids)] if self.ids else "0987dcba-09fe-87dc-65ba-ab0987654321"
        )

    @rule(usage=st.sampled_from(sorted(SPECS)))
    @precondition(lambda self: len(self.ids) < 6)
    def create_key(self, usage: str) -> None:
        for _ in range(PATIENCE):
            answer, _ = self.ask("CreateKey", SPECS[usage])
            if not isinstance(answer, str):
                break
            assert answer in (*AGAIN, "unanswered"), answer
            self.world.run_for(seconds(2))
        assert not isinstance(answer, str), "CreateKey was not answered"
        seen = answer["KeyMetadata"]
        assert (seen["KeyState"], seen["KeyUsage"]) == ("Enabled", usage)
        self.ids.append(seen["KeyId"])
        born = {seen["KeyId"]: KeyModel(usage)}
        self.possible = [Model({**m.keys, **born}, m.aliases) for m in self.possible]

    @rule(
        action=st.sampled_from(
            ["EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"]
        ),
        pick=PICK,
    )
    def change_state(self, action: str, pick: int) -> None:
        more = {"PendingWindowInDays": 7} if action == "ScheduleKeyDeletion" else {}
        self.call(action, KeyId=self.key(pick), **more)
        self.call("DescribeKey", KeyId=self.key(pick))

    @rule(pick=PICK, alias=st.none() | NAMES)
    def describe(self, pick: int, alias: str | None) -> None:
        self.call("DescribeKey", KeyId=alias or self.key(pick))

    @rule(pick=PICK, name=NAMES, action=st.sampled_from(["CreateAlias", "UpdateAlias"]))
    def name(self, pick: int, name: str, action: str) -> None:
        self.call(action, AliasName=name, TargetKeyId=self.key(pick))
        self.call("DescribeKey", KeyId=name)

    @rule(name=NAMES)
    def unname(self, name: str) -> None:
        self.call("DeleteAlias", AliasName=name)

    @rule()
    def list_aliases(self) -> None:
        self.call("ListAliases")

    @rule(pick=PICK, text=st.sampled_from(["", "one", "two"]))
    def label(self, pick: int, text: str) -> None:
        self.call("UpdateKeyDescription", KeyId=self.key(pick), Description=text)
        self.call("TagResource", KeyId=self.key(pick), Tags=[{"TagKey": "k", "TagValue": text}])
        self.call("ListResourceTags", KeyId=self.key(pick))

    @rule(pick=PICK, alias=st.none() | NAMES, tenant=st.sampled_from(["", "a", "b"]))
    def encrypt(self, pick: int, alias: str | None, tenant: str) -> None:
        context = {"tenant": tenant} if tenant else {}
        plaintext = f"{len(self.blobs)}".encode()
        more = {"EncryptionContext": context} if context else {}
        answer = self.call("Encrypt", KeyId=alias or self.key(pick), Plaintext=plaintext, **more)
        if not isinstance(answer, str):
            key_id = answer["KeyId"].rpartition("/")[2]
            self.blobs.append((answer["CiphertextBlob"], key_id, plaintext, context))

    @rule(pick=PICK, tenant=st.sampled_from(["", "a", "b"]))
    @precondition(lambda self: self.blobs)
    def decrypt(self, pick: int, tenant: str) -> None:
        blob, key_id, plaintext, sealed_for = self.blobs[pick % len(self.blobs)]
        context = {"tenant": tenant} if tenant else {}
        more = {"EncryptionContext": context} if context else {}
        for _ in range(PATIENCE):
            answer, _ = self.ask("Decrypt", {"CiphertextBlob": blob, **more})
            if answer not in (*AGAIN, "unanswered"):
                break
            self.world.run_for(seconds(2))
        models = [model.at(self.world.calendar_ns) for model in self.possible]
        states = {m.keys[key_id].state if key_id in m.keys else "gone" for m in models}
        errors = {
            "gone": "AccessDeniedException",  # Which keys there are is not told.
            "Disabled": "DisabledException",
            "PendingDeletion": "KMSInvalidStateException",
        }
        expected = {errors[state] for state in states if state in errors}
        if "Enabled" in states and context != sealed_for:
            expected.add("InvalidCiphertextException")
        if isinstance(answer, str):
            assert answer in expected, (answer, states)
        else:
            assert "Enabled" in states
            assert context == sealed_for
            assert answer["Plaintext"] == plaintext

    @rule(pick=PICK)
    def use_for_what_it_may_not_be_for(self, pick: int) -> None:
        message = {"KeyId": self.key(pick), "Message": b"m"}
        self.call("Sign", **message, SigningAlgorithm="ECDSA_SHA_256")
        self.call("GenerateMac", **message, MacAlgorithm="HMAC_SHA_256")
        self.call("GenerateDataKey", KeyId=self.key(pick), KeySpec="AES_128")

    # ---- time and faults ----

    @rule(wait=st.sampled_from([seconds(1), days(1), days(8)]))
    def time_passes(self, wait: int) -> None:
        # A cut keeps a group awake, and days of that are long.
        self.world.run_for(seconds(20) if self.down or self.cut else wait)

    @rule(az=st.sampled_from(AZS))
    @precondition(lambda self: not self.down and self.cut is None)
    def an_az_is_lost(self, az: str) -> None:
        self.world.power_off(az)
        self.down = az

    @rule(az=st.sampled_from(AZS))
    @precondition(lambda self: not self.down and self.cut is None)
    def an_az_restarts(self, az: str) -> None:
        self.world.power_off(az)
        self.world.power_on(az)
        self.world.run_for(RECOVERY)

    @rule(az=st.sampled_from(AZS), both_ways=st.booleans())
    @precondition(lambda self: not self.down and self.cut is None)
    def an_az_is_cut_off(self, az: str, *, both_ways: bool) -> None:
        others = [other for other in AZS if other != az]
        self.cut = Partition(one=az, other=others[0], both_ways=both_ways)
        self.world.add_rule(self.cut)

    @rule()
    @precondition(lambda self: self.down or self.cut is not None)
    def all_is_well_again(self) -> None:
        if self.down:
            self.world.power_on(self.down)
            self.down = ""
        if self.cut is not None:
            self.world.remove_rule(self.cut)
            self.cut = None
        self.world.run_for(RECOVERY)


def _distinct(models: list[Model]) -> list[Model]:
    found: list[Model] = []
    for model in models:
        if model not in found:
            found.append(model)
    return found


def run(examples: int, steps: int, **more: Any) -> None:
    chosen = settings(max_examples=examples, stateful_step_count=steps, deadline=None, **more)
    run_state_machine_as_test(Service, settings=chosen)


def test_every_answer_fits_a_model_of_the_service_under_faults() -> None:
    run(6, 30)


@pytest.mark.parametrize("forgotten", [DescriptionSet, KeyStateSet])
def test_a_change_that_is_acknowledged_and_not_made_is_noticed(
    forgotten: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    table: dict[Any, Any] = Keyring._APPLY
    monkeypatch.setitem(table, forgotten, lambda ring, change: ring.key(change.key_id))
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(40, 30, phases=(Phase.generate,), report_multiple_bugs=False, derandomize=True)


@pytest.mark.campaign
def test_many_answers_fit_a_model_of_the_service_under_faults() -> None:
    run(300, 80)
