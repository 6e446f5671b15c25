"""Multi-Region keys under cuts and crashes, and the residency promise when it is broken."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from regional import create_key, decrypt, encrypt
from relatives_kit import A, B, family, imported, kept, primaries, seen, world

from regions import border
from regions.az import Az
from regions.faults import FAULTS
from regions.hsm.exchange import MaterialWrapped
from regions.kms import relatives
from regions.kms.key import Key
from scenarios.arena import Arena
from sim.network import Partition
from sim.plan import FaultLine
from sim.quick import changed
from sim.units import minutes, seconds

ONE = bytes(range(32))
BORDER = ("FamilyUpdate", "ReplicaReport", "ReportTaken", "MaterialWanted", "MaterialSent")


class Cut:
    """A partition between A and B that begins with the n-th message about families."""

    def __init__(self, arena: Arena, after: int) -> None:
        self.arena, self.left, self.rule = arena, after, Partition(one=A, other=B, both_ways=True)
        self.codec = arena.world.kernel.codec
        self.most_primaries = 0
        self.key_id = ""
        self.counts = False
        arena.world.tap_frames(self.tap)

    def begin_counting(self) -> None:
        self.counts = True

    def tap(self, _source: str, _target: str, data: bytes) -> None:
        assert self.codec is not None
        if not self.counts or self.codec.name(data) not in BORDER:
            return
        self.most_primaries = max(self.most_primaries, len(primaries(self.arena, self.key_id)))
        self.left -= 1
        if self.left == 0:
            # What was just sent is still on its way, and arrives.
            self.arena.world.at(self.arena.world.now_ns, self.begin)

    def begin(self) -> None:
        self.arena.world.network.add(self.rule)

    def heal(self) -> None:
        if self.left <= 0:
            self.arena.world.network.remove(self.rule)
        self.counts = False
        self.arena.world.run_for(minutes(20))


def cuts(arena: Arena) -> Iterator[Cut]:
    """Yield a cut after each message in turn, until one comes after all that are sent."""
    for step in count(1):
        cut = Cut(arena, step)
        yield cut
        if cut.left > 0:
            assert step > 6, f"only {step} messages were sent"
            return


def test_a_cut_anywhere_in_replicate_key_leaves_a_whole_replica_or_none_to_be_used() -> None:
    with world(A, B) as (arena, promise):
        for cut in cuts(arena):
            cut.key_id = key_id = create_key(arena, A, MultiRegion=True)
            blob = encrypt(arena, key_id, A)
            cut.begin_counting()
            arena.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": B})
            arena.world.run_for(minutes(1))
            replica = kept(arena, B, key_id)
            if replica is not None and replica.state == "Enabled":
                assert decrypt(arena, blob, B) == b"attack at dawn"
            elif replica is not None:
                assert replica.state == "Creating"
            cut.heal()
            assert decrypt(arena, blob, B) == b"attack at dawn"
            assert cut.most_primaries == 1
        assert promise.violations == []


def test_a_cut_anywhere_in_update_primary_region_leaves_one_primary_key_at_most() -> None:
    # Before the move, while it hangs, and exactly one after the cut has healed.
    with world(A, B) as (arena, promise):
        for cut in cuts(arena):
            cut.key_id = key_id = family(arena, B)
            cut.begin_counting()
            arena.api(A, "UpdatePrimaryRegion", {"KeyId": key_id, "PrimaryRegion": B})
            arena.world.run_for(minutes(1))
            assert len(primaries(arena, key_id)) <= 1
            cut.heal()
            assert primaries(arena, key_id) == [B]
            states = [seen(arena, region, key_id)["KeyState"] for region in (A, B)]
            assert (states, cut.most_primaries) == (["Enabled", "Enabled"], 1)
        assert promise.violations == []


def leader(arena: Arena, region: str) -> str:
    azs = [arena.world.kernel.cells[name].actor for name in arena.deployment.azs[region]]
    (found,) = (az.name.rpartition("/")[0] for az in azs if isinstance(az, Az) and az.leads)
    return found


def suffer(arena: Arena, line: str) -> Any:
    parsed = FaultLine.parse(line, FAULTS)
    fault = FAULTS[parsed.fault](parsed.target, **dict(parsed.options))
    arena.world.at(arena.world.now_ns, fault.inject, arena.world)
    return fault


@pytest.mark.parametrize("action", ["ReplicateKey", "UpdatePrimaryRegion"])
def test_the_next_leaders_host_goes_on_where_the_last_one_lost_its_power(action: str) -> None:
    with world(A, B) as (arena, promise):
        key_id = family(arena, *([B] if action == "UpdatePrimaryRegion" else []))
        blob = encrypt(arena, key_id, A)
        arena.api(A, action, {"KeyId": key_id, "ReplicaRegion": B, "PrimaryRegion": B})
        faults = [suffer(arena, f"at 0s power-off {leader(arena, r)} for 1m") for r in (A, B)]
        arena.world.run_for(minutes(1))
        for fault in faults:
            fault.heal(arena.world)
        arena.world.run_for(minutes(3))
        assert decrypt(arena, blob, B) == b"attack at dawn"
        assert primaries(arena, key_id) == [B if action == "UpdatePrimaryRegion" else A]
        assert promise.violations == []


def test_new_material_is_used_nowhere_before_it_is_everywhere() -> None:
    with world(A, B) as (arena, _):
        key_id = family(arena, B)
        before = seen(arena, A, key_id)["CurrentKeyMaterialId"]
        cut = Partition(one=A, other=B, both_ways=True)
        arena.world.network.add(cut)
        arena.api(A, "RotateKeyOnDemand", {"KeyId": key_id})
        arena.world.run_for(minutes(10))
        assert {seen(arena, r, key_id)["CurrentKeyMaterialId"] for r in (A, B)} == {before}
        arena.world.network.remove(cut)
        arena.world.run_for(minutes(20))
        assert before not in {seen(arena, r, key_id)["CurrentKeyMaterialId"] for r in (A, B)}


# ---- the promise about residency, seen to break ----


def broken(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, bug: Any) -> str:
    """Return what the promise says of a replication with a planted bug."""
    monkeypatch.setattr(module, name, bug)
    with world(A, B) as (arena, promise):
        family(arena, B)
        assert promise.violations
        return promise.violations[0].text


def test_a_token_in_what_a_replica_is_told_breaks_residency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = relatives.update_for

    def careless(keyring: Any, key: Key, *rest: Any) -> Any:
        update = told(keyring, key, *rest)
        return changed(update, key=changed(update.key, tokens=key.tokens))

    text = broken(monkeypatch, border, "update_for", careless)
    assert text.startswith("tokens of key mrk-")
    assert " crossed in FamilyUpdate from us-east-1/" in text


def test_imported_material_that_crosses_breaks_residency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from_here = relatives.may_leave

    def generous(key: Key, hbk_id: bytes) -> bytes:
        return from_here(changed(key, origin="AWS_KMS"), hbk_id)

    monkeypatch.setattr(border, "may_leave", generous)
    monkeypatch.setattr("regions.kms.abroad.AWS_KMS", "EXTERNAL")
    with world(A, B) as (arena, promise):
        key_id = create_key(arena, A, MultiRegion=True, Origin="EXTERNAL")
        imported(arena, key_id, ONE, A)
        arena.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": B})
        arena.world.run_for(seconds(5))
        assert promise.violations[0].text.startswith("imported material of key mrk-")


def test_material_that_nobody_offered_a_key_for_breaks_residency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give = border.Border._give

    async def generous(self: Any, message: Any) -> None:
        await give(self, message)
        wrapped = MaterialWrapped(public=b"", sealed=b"material", signature=b"")
        sent = relatives.MaterialSent(transfer=message.transfer, offered=b"", wrapped=wrapped)
        self._actor.send(message.asker, sent)

    text = broken(monkeypatch, border.Border, "_give", generous)
    assert text.startswith("unasked material of key mrk-")


def test_the_family_of_a_single_region_key_breaks_residency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = relatives.update_for

    def wrong(keyring: Any, key: Key, *rest: Any) -> Any:
        update = told(keyring, key, *rest)
        return changed(update, key=changed(update.key, key_id=key.key_id.removeprefix("mrk-")))

    assert broken(monkeypatch, border, "update_for", wrong).startswith("something of key ")
