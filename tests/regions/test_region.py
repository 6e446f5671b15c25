"""A region as a whole: AZs that agree, HSMs that come and go, an endpoint that notices."""

from itertools import permutations

import pytest
from regional import AZS, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.calls import ApiCall
from regions.errors import (
    AccessDeniedException,
    KeyUnavailableException,
    KMSInternalException,
    NotFoundException,
)
from regions.kms.blob import parse
from regions.messages import DescribeReplica
from sim.actor import Expired
from sim.trace import Event
from sim.units import days, hours, minutes, ms, seconds


def test_a_region_has_three_azs_each_with_hsms_and_a_replica() -> None:
    """KMS-14: deployed in several AZs."""
    with booted() as arena:
        names = arena.world.names()
        for place in AZS:
            inside = [name.rpartition("/")[2] for name in names if name.startswith(place + "/")]
            assert inside == ["hsm-1", "hsm-2", "recorder", "node", "az"]


def test_an_acknowledged_key_is_flushed_in_a_majority_of_azs_before_the_answer() -> None:
    """KMS-11: at the answer two AZs hold the token on disk; soon after, all of them do."""
    with booted() as arena:
        world = arena.world
        made = arena.api(REGION, "CreateKey", {})
        for place in AZS:
            world.crash(f"{place}/node")  # What is left on the disks now was flushed.
        key_id = made["KeyMetadata"]["KeyId"].encode()
        holding = [
            place
            for place in AZS
            if any(
                key_id in world.disk(f"{place}/node").load(file)
                for file in world.disk(f"{place}/node").files()
            )
        ]
        assert len(holding) >= 2


def test_every_live_az_holds_every_token_within_seconds() -> None:
    """KMS-11: copies of encrypted keys in every AZ."""
    with booted() as arena:
        create_key(arena)
        states = [arena.replica(az) for az in arena.deployment.azs[REGION]]
        tokens = {state.hbk_ids for state in states if state is not None}
        assert len(tokens) == 1
        assert len(next(iter(tokens))) == 1


@pytest.mark.parametrize("dark", AZS)
def test_with_any_one_az_dark_every_kind_of_call_goes_on(dark: str) -> None:
    """KMS-13."""
    with booted() as arena:
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        arena.world.power_off(dark)
        arena.world.run_for(seconds(5))
        assert decrypt(arena, blob) == SECRET
        assert create_key(arena) != key_id
        arena.world.power_on(dark)
        arena.world.run_for(seconds(30))
        assert decrypt(arena, blob, to=f"{dark}/az") == SECRET


def test_an_az_that_returns_catches_up_before_it_serves() -> None:
    with booted() as arena:
        world = arena.world
        dark = AZS[1]
        world.power_off(dark)
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        world.power_on(dark)
        served = False
        for _ in range(400):
            world.run_for(ms(25))
            state = world.ask(f"{dark}/az", DescribeReplica())
            if state.serving:
                served = True
                assert len(state.hbk_ids) == 1
                break
        assert served
        world.run_for(seconds(10))
        assert decrypt(arena, blob, to=f"{dark}/az") == SECRET


def test_two_dark_azs_refuse_calls_and_lose_nothing() -> None:
    """KMS-13: the documented choice when two of three are lost."""
    with booted() as arena:
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        for dark in AZS[:2]:
            arena.world.power_off(dark)
        arena.world.run_for(seconds(10))
        with pytest.raises(KMSInternalException):
            decrypt(arena, blob, to=f"{AZS[2]}/az")
        for dark in AZS[:2]:
            arena.world.power_on(dark)
        arena.world.run_for(seconds(60))
        assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3


def test_with_local_audit_the_last_az_still_decrypts() -> None:
    """KMS-13: the other documented choice."""
    with booted(audit_ack="local") as arena:
        blob = encrypt(arena, create_key(arena))
        for dark in AZS[:2]:
            arena.world.power_off(dark)
        arena.world.run_for(seconds(10))
        assert decrypt(arena, blob, to=f"{AZS[2]}/az") == SECRET


def test_an_hsm_that_lost_power_is_empty_until_it_is_admitted_again() -> None:
    with booted() as arena:
        blob = encrypt(arena, create_key(arena))
        hsm = f"{AZS[0]}/hsm-1"
        arena.world.crash(hsm)
        arena.world.run_for(seconds(2))
        assert decrypt(arena, blob, to=f"{AZS[0]}/az") == SECRET
        arena.world.restart(hsm)
        arena.world.run_for(minutes(1))
        state = arena.replica(f"{AZS[0]}/az")
        assert state is not None
        assert state.hsms_ready == 2


def test_a_region_without_any_hsm_answers_key_unavailable_until_the_safe_is_opened() -> None:
    # Key material is used only in HSMs: without one, no host can help.
    with booted(ceremony_ns=hours(1)) as arena:
        world = arena.world
        blob = encrypt(arena, create_key(arena))
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
        world.run_for(seconds(5))
        for hsm in arena.deployment.hsms[REGION]:
            world.restart(hsm)
        world.run_for(minutes(5))
        with pytest.raises(KeyUnavailableException):
            decrypt(arena, blob)
        world.run_for(hours(2))
        assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3
        states = [arena.replica(f"{az}/az") for az in AZS]
        assert [state.hsms_ready for state in states if state is not None] == [2, 2, 2]


def test_domain_keys_rotate_daily_and_an_az_dark_for_longer_than_the_ring_comes_back_whole() -> None:
    # Ciphertext opens after any number of domain-key rotations.
    with booted() as arena:
        blob = encrypt(arena, create_key(arena))
        before = arena.replica(f"{AZS[0]}/az")
        arena.world.power_off(AZS[2])
        arena.world.run_for(days(10))
        after = arena.replica(f"{AZS[0]}/az")
        assert before is not None
        assert after is not None
        assert after.active_key - before.active_key == 10
        arena.world.power_on(AZS[2])
        arena.world.run_for(minutes(5))
        assert decrypt(arena, blob, to=f"{AZS[2]}/az") == SECRET


def test_an_aws_managed_key_rotates_yearly_and_its_first_blob_still_opens() -> None:
    # Material rotates, the key id stays, old ciphertext opens.
    with booted() as arena:
        ssm = arena.via("ssm")
        parameters = {"KeyId": "alias/aws/ssm", "Plaintext": SECRET}
        first = arena.api(REGION, "Encrypt", parameters, ssm)
        arena.world.run_for(days(366))
        second = arena.api(REGION, "Encrypt", parameters, ssm)
        assert second["KeyId"] == first["KeyId"]
        old, new = parse(first["CiphertextBlob"]), parse(second["CiphertextBlob"])
        assert old.key_id == new.key_id
        assert old.hbk_id != new.hbk_id
        opened = arena.api(REGION, "Decrypt", {"CiphertextBlob": first["CiphertextBlob"]}, ssm)
        assert opened["Plaintext"] == SECRET


def test_a_deleted_key_is_gone_for_ever_once_its_window_has_passed() -> None:
    """KMS-01, CMK-10: the end of a key's life."""
    with booted() as arena:
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        parameters = {"KeyId": key_id, "PendingWindowInDays": 7}
        arena.api(REGION, "ScheduleKeyDeletion", parameters)
        arena.world.run_for(days(8) + hours(1))
        arn = f"arn:aws:kms:{REGION}:111122223333:key/{key_id}"
        with pytest.raises(NotFoundException, match=f"Key '{arn}' does not exist"):
            arena.api(REGION, "DescribeKey", {"KeyId": key_id})
        with pytest.raises(AccessDeniedException, match="a customer master key that does not exist"):
            decrypt(arena, blob)
        states = [arena.replica(f"{az}/az") for az in AZS]
        assert [state.hbk_ids for state in states if state is not None] == [(), (), ()]


def test_an_aws_managed_key_comes_into_being_once_under_any_concurrency() -> None:
    """CMK-16, CMK-19: created at first use, once; three AZs are asked at the same instant."""
    with booted() as arena:
        world, answers = arena.world, []
        for number, place in enumerate(AZS * 3):
            call = ApiCall(
                service="kms",
                region=REGION,
                action="GenerateDataKey",
                parameters={"KeyId": "alias/aws/secretsmanager", "KeySpec": "AES_256"},
                principal=arena.via("secretsmanager"),
                source_ip="secretsmanager.amazonaws.com",
                user_agent="secretsmanager.amazonaws.com",
                request_id=f"00000000-0000-4000-8000-{number:012}",
            )
            world.call(f"{place}/az", call, answers.append)
        world.run_for(seconds(10))
        assert len({answer.body["KeyId"] for answer in answers}) == 1
        listed = arena.api(REGION, "ListKeys", {})
        assert len(listed["Keys"]) == 1


def test_with_linearizable_reads_another_az_knows_a_key_at_once() -> None:
    with booted(consistency="linearizable") as arena:
        made = arena.api(REGION, "CreateKey", {}, to=f"{AZS[0]}/az")
        key_id = made["KeyMetadata"]["KeyId"]
        for place in AZS:
            seen = arena.api(REGION, "DescribeKey", {"KeyId": key_id}, to=f"{place}/az")
            assert seen["KeyMetadata"]["KeyId"] == key_id


def test_a_key_of_one_region_is_unknown_in_every_other() -> None:
    """KMS-08, KMS-09: one name space of endpoints, keys are regional; all ordered pairs."""
    regions = ("us-east-1", "eu-west-1", "ap-northeast-1")
    with booted(*regions) as arena:
        keys = {region: create_key(arena, region) for region in regions}
        for home, other in permutations(regions, 2):
            arn = f"arn:aws:kms:{home}:111122223333:key/{keys[home]}"
            with pytest.raises(NotFoundException, match=f"^NotFoundException: Invalid arn {home}$"):
                arena.api(other, "DescribeKey", {"KeyId": arn})
            missing = f"arn:aws:kms:{other}:111122223333:key/{keys[home]}"
            with pytest.raises(
                NotFoundException, match=f"^NotFoundException: Key '{missing}' does not exist$"
            ):
                arena.api(other, "DescribeKey", {"KeyId": keys[home]})


def test_a_call_about_a_foreign_key_sends_no_frame_to_the_key_s_region() -> None:
    """KMS-10: a foreign ARN is refused where it was asked, never forwarded."""
    with booted("us-east-1", "eu-west-1") as arena:
        key_id = create_key(arena, "us-east-1")
        crossed: list[tuple[str, str]] = []

        def tap(source: str, target: str, _: bytes) -> None:
            if {source.partition("/")[0], target.partition("/")[0]} == {"us-east-1", "eu-west-1"}:
                crossed.append((source, target))

        arena.world.run_for(minutes(1))
        arena.world.tap_frames(tap)
        arn = f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"
        with pytest.raises(NotFoundException):
            arena.api("eu-west-1", "Encrypt", {"KeyId": arn, "Plaintext": SECRET})
        assert crossed == []


def test_a_call_in_the_very_moment_of_a_domain_key_rotation_is_answered() -> None:
    # A token may be wrapped under a domain key that an HSM gets only a millisecond later.
    with booted() as arena:
        world = arena.world
        blob = encrypt(arena, create_key(arena))
        rotated: list[int] = []

        def seen(event: Event) -> None:
            if event.body == b"done=rotate-domain-key":
                rotated.append(world.now_ns)

        world.trace.watch("job", seen)
        call = ApiCall(
            service="kms",
            region=REGION,
            action="Decrypt",
            parameters={"CiphertextBlob": blob},
            principal=arena.administrator(),
            source_ip="203.0.113.5",
            user_agent="probe",
        )
        world.run_for(days(1) - world.now_ns)
        answers: list[object] = []
        for _ in range(4_000):  # The rotation comes within the first seconds of the second day.
            for place in AZS:
                world.call(f"{place}/az", call, answers.append)
            world.run_for(ms(1))
            if rotated and world.now_ns - rotated[0] > ms(20):
                break
        world.run_for(seconds(5))
        assert len(rotated) == 1
        assert {type(answer).__name__ for answer in answers} == {"ApiAnswer"}


def test_a_token_that_no_hsm_opens_is_tried_once_a_day_and_costs_no_other_key() -> None:
    # The same damage in every replica, as a bug would do it: no copy is better than the others.
    with booted() as arena:
        world = arena.world
        lost, kept = create_key(arena), create_key(arena)
        world.run_for(seconds(1))
        for place in AZS:
            keyring = world.kernel.cells[f"{place}/az"].actor.keyring
            found = keyring.key(lost)
            (material,) = found.tokens
            keyring._set(found, tokens=(material[:-1] + bytes([material[-1] ^ 1]),))
        notes: list[bytes] = []
        world.trace.watch("job", lambda event: notes.append(event.body))
        world.run_for(days(3))
        rotated = notes.count(b"done=rotate-domain-key")
        assert rotated in (2, 3)
        assert notes.count(b"done=rewrap-tokens unreadable=1") == rotated
        assert len(notes) == 2 * rotated
        assert encrypt(arena, kept)
        with pytest.raises(KeyUnavailableException):
            encrypt(arena, lost)


@pytest.mark.parametrize("dark", AZS)
def test_after_a_silence_no_call_is_handed_to_an_az_that_died_meanwhile(dark: str) -> None:
    # Nobody probes while nobody calls, so what the endpoint knew of its AZs is old.
    with booted() as arena:
        key_id = create_key(arena)
        arena.world.run_for(hours(1))
        arena.world.power_off(dark)
        arena.world.run_for(hours(1))
        for _ in range(3):
            begin_ns = arena.world.now_ns
            encrypt(arena, key_id)
            assert arena.world.now_ns - begin_ns < ms(500)


def test_after_a_silence_with_no_az_left_a_call_is_handed_on_all_the_same() -> None:
    with booted() as arena:
        create_key(arena)
        arena.world.run_for(hours(1))
        for place in AZS:
            arena.world.crash(f"{place}/az")
        with pytest.raises(Expired):
            arena.api(REGION, "GenerateRandom", {"NumberOfBytes": 8})
        for place in AZS:
            arena.world.restart(f"{place}/az")
        arena.world.run_for(seconds(30))
        arena.api(REGION, "GenerateRandom", {"NumberOfBytes": 8})
