"""Hosts that cannot authorize, die of a request, get a bad configuration, or are upgraded."""

from collections import Counter

import pytest
from regional import AZS, REGION, SECRET, create_key, decrypt, encrypt
from ward import assert_well, begin, call, knock, notes, ward

from regions.errors import (
    AccessDeniedException,
    DependencyTimeoutException,
    KMSInternalException,
    NotFoundException,
)
from regions.messages import Probe, ProbeAnswer
from regions.region import Region
from scenarios.evidence import read_history
from sim.units import days, minutes, ms, seconds

POISON = {"KeyId": "alias/poisoned", "KeySpec": "AES_256", "EncryptionContext": {"": ""}}


# ---- auth-down ----


def test_without_the_auth_plane_calls_time_out_on_record_while_long_work_goes_on() -> None:
    """KMS keys are safe and audit continues while nobody can be authorized."""
    with ward() as (arena, key_id):
        blob = encrypt(arena, key_id)
        before = arena.replica(f"{AZS[0]}/az")
        fault = begin(arena, f"auth-down {REGION}")
        text = (
            "^DependencyTimeoutException: The system timed out while trying to fulfill the"
            " request. You can retry the request.$"
        )
        for action, parameters in (
            ("Decrypt", {"CiphertextBlob": blob}),
            ("CreateKey", {}),
            ("GenerateRandom", {"NumberOfBytes": 8}),
            ("Encrypt", {"KeyId": "alias/aws/ssm", "Plaintext": SECRET}),
        ):
            with pytest.raises(DependencyTimeoutException, match=text):
                arena.api(REGION, action, parameters, arena.via("ssm"))
        arena.world.run_for(days(1))
        after = arena.replica(f"{AZS[0]}/az")
        assert before is not None
        assert after is not None
        assert after.active_key == before.active_key + 1
        assert after.hbk_ids == before.hbk_ids  # No AWS managed key came into being either.
        fault.heal()
        assert_well(arena, key_id)
        arena.world.run_for(minutes(10))
        names = Counter(event.name for event in read_history(arena.world, f"{REGION}/trail"))
        assert names["GenerateRandom"] == 3  # Each of three attempts is on record.


def test_an_auth_plane_that_denies_refuses_everyone_in_one_az_only() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"auth-down {AZS[1]} with mode=deny")
        arn = f"arn:aws:kms:{REGION}:111122223333:key/{key_id}"
        text = (
            "^AccessDeniedException: User: arn:aws:iam::111122223333:user/administrator is not"
            f" authorized to perform: kms:Encrypt on resource: {arn} because no identity-based"
            " policy allows the kms:Encrypt action$"
        )
        with pytest.raises(AccessDeniedException, match=text):
            encrypt(arena, key_id, to=f"{AZS[1]}/az")
        assert encrypt(arena, key_id, to=f"{AZS[0]}/az")
        fault.heal()
        assert_well(arena, key_id)


# ---- poison ----


def test_a_request_that_kills_hosts_is_quarantined_after_the_first_deaths() -> None:
    with ward() as (arena, key_id):
        deaths, kept = notes(arena, "abort"), notes(arena, "quarantine")
        fault = begin(arena, f"poison {REGION} with herd=1 every=500ms")
        answers = knock(arena, key_id, times=100, every_ns=ms(100))
        assert len(deaths) == len(kept) == 1
        assert deaths[0].endswith("/az reason=a blank field in an encryption context")
        assert Counter(answers)["ok"] >= 97
        # The sender itself is refused at the door, without harm to anybody.
        text = (
            "^KMSInternalException: The request is quarantined: a host of this Region has died"
            " of it.$"
        )
        with pytest.raises(KMSInternalException, match=text):
            arena.api(REGION, "GenerateDataKey", POISON)
        fault.heal()
        arena.world.run_for(minutes(11))
        assert_well(arena, key_id)
        text = f"^NotFoundException: Alias arn:aws:kms:{REGION}:111122223333:alias/poisoned is"
        with pytest.raises(NotFoundException, match=f"{text} not found.$"):
            arena.api(REGION, "GenerateDataKey", POISON)


def test_without_quarantine_the_same_request_kills_host_after_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Goal: the breaker is what holds the region together. Method: it is taken out.
    monkeypatch.setattr("regions.quarantine.Quarantine.holds", lambda *_: False)
    with ward() as (arena, key_id):
        deaths = notes(arena, "abort")
        begin(arena, f"poison {REGION} with herd=3 every=500ms")
        answers = knock(arena, key_id, times=60, every_ns=ms(500))
        assert len(deaths) >= 9
        assert len({text.partition(" ")[0] for text in deaths}) == 3
        assert Counter(answers)["ok"] < 40


def test_a_herd_that_arrives_at_once_kills_each_az_at_most_once() -> None:
    with ward() as (arena, key_id):
        deaths = notes(arena, "abort")
        fault = begin(arena, f"poison {REGION} with herd=10")
        arena.world.run_for(minutes(5))
        assert sorted(text.partition(" ")[0] for text in deaths) == [f"{az}/az" for az in AZS]
        arena.world.run_for(minutes(6))  # The quarantine ends while they still send it.
        assert len(deaths) <= 6
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)


# ---- bad-config ----


@pytest.mark.parametrize("kind", ["deny", "slow", "crash"])
def test_a_bad_configuration_reaches_one_az_after_the_other(kind: str) -> None:
    with ward() as (arena, key_id):
        options = f"kind={kind} bake=20s delay=4s"
        fault = begin(arena, f"bad-config {REGION} with {options}")
        first = Counter(knock(arena, key_id, times=15, every_ns=seconds(1)))
        assert first["ok"] >= 10  # Two AZs are well, or the endpoint avoids the third.
        arena.world.run_for(seconds(40))
        assert Counter(knock(arena, key_id, times=10, every_ns=seconds(1)))["ok"] <= 2
        fault.heal()
        arena.world.run_for(minutes(2))
        assert_well(arena, key_id)


@pytest.mark.parametrize("kind", ["deny", "slow", "crash"])
def test_a_health_check_stops_the_rollout_at_the_first_az(kind: str) -> None:
    with ward() as (arena, key_id):
        halted = notes(arena, "rollout")
        options = f"kind={kind} bake=20s halt=yes delay=4s"
        fault = begin(arena, f"bad-config {REGION} with {options}")
        arena.world.run_for(minutes(5))
        ill = [n for n in arena.world.names() if arena.world.kernel.cells[n].ails]
        assert ill == [f"{AZS[0]}/az"]
        assert len(halted) == 1
        assert encrypt(arena, key_id)
        fault.heal()
        arena.world.run_for(minutes(2))
        assert_well(arena, key_id)


# ---- rolling-upgrade ----


def test_old_and_new_software_serve_together_while_azs_are_upgraded() -> None:
    with ward() as (arena, key_id):
        world = arena.world
        new = world.ask(f"{AZS[0]}/az", Probe())
        fault = begin(arena, f"rolling-upgrade {REGION} with gap=30s down=5s")
        versions: set[tuple[bool, ...]] = set()
        answers: Counter[str] = Counter()
        for _ in range(50):
            cells = [world.kernel.cells[f"{az}/az"] for az in AZS]
            versions.add(tuple(cell.dialect is None for cell in cells))
            answers += Counter(knock(arena, key_id, times=1, every_ns=ms(10)))
        assert versions >= {(True, False, False), (True, True, False), (True, True, True)}
        assert answers["ok"] >= 45
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)
        assert new == ProbeAnswer(serving=True, incarnation=1)
        assert world.ask(f"{AZS[0]}/az", Probe()) == ProbeAnswer(serving=True, incarnation=2)


def test_an_endpoint_understands_hosts_of_either_version() -> None:
    with ward() as (arena, key_id):
        world = arena.world
        seen = notes(arena, "health")
        world.speak(f"{AZS[0]}/az", 1)
        world.crash(f"{REGION}/front")  # It has heard nothing yet.
        world.restart(f"{REGION}/front")
        assert world.ask(f"{AZS[0]}/az", Probe()) == ProbeAnswer(serving=True, incarnation=0)
        knock(arena, key_id, times=3, every_ns=seconds(1))
        front = world.kernel.cells[f"{REGION}/front"].actor
        assert isinstance(front, Region)
        assert [az.incarnation for az in front._azs] == [0, 1, 1]
        world.speak(f"{AZS[0]}/az", None)
        for _ in range(2):
            world.crash(f"{AZS[0]}/az")
            world.restart(f"{AZS[0]}/az")
            knock(arena, key_id, times=3, every_ns=seconds(1))
        restarts = [text for text in seen if "restarts" in text]
        assert restarts == [f"{REGION}/front az={AZS[0]}/az restarts=1"]
        assert decrypt(arena, encrypt(arena, create_key(arena))) == SECRET


def test_a_blank_value_alone_is_no_poison() -> None:
    with ward() as (arena, key_id):
        begin(arena, f"poison {REGION} with every=10m")
        arena.world.run_for(minutes(1))
        context = {"tenant": ""}
        probe = call(
            "GenerateDataKey",
            {"KeyId": key_id, "KeySpec": "AES_256", "EncryptionContext": context},
            arena,
        )
        assert arena.world.ask(f"{AZS[0]}/az", probe).body["KeyId"].endswith(key_id)
