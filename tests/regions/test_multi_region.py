"""Multi-Region keys in whole worlds: what relatives share, and what stays each one's own.

The regions' own residency promise taps every world here.
"""

from collections.abc import Iterator

import pytest
from regional import create_key, decrypt, encrypt
from relatives_kit import A, B, C, arn, family, imported, primaries, seen, world

from regions.errors import (
    AlreadyExistsException,
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    NotFoundException,
    ServiceError,
    UnsupportedOperationException,
)
from scenarios.arena import Arena
from sim.units import days, minutes, seconds


@pytest.fixture(scope="module")
def three() -> Iterator[Arena]:
    """Three regions without any fault, for tests that each use a key of their own."""
    with world(A, B, C) as (arena, promise):
        yield arena
        assert promise.violations == []
        assert promise.checked > 0


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
