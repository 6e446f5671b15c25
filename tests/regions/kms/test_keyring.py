"""The replicated state machine: equal commands, equal replicas; copies; races."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from regions.kms.changes import (
    LOG_CODEC,
    AliasCreated,
    AliasMoved,
    Command,
    DeletionCancelled,
    DeletionScheduled,
    DomainTokenStored,
    KeyCreated,
    KeyPurged,
    KeyStateSet,
    ManagedKeyCreated,
    PolicyPut,
)
from regions.kms.key import Key
from regions.kms.keyring import Applied, Keyring
from regions.kms.schedule import Schedule
from sim.wire import FrameError, Message

ACCOUNTS = ("111122223333", "444455556666")


def key_of(number: int, account: str = ACCOUNTS[0], service: str = "") -> Key:
    token = bytes(12) + number.to_bytes(32, "big")  # only its place for the HBK id is read
    return Key(
        key_id=f"00000000-0000-4000-8000-{number:012x}",
        account=account,
        sequence=0,
        created_ns=number,
        manager="AWS" if service else "CUSTOMER",
        service=service,
        tokens=(token,),
    )


def apply(keyring: Keyring, change: Message) -> Applied:
    return keyring.apply(Command(change=change, record=None))


class Replicas(RuleBasedStateMachine):
    """Two replicas fed alike, one of which is restored from a snapshot now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.ring, self.twin = Keyring("us-east-1"), Keyring("us-east-1")
        self.number = 0
        self.ids: list[str] = []

    def feed(self, change: Message) -> Applied:
        frame = LOG_CODEC.encode(Command(change=change, record=None))
        applied = self.ring.apply(LOG_CODEC.decode(frame))
        again = self.twin.apply(LOG_CODEC.decode(frame))
        assert (applied.result, str(applied.error)) == (again.result, str(again.error))
        return applied

    @rule(account=st.sampled_from(ACCOUNTS))
    def create(self, account: str) -> None:
        self.number += 1
        created: Any = self.feed(KeyCreated(key=key_of(self.number, account))).result
        self.ids.append(created.key_id)

    @rule(account=st.sampled_from(ACCOUNTS), service=st.sampled_from(["ssm", "s3"]))
    def first_use(self, account: str, service: str) -> None:
        self.number += 1
        drawn = key_of(self.number, account, service)
        standing: Any = self.feed(ManagedKeyCreated(key=drawn)).result
        assert (standing.account, standing.service) == (account, service)
        assert self.ring.alias(account, f"alias/aws/{service}").key_id == standing.key_id

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        key_id = data.draw(st.sampled_from(self.ids))
        change = data.draw(
            st.sampled_from(
                [
                    KeyStateSet(key_id=key_id, action="DisableKey", state="Disabled"),
                    KeyStateSet(key_id=key_id, action="EnableKey", state="Enabled"),
                    DeletionScheduled(key_id=key_id, deletion_ns=1_000),
                    DeletionCancelled(key_id=key_id),
                    KeyPurged(key_id=key_id, time_ns=1_000),
                    PolicyPut(key_id=key_id, policy="{}"),
                    AliasCreated(name="alias/a", key_id=key_id, time_ns=self.number),
                    AliasCreated(name="alias/b", key_id=key_id, time_ns=self.number),
                    AliasMoved(name="alias/a", key_id=key_id, time_ns=self.number),
                ]
            )
        )
        before = self.ring.digest()
        applied = self.feed(change)
        if applied.error is not None:
            assert self.ring.digest() == before

    @rule()
    def restart(self) -> None:
        self.twin = Keyring("us-east-1")
        self.twin.restore(self.ring.snapshot())

    @invariant()
    def replicas_are_equal(self) -> None:
        assert self.ring.digest() == self.twin.digest()

    @invariant()
    def indexes_agree(self) -> None:
        listed = [key for a in ACCOUNTS for key in self.twin.keys_after(a, 0, 10_000)]
        assert len(listed) == len(self.ring)
        for key in listed:
            names = self.ring.alias_names(key.key_id)
            assert names == self.twin.alias_names(key.key_id)
            for name in names:
                assert self.ring.alias(key.account, name).key_id == key.key_id
        deleting = [key for key in listed if key.deletion_ns]
        assert (self.ring.next_purge() is None) is (not deleting)
        assert self.ring.next_purge() == self.twin.next_purge()
        assert self.ring.next_rotation() == self.twin.next_rotation()


Replicas.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_replicas_converge = Replicas.TestCase


def test_a_command_agreed_on_twice_makes_one_key() -> None:
    ring = Keyring("us-east-1")
    first = apply(ring, KeyCreated(key=key_of(1)))
    assert apply(ring, KeyCreated(key=key_of(1))).result == first.result
    assert len(ring) == 1


def test_an_older_domain_token_does_not_replace_a_newer_one() -> None:
    ring = Keyring("us-east-1")

    def token(version: int, data: bytes) -> DomainTokenStored:
        return DomainTokenStored(
            token=data, version=version, active_key=1, members=("a",), time_ns=version
        )

    assert apply(ring, token(2, b"second")).result == token(2, b"second")
    for late in (token(1, b"first"), token(2, b"other second")):
        assert apply(ring, late).result == token(2, b"second")
    assert ring.domain == token(2, b"second")
    assert ring.domain_rotated_ns == 2


def test_a_restored_replica_is_the_old_one_and_bad_bytes_are_refused() -> None:
    ring, other = Keyring("us-east-1"), Keyring("us-east-1")
    for number in range(1, 4):
        apply(ring, KeyCreated(key=key_of(number)))
    apply(other, KeyCreated(key=key_of(9)))
    other.restore(ring.snapshot())
    assert other.snapshot() == ring.snapshot()
    assert sorted(other.hbk_ids()) == [n.to_bytes(32, "big") for n in (1, 2, 3)]
    with pytest.raises(FrameError):
        other.restore(b"\xc1")


def test_a_page_goes_on_behind_a_purged_key() -> None:
    ring = Keyring("us-east-1")
    for number in range(1, 6):
        apply(ring, KeyCreated(key=key_of(number)))
    second = ring.keys_after(ACCOUNTS[0], 1, 1)[0]
    apply(ring, DeletionScheduled(key_id=second.key_id, deletion_ns=5))
    assert apply(ring, KeyPurged(key_id=second.key_id, time_ns=4)) == Applied(None, None, None)
    apply(ring, KeyPurged(key_id=second.key_id, time_ns=5))
    assert [key.sequence for key in ring.keys_after(ACCOUNTS[0], 2, 2)] == [3, 4]
    assert [key.sequence for key in ring.keys_after(ACCOUNTS[0], 0, 9)] == [1, 3, 4, 5]


def test_a_schedule_keeps_one_time_per_key_and_the_earliest_first() -> None:
    due = Schedule()
    due.put("b", 5)
    due.put("a", 5)
    due.put("c", 1)
    due.put("c", 9)
    assert due.first() == (5, "a")
    due.drop("a")
    due.drop("absent")
    assert (due.first(), due.due_ns("c"), due.due_ns("a")) == ((5, "b"), 9, None)
