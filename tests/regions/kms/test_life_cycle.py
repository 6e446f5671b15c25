"""A customer's keys through random lives, against a model of a few lines."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from regions.errors import ServiceError
from sim.units import days

#: State to what each action makes of it; an action that is missing is refused.
MODEL = {
    "Enabled": {
        "EnableKey": "Enabled",
        "DisableKey": "Disabled",
        "ScheduleKeyDeletion": "PendingDeletion",
    },
    "Disabled": {
        "EnableKey": "Enabled",
        "DisableKey": "Disabled",
        "ScheduleKeyDeletion": "PendingDeletion",
    },
    "PendingDeletion": {"CancelKeyDeletion": "Disabled"},
}
REFUSAL = {"Disabled": "DisabledException", "PendingDeletion": "KMSInvalidStateException"}
ACTIONS = ["EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"]
CONTEXTS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)


def life_cycle(desk_class: type[Any]) -> type[RuleBasedStateMachine]:
    class LifeCycle(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.desk = desk_class()
            self.states: dict[str, str] = {}
            self.deadlines: dict[str, int] = {}
            self.sealed: list[tuple[str, bytes, dict[str, str], bytes]] = []

        @precondition(lambda self: len(self.states) < 4)
        @rule()
        def create(self) -> None:
            self.states[self.desk.create_key()] = "Enabled"

        @precondition(lambda self: self.states)
        @rule(data=st.data(), context=CONTEXTS, plaintext=st.binary(min_size=1, max_size=20))
        def encrypt(self, data: Any, context: dict[str, str], plaintext: bytes) -> None:
            key_id = data.draw(st.sampled_from(sorted(self.states)))
            answer = self.desk.outcome(
                "Encrypt", KeyId=key_id, Plaintext=plaintext, EncryptionContext=context
            ).answer
            if self.states[key_id] == "Enabled":
                self.sealed.append((key_id, answer.body["CiphertextBlob"], context, plaintext))
            else:
                assert answer.code == REFUSAL[self.states[key_id]]

        @precondition(lambda self: self.sealed)
        @rule(data=st.data(), guess=CONTEXTS)
        def decrypt(self, data: Any, guess: dict[str, str]) -> None:
            key_id, blob, context, plaintext = data.draw(st.sampled_from(self.sealed))
            for tried in (context, guess):
                answer = self.desk.outcome(
                    "Decrypt", CiphertextBlob=blob, EncryptionContext=tried
                ).answer
                state = self.states.get(key_id)
                if state is None:  # purged: no blob of it opens ever again
                    assert answer.code == "AccessDeniedException"
                elif state != "Enabled":
                    assert answer.code == REFUSAL[state]
                elif tried == context:
                    assert answer.body["Plaintext"] == plaintext
                else:
                    assert answer.code == "InvalidCiphertextException"

        @precondition(lambda self: self.states)
        @rule(data=st.data(), action=st.sampled_from(ACTIONS))
        def manage(self, data: Any, action: str) -> None:
            key_id = data.draw(st.sampled_from(sorted(self.states)))
            answer = self.desk.outcome(action, KeyId=key_id).answer
            after = MODEL[self.states[key_id]].get(action)
            if after is None:
                assert answer.code == "KMSInvalidStateException"
                return
            assert not isinstance(answer, ServiceError)
            self.states[key_id] = after
            self.deadlines.pop(key_id, None)
            if after == "PendingDeletion":
                self.deadlines[key_id] = self.desk.now_ns + days(30)

        @rule(span_days=st.sampled_from([1, 8, 31]))
        def pass_time(self, span_days: int) -> None:
            self.desk.run_jobs(days(span_days))
            gone = [key for key, due in self.deadlines.items() if due <= self.desk.now_ns]
            for key_id in gone:
                del self.states[key_id], self.deadlines[key_id]

        @invariant()
        def the_inventory_is_the_models(self) -> None:
            shown = {
                entry["KeyId"]: self.desk.call("DescribeKey", KeyId=entry["KeyId"])
                for entry in self.desk.call("ListKeys")["Keys"]
            }
            assert {k: body["KeyMetadata"]["KeyState"] for k, body in shown.items()} == self.states
            assert self.desk.keyring.digest() == self.desk.twin.digest()

    return LifeCycle


def test_cmk_10_keys_live_as_the_model_says_and_blobs_open_until_the_purge(kit: Any) -> None:
    """CMK-10: the customer leads keys through their whole life; domain keys rotate meanwhile."""
    machine = life_cycle(kit.Desk).TestCase
    machine.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
    machine().runTest()
