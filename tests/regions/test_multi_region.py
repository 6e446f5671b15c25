"""Multi-Region keys in whole worlds: what relatives share, and what cuts and crashes leave behind.

The regions' own residency promise taps every world here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from kms_wrapping import bring
from regional import booted, create_key, decrypt, encrypt

from regions import border
from regions.az import Az
from regions.errors import (
    AlreadyExistsException,
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    NotFoundException,
    ServiceError,
    UnsupportedOperationException,
)
from regions.faults import FAULTS
from regions.hsm.exchange import MaterialWrapped
from regions.kms import relatives
from regions.kms.key import Key
from scenarios.arena import Arena
from scenarios.invariants.residency import Residency
from sim.network import Partition
from sim.plan import FaultLine
from sim.quick import changed
from sim.units import days, minutes, seconds

A, B, C = "us-east-1", "eu-west-1", "ap-northeast-1"
BORDER = ("FamilyUpdate", "ReplicaReport", "ReportTaken", "MaterialWanted", "MaterialSent")


@contextmanager
def world(*regions: str, seed: int = 7) -> Iterator[tuple[Arena, Residency]]:
    with booted(*regions, seed=seed) as arena:
        promise = Residency()
        promise.attach(arena)
        yield arena, promise


@pytest.fixture(scope="module")
def three() -> Iterator[Arena]:
    """Three regions without any fault, for tests that each use a key of their own."""
    with world(A, B, C) as (arena, promise):
        yield arena
        assert promise.violations == []
        assert promise.checked > 0


def family(arena: Arena, *replicas: str, **parameters: Any) -> str:
    """Return a key that is primary in A and has replicas elsewhere."""
    key_id = create_key(arena, A, MultiRegion=True, **parameters)
    for region in replicas:
        arena.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": region})
    arena.world.run_for(seconds(5))
    return key_id


def seen(arena: Arena, region: str, key_id: str) -> Any:
    return arena.api(region, "DescribeKey", {"KeyId": key_id})["KeyMetadata"]


def arn(region: str, key_id: str) -> str:
    return f"arn:aws:kms:{region}:111122223333:key/{key_id}"


def kept(arena: Arena, region: str, key_id: str) -> Key | None:
    """Return the key as the region's furthest replica keeps it."""
    azs = [arena.world.kernel.cells[name].actor for name in arena.deployment.azs[region]]
    up = [az for az in azs if isinstance(az, Az)]
    return max(up, key=lambda az: az._applied).keyring.key(key_id)


def primaries(arena: Arena, key_id: str) -> list[str]:
    found = {region: kept(arena, region, key_id) for region in arena.deployment.azs}
    return [r for r, key in found.items() if key and key.family and key.family.primary == r]


def test_kms_10_each_relative_opens_what_any_of_them_sealed(three: Arena) -> None:
    """KMS-10: material crosses for a multi-Region key alone; the blob names its key and material."""
    key_id = family(three, B, C)
    for sealing in (A, B, C):
        blob = encrypt(three, key_id, sealing)
        assert {decrypt(three, blob, opening) for opening in (A, B, C)} == {b"attack at dawn"}


def test_a_replica_checks_what_the_primary_hmac_key_has_authenticated(three: Arena) -> None:
    key_id = family(three, B, KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")
    given = {"KeyId": key_id, "Message": b"hello", "MacAlgorithm": "HMAC_SHA_384"}
    mac = three.api(A, "GenerateMac", given)["Mac"]
    assert three.api(B, "VerifyMac", {**given, "Mac": mac})["MacValid"]


def test_another_regions_blob_of_a_single_region_key_opens_nowhere_else(three: Arena) -> None:
    blob = encrypt(three, create_key(three, A))
    with pytest.raises(ServiceError, match=r"^AccessDeniedException: The ciphertext refers to a "):
        decrypt(three, blob, B)


def test_the_answer_and_the_metadata_name_all_relatives(three: Arena) -> None:
    key_id = create_key(three, A, MultiRegion=True)
    assert key_id.startswith("mrk-")
    asked = {"KeyId": key_id, "ReplicaRegion": B, "Description": "of B", "Tags": [TAG]}
    answer = three.api(A, "ReplicateKey", asked)
    told = answer["ReplicaKeyMetadata"]
    assert (told["Arn"], told["KeyState"], told["Description"]) == (
        arn(B, key_id),
        "Creating",
        "of B",
    )
    assert answer["ReplicaTags"] == (TAG,)
    three.world.run_for(seconds(5))
    relatives_of = {
        "PrimaryKey": {"Arn": arn(A, key_id), "Region": A},
        "ReplicaKeys": ({"Arn": arn(B, key_id), "Region": B},),
    }
    for region, kind in ((A, "PRIMARY"), (B, "REPLICA")):
        config = seen(three, region, key_id)["MultiRegionConfiguration"]
        assert config == {"MultiRegionKeyType": kind, **relatives_of}
    assert seen(three, B, key_id)["KeyState"] == "Enabled"
    ids = {seen(three, region, key_id)["CurrentKeyMaterialId"] for region in (A, B)}
    assert len(ids) == 1


TAG = {"TagKey": "team", "TagValue": "b"}


def test_what_relatives_do_not_share_stays_their_own(three: Arena) -> None:
    key_id = create_key(three, A, MultiRegion=True, Description="of A")
    asked = {"KeyId": key_id, "ReplicaRegion": B, "Description": "of B", "Tags": [TAG]}
    three.api(A, "ReplicateKey", asked)
    three.world.run_for(seconds(5))
    three.api(B, "DisableKey", {"KeyId": key_id})
    three.api(B, "CreateAlias", {"AliasName": "alias/own", "TargetKeyId": key_id})
    three.world.run_for(seconds(5))
    told = {region: seen(three, region, key_id) for region in (A, B)}
    assert {r: (m["KeyState"], m["Description"]) for r, m in told.items()} == {
        A: ("Enabled", "of A"),
        B: ("Disabled", "of B"),
    }
    tags = {r: three.api(r, "ListResourceTags", {"KeyId": key_id})["Tags"] for r in (A, B)}
    assert tags == {A: (), B: (TAG,)}
    assert three.api(A, "ListAliases", {"KeyId": key_id})["Aliases"] == ()


def test_rotation_is_set_on_the_primary_key_and_shown_by_all(three: Arena) -> None:
    key_id = family(three, B)
    three.api(A, "EnableKeyRotation", {"KeyId": key_id, "RotationPeriodInDays": 100})
    three.world.run_for(seconds(5))
    status = {r: three.api(r, "GetKeyRotationStatus", {"KeyId": key_id}) for r in (A, B)}
    assert [status[r]["RotationPeriodInDays"] for r in (A, B)] == [100, 100]
    assert status[A]["NextRotationDate"] == status[B]["NextRotationDate"]
    text = f"^UnsupportedOperationException: {arn(B, key_id)} is not a multi-region primary key.$"
    for action in ("EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"):
        with pytest.raises(UnsupportedOperationException, match=text):
            three.api(B, action, {"KeyId": key_id})


def test_new_material_reaches_all_and_old_ciphertext_opens_everywhere(three: Arena) -> None:
    """CMK-12: rotation of a whole family; each region has its RotateKey event."""
    key_id = family(three, B, C)
    old = encrypt(three, key_id, B)
    before = seen(three, A, key_id)["CurrentKeyMaterialId"]
    three.api(A, "RotateKeyOnDemand", {"KeyId": key_id})
    three.world.run_for(seconds(20))
    ids = {seen(three, region, key_id)["CurrentKeyMaterialId"] for region in (A, B, C)}
    assert len(ids) == 1
    assert before not in ids
    new = encrypt(three, key_id, C)
    for region in (A, B, C):
        assert decrypt(three, old, region) == decrypt(three, new, region) == b"attack at dawn"
        listed = three.api(region, "ListKeyRotations", {"KeyId": key_id})["Rotations"]
        assert [entry["RotationType"] for entry in listed] == ["ON_DEMAND"]
    three.world.run_for(minutes(16))
    for region in (A, B, C):
        attribute = {"AttributeKey": "EventName", "AttributeValue": "RotateKey"}
        found = three.api(
            region, "LookupEvents", {"LookupAttributes": [attribute]}, service="cloudtrail"
        )
        names = [event["Resources"][0]["ResourceName"] for event in found["Events"]]
        assert names.count(arn(region, key_id)) == 1


def test_a_family_has_one_key_in_a_region_and_only_the_primary_replicates(three: Arena) -> None:
    key_id = family(three, B)
    refused = (
        (A, key_id, B, AlreadyExistsException, "already exists"),
        (A, key_id, A, AlreadyExistsException, "already exists"),
        (B, key_id, C, UnsupportedOperationException, "is not a multi-region primary key."),
        (A, key_id, "sa-east-1", UnsupportedOperationException, "is not part of this world."),
        (A, create_key(three), B, UnsupportedOperationException, "multi-region primary key."),
    )
    for region, key, target, error, end in refused:
        with pytest.raises(error, match=f"{end}$"):
            three.api(region, "ReplicateKey", {"KeyId": key, "ReplicaRegion": target})


def test_the_primary_key_moves_and_its_rights_with_it(three: Arena) -> None:
    key_id = family(three, B, C)
    three.api(A, "UpdatePrimaryRegion", {"KeyId": key_id, "PrimaryRegion": B})
    assert seen(three, A, key_id)["KeyState"] == "Updating"
    assert decrypt(three, encrypt(three, key_id, A), B) == b"attack at dawn"  # Also meanwhile.
    three.world.run_for(seconds(5))
    for region in (A, B, C):
        told = seen(three, region, key_id)
        assert (told["KeyState"], told["MultiRegionConfiguration"]["PrimaryKey"]["Region"]) == (
            "Enabled",
            B,
        )
    three.api(B, "EnableKeyRotation", {"KeyId": key_id})
    with pytest.raises(UnsupportedOperationException, match=r"primary key\.$"):
        three.api(A, "EnableKeyRotation", {"KeyId": key_id})


def test_the_primary_key_moves_to_a_replica_that_there_is(three: Arena) -> None:
    key_id = family(three, B)
    text = f"^NotFoundException: Key '{arn(C, key_id)}' does not exist$"
    with pytest.raises(NotFoundException, match=text):
        three.api(A, "UpdatePrimaryRegion", {"KeyId": key_id, "PrimaryRegion": C})


def test_a_replica_that_is_disabled_stays_one(three: Arena) -> None:
    key_id = family(three, B)
    three.api(B, "DisableKey", {"KeyId": key_id})
    three.world.run_for(seconds(1))
    three.api(A, "UpdatePrimaryRegion", {"KeyId": key_id, "PrimaryRegion": B})
    three.world.run_for(seconds(5))
    states = [seen(three, region, key_id)["KeyState"] for region in (A, B)]
    assert (states, primaries(three, key_id)) == (["Enabled", "Disabled"], [A])


def test_the_primary_key_is_deleted_after_its_replicas() -> None:
    # Two windows of 7 days are the shortest way; the second begins when the last replica is gone.
    with world(A, B) as (arena, _):
        key_id = family(arena, B)
        window = {"KeyId": key_id, "PendingWindowInDays": 7}
        answer = arena.api(A, "ScheduleKeyDeletion", window)
        assert answer == {
            "KeyId": arn(A, key_id),
            "KeyState": "PendingReplicaDeletion",
            "PendingWindowInDays": 7,
        }
        assert seen(arena, A, key_id)["PendingDeletionWindowInDays"] == 7
        with pytest.raises(KMSInvalidStateException, match=r"is pending replica deletion\.$"):
            encrypt(arena, key_id, A)
        arena.api(B, "ScheduleKeyDeletion", window)
        arena.world.run_for(days(7) - seconds(60))
        assert seen(arena, A, key_id)["KeyState"] == "PendingReplicaDeletion"
        arena.world.run_for(minutes(10))
        with pytest.raises(NotFoundException):
            seen(arena, B, key_id)
        assert seen(arena, A, key_id)["KeyState"] == "PendingDeletion"
        arena.world.run_for(days(7))
        with pytest.raises(NotFoundException):
            seen(arena, A, key_id)


def test_a_saved_primary_key_forgets_the_deletion() -> None:
    with world(A, B) as (arena, _):
        key_id = family(arena, B)
        arena.api(A, "ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
        arena.api(B, "ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
        arena.world.run_for(days(1))
        arena.api(A, "CancelKeyDeletion", {"KeyId": key_id})
        arena.world.run_for(days(8))
        told = seen(arena, A, key_id)
        assert (told["KeyState"], told["MultiRegionConfiguration"]["ReplicaKeys"]) == (
            "Disabled",
            (),
        )
        arena.api(A, "EnableKey", {"KeyId": key_id})
        arena.world.run_for(seconds(1))
        arena.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": B})
        arena.world.run_for(seconds(5))
        assert decrypt(arena, encrypt(arena, key_id, A), B) == b"attack at dawn"


# ---- imported material ----


class AtRegion:
    """An owner of key material at one region's endpoint."""

    def __init__(self, arena: Arena, region: str) -> None:
        self.arena, self.region = arena, region

    def call(self, action: str, **parameters: Any) -> Any:
        return self.arena.api(self.region, action, parameters)


def imported(arena: Arena, key_id: str, material: bytes, *regions: str, **more: Any) -> None:
    for region in regions:
        bring(AtRegion(arena, region), key_id, material, **more)
        arena.world.run_for(seconds(5))


ONE, TWO = bytes(range(32)), bytes(range(100, 132))


def test_each_replica_of_an_imported_key_waits_for_its_own_import(three: Arena) -> None:
    """KMS-10: material of origin EXTERNAL is never transmitted."""
    key_id = create_key(three, A, MultiRegion=True, Origin="EXTERNAL")
    imported(three, key_id, ONE, A)
    crossed: list[str] = []
    codec = three.world.kernel.codec
    assert codec is not None
    three.world.tap_frames(lambda _s, _t, data: crossed.append(codec.name(data)))
    three.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": B})
    three.world.run_for(minutes(5))
    assert seen(three, B, key_id)["KeyState"] == "PendingImport"
    with pytest.raises(IncorrectKeyMaterialException):
        imported(three, key_id, TWO, B)
    imported(three, key_id, ONE, B)
    assert decrypt(three, encrypt(three, key_id, A), B) == b"attack at dawn"
    assert {"MaterialWanted", "MaterialSent"}.isdisjoint(crossed)


def test_new_imported_material_rotates_once_every_region_has_it(three: Arena) -> None:
    key_id = create_key(three, A, MultiRegion=True, Origin="EXTERNAL")
    imported(three, key_id, ONE, A)
    three.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": B})
    three.world.run_for(seconds(5))
    imported(three, key_id, ONE, B)
    with pytest.raises(UnsupportedOperationException, match=r"primary key\.$"):
        imported(three, key_id, TWO, B, ImportType="NEW_KEY_MATERIAL")
    imported(three, key_id, TWO, A, ImportType="NEW_KEY_MATERIAL")

    def newest(region: str) -> str:
        asked = {"KeyId": key_id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
        entry = three.api(region, "ListKeyRotations", asked)["Rotations"][-1]
        return f"{entry['KeyMaterialState']} {entry['ImportState']}"

    waits = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    assert [newest(A), newest(B)] == [f"{waits} IMPORTED", f"{waits} PENDING_IMPORT"]
    with pytest.raises(KMSInvalidStateException, match=r"^[A-Za-z]+: No available key material"):
        three.api(A, "RotateKeyOnDemand", {"KeyId": key_id})
    imported(three, key_id, TWO, B)
    assert {newest(A), newest(B)} == {"PENDING_ROTATION IMPORTED"}
    three.api(A, "RotateKeyOnDemand", {"KeyId": key_id})
    three.world.run_for(seconds(5))
    assert {newest(A), newest(B)} == {"CURRENT IMPORTED"}
    assert decrypt(three, encrypt(three, key_id, A), B) == b"attack at dawn"


# ---- cuts and crashes ----


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

    def careless(keyring: Any, key: Key, target: str, signer: bytes) -> Any:
        update = told(keyring, key, target, signer)
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

    def wrong(keyring: Any, key: Key, target: str, signer: bytes) -> Any:
        update = told(keyring, key, target, signer)
        return changed(update, key=changed(update.key, key_id=key.key_id.removeprefix("mrk-")))

    assert broken(monkeypatch, border, "update_for", wrong).startswith("something of key ")
