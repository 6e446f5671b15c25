"""Families of multi-Region keys as a state machine: any message may be lost, late, or come again.

Goal: at no time two primary keys; and once everything that is owed arrives, one, with all relatives
of one mind. Method: three keyrings without HSMs; whatever one owes another goes into a bag, from
which the machine delivers what it likes, as often as it likes.
"""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from regions.hsm.keytoken import hbk_id_of
from regions.kms.abroad import FAREWELL, FETCH, REPORT, UPDATE
from regions.kms.changes import (
    LOG_CODEC,
    Command,
    DeletionScheduled,
    KeyCreated,
    KeyPurged,
    KeyStateSet,
)
from regions.kms.family_rules import BIRTH_VALID_NS, report_of
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.material import Birth, Family, Report
from regions.kms.material_changes import (
    FamilyUpdated,
    MaterialArrived,
    MaterialRotated,
    PrimaryMoveAsked,
    ReplicaAsked,
    ReplicaReported,
    ReportKept,
    RotationAsked,
    RotationSet,
)
from regions.kms.relatives import update_for
from sim.quick import changed
from sim.units import days
from sim.wire import Message

REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-1")
KEY_ID = "mrk-" + "a" * 32
NOON_NS = 1_767_268_800_000_000_000


def token(number: int) -> bytes:
    """A key token that nobody opens; only its header is read."""
    hbk_id = hbk_id_of(KEY_ID, number.to_bytes(32, "big"))
    return b"EKT\1" + (1).to_bytes(8, "big") + hbk_id + KEY_ID.encode() + bytes(60)


class Families(RuleBasedStateMachine):
    """One family over three regions."""

    def __init__(self) -> None:
        super().__init__()
        self.rings = {region: Keyring(region, sites=REGIONS) for region in REGIONS}
        self.tokens = {token(1)[12:44]: token(1)}
        self.bag: list[tuple[str, Any]] = []  #: everything that was ever sent, and to whom
        self.now_ns = NOON_NS
        first = Key(
            key_id=KEY_ID,
            account="111122223333",
            sequence=0,
            created_ns=NOON_NS,
            tokens=(token(1),),
            family=Family(primary=REGIONS[0]),
        )
        self.feed(REGIONS[0], KeyCreated(key=first))

    def feed(self, region: str, change: Message) -> None:
        frame = LOG_CODEC.encode(Command(change=change, record=None))
        self.rings[region].apply(LOG_CODEC.decode(frame))

    def tick(self) -> int:
        self.now_ns += 1
        return self.now_ns

    def owed(self) -> list[tuple[str, Any]]:
        return [(here, one) for here, ring in self.rings.items() for one in ring.abroad.errands()]

    def pay(self, here: str, errand: Any) -> None:
        """Put what an errand sends into the bag; fetched material arrives at once."""
        ring = self.rings[here]
        key: Any = ring.key(errand.key_id)
        gone = errand.kind == FAREWELL
        if errand.kind == UPDATE:
            told = update_for(ring, key, errand.region, b"", self.tick())
            change: Message = FamilyUpdated(
                key_id=KEY_ID,
                key=told.key,
                source=here,
                signer=b"",
                birth=told.birth,
                told_ns=told.time_ns,
                time_ns=self.tick(),
            )
            self.bag.append((errand.region, change))
        elif errand.kind == FETCH:
            fetched = self.tokens[errand.hbk_id]
            self.feed(here, MaterialArrived(key_id=KEY_ID, token=fetched, time_ns=self.tick()))
        else:
            assert errand.kind in (REPORT, FAREWELL)
            report = Report(region=here, version=0, held=()) if gone else report_of(key, here)
            change = ReplicaReported(
                key_id=KEY_ID, report=report, gone=gone, signer=b"", time_ns=self.tick()
            )
            self.bag.append((errand.region, change))

    def deliver(self, target: str, change: Message) -> None:
        self.feed(target, change)
        if isinstance(change, ReplicaReported):
            key = self.rings[target].key(KEY_ID)
            family = None if key is None else key.family
            report = change.report
            known = family is not None and (
                report.region not in family.members
                if change.gone
                else family.report(report.region) == report
            )
            if known:
                taken = ReportKept(key_id=KEY_ID, report=report, gone=change.gone)
                self.bag.append((report.region, taken))

    def ask(self, region: str, change: Message) -> None:
        """Have an owner ask for something; refusals are fine."""
        self.feed(region, change)

    @rule(here=st.sampled_from(REGIONS), there=st.sampled_from(REGIONS))
    def replicate(self, here: str, there: str) -> None:
        birth = Birth(region=there, policy="", description="", tags=None)
        self.ask(here, ReplicaAsked(key_id=KEY_ID, birth=birth))

    @rule(here=st.sampled_from(REGIONS), there=st.sampled_from(REGIONS))
    def move(self, here: str, there: str) -> None:
        self.ask(here, PrimaryMoveAsked(key_id=KEY_ID, region=there))

    @rule(region=st.sampled_from(REGIONS), enabled=st.booleans())
    def set_rotation(self, region: str, enabled: bool) -> None:
        action = "EnableKeyRotation" if enabled else "DisableKeyRotation"
        change = RotationSet(
            key_id=KEY_ID, action=action, enabled=enabled, period_days=90, time_ns=self.tick()
        )
        self.ask(region, change)

    @rule(region=st.sampled_from(REGIONS))
    def rotate(self, region: str) -> None:
        self.ask(region, RotationAsked(key_id=KEY_ID, time_ns=self.tick()))
        key, fresh = self.rings[region].key(KEY_ID), token(len(self.tokens) + 1)
        if key is not None and self.rings[region].next_rotation() is not None:
            self.tokens[fresh[12:44]] = fresh
            change = MaterialRotated(
                key_id=KEY_ID,
                previous_hbk_id=key.current.hbk_id,
                token=fresh,
                time_ns=self.tick(),
            )
            self.feed(region, change)

    @rule(region=st.sampled_from(REGIONS), state=st.sampled_from(["Enabled", "Disabled"]))
    def switch(self, region: str, state: str) -> None:
        action = "EnableKey" if state == "Enabled" else "DisableKey"
        self.ask(region, KeyStateSet(key_id=KEY_ID, action=action, state=state))

    @rule(region=st.sampled_from(REGIONS))
    def purge_a_replica(self, region: str) -> None:
        key = self.rings[region].key(KEY_ID)
        if key is None or key.family is None or key.family.primary == region:
            return
        due_ns = self.now_ns + days(7)
        self.ask(region, DeletionScheduled(key_id=KEY_ID, deletion_ns=due_ns, window_days=7))
        self.now_ns = due_ns
        self.feed(region, KeyPurged(key_id=KEY_ID, time_ns=self.tick()))

    @precondition(lambda self: self.owed())
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        self.pay(*data.draw(st.sampled_from(self.owed())))

    @precondition(lambda self: self.bag)
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        self.deliver(*data.draw(st.sampled_from(self.bag[-12:])))

    @rule(region=st.sampled_from(REGIONS))
    def restart(self, region: str) -> None:
        snapshot = self.rings[region].snapshot()
        fresh = Keyring(region, sites=REGIONS)
        fresh.restore(snapshot)
        assert set(fresh.abroad.errands()) == set(self.rings[region].abroad.errands())
        self.rings[region] = fresh

    def keys(self) -> dict[str, Key]:
        found = {region: ring.key(KEY_ID) for region, ring in self.rings.items()}
        return {region: key for region, key in found.items() if key is not None}

    def primaries(self) -> list[str]:
        return [r for r, key in self.keys().items() if key.family and key.family.primary == r]

    @invariant()
    def there_are_never_two_primary_keys(self) -> None:
        assert len(self.primaries()) <= 1

    @invariant()
    def material_in_use_is_everywhere(self) -> None:
        keys = self.keys()
        for region in self.primaries():
            current = keys[region].current.hbk_id
            for other, key in keys.items():
                if key.state not in ("Creating", "PendingDeletion") and not self._leaving(other):
                    assert key.material(current) is not None

    def _leaving(self, region: str) -> bool:
        """Say whether the primary key's region does not count a key among its relatives."""
        families = [self.keys()[one].family for one in self.primaries()]
        return any(family is not None and region not in family.members for family in families)

    def teardown(self) -> None:
        """Let everything arrive that is owed: the family ends whole, with one primary key."""
        for _ in range(200):
            owed = self.owed()
            if not owed:
                break
            for here, errand in owed:
                if errand in set(self.rings[here].abroad.errands()):
                    sent = len(self.bag)
                    self.pay(here, errand)
                    for place in range(sent, len(self.bag)):
                        self.deliver(*self.bag[place])
                    while sent < len(self.bag) - 1:
                        sent += 1
                        self.deliver(*self.bag[sent])
        assert self.owed() == []
        assert len(self.primaries()) == 1
        keys = self.keys()
        families = [key.family for key in keys.values() if key.family is not None]
        assert {family.version for family in families} == {families[0].version}
        assert {frozenset(family.members) for family in families} == {frozenset(keys)}
        assert {key.rotation for key in keys.values()} == {next(iter(keys.values())).rotation}
        for key in keys.values():
            assert all(key.tokens), "material is missing"
            assert key.state in ("Enabled", "Disabled", "PendingDeletion")


FamiliesTest = Families.TestCase
FEW = settings(
    max_examples=60, stateful_step_count=40, deadline=None, database=None, derandomize=True
)
FamiliesTest.settings = FEW


@pytest.mark.campaign
def test_families_come_through_many_histories() -> None:
    many = settings(FEW, max_examples=3_000, stateful_step_count=60)
    run_state_machine_as_test(Families, settings=many)


def test_a_birth_that_was_told_long_ago_brings_no_purged_replica_back() -> None:
    # The replica it once brought may have lived and been purged, which takes a week.
    here, there, _ = REGIONS
    world = Families()
    birth = Birth(region=there, policy="", description="", tags=None)
    world.feed(here, ReplicaAsked(key_id=KEY_ID, birth=birth))
    world.pay(*world.owed()[0])
    ((target, told),) = world.bag
    world.feed(target, changed(told, time_ns=told.time_ns + BIRTH_VALID_NS + days(6)))
    assert set(world.keys()) == {here}
    world.feed(target, told)
    assert set(world.keys()) == {here, there}
