"""Request quotas: the table, the buckets, and what a refused call leaves behind."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from regional import AZS, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.api.models import model_of
from regions.api.shapes import shapes
from regions.calls import ApiAnswer, ApiCall, Principal
from regions.errors import KMSInternalException, LimitExceededException, ThrottlingException
from regions.kms.operations import OPERATIONS
from regions.names import REGIONS
from regions.quotas import (
    BUCKETS,
    ECC,
    ML_DSA,
    PAIR_RATES,
    RSA,
    SYMMETRIC,
    THROTTLED,
    Throttle,
    TokenBucket,
    bucket_of,
    rate_of,
)
from regions.topology import Topology, TopologyError, check
from regions.trail.messages import ReadHistory
from regions.trail.record import AuditRecord
from scenarios.arena import Arena
from sim.units import minutes, seconds

ACCOUNT, OTHER = "111122223333", "444455556666"
#: Of 100,000 calls a second: two.
TWO = 0.00002
SECOND = seconds(1)


def test_every_action_of_the_service_has_a_quota_and_every_quota_an_action() -> None:
    assert set(BUCKETS) == set(shapes("kms").requests)
    assert set(OPERATIONS) == set(BUCKETS)


def test_the_quotas_of_a_region_are_those_that_aws_publishes() -> None:
    # Each rate with all that is charged to it; the figures are those of the public quota page.
    published = {
        1: "GetParametersForImport",
        5: "CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateKey"
        " DeleteCustomKeyStore DescribeCustomKeyStores DisableKey DisableKeyRotation"
        " DisconnectCustomKeyStore EnableKey GetKeyLastUsage ReplicateKey RotateKeyOnDemand"
        " UntagResource UpdateAlias UpdateCustomKeyStore UpdateKeyDescription"
        " UpdatePrimaryRegion",
        10: "TagResource",
        15: "DeleteAlias DeleteImportedKeyMaterial EnableKeyRotation ImportKeyMaterial"
        " PutKeyPolicy ScheduleKeyDeletion",
        50: "CreateGrant RetireGrant RevokeGrant",
        100: "ListGrants ListKeyPolicies ListKeyRotations ListRetirableGrants",
        500: "ListAliases ListKeys",
        1_000: "DeriveSharedSecret GetKeyPolicy GetKeyRotationStatus Sign Verify"
        " Decapsulate Encapsulate",  # The last two are chosen.
        2_000: "DescribeKey GetPublicKey ListResourceTags",
        100_000: "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateMac"
        " GenerateRandom ReEncrypt VerifyMac",
    }
    rates = {action: rate for rate, actions in published.items() for action in actions.split()}
    pairs = {"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}
    found = {action: rate_of(BUCKETS[action], "us-east-1") for action in BUCKETS}
    assert {action: rate for action, rate in found.items() if action not in pairs} == rates


@pytest.mark.parametrize(
    ("action", "parameters", "bucket"),
    [
        ("Encrypt", {}, SYMMETRIC),
        ("Encrypt", {"EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}, SYMMETRIC),
        ("Encrypt", {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}, RSA),
        ("Decrypt", {"EncryptionAlgorithm": "SM2PKE"}, ECC),
        ("ReEncrypt", {"DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, RSA),
        ("ReEncrypt", {"SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, RSA),
        ("Sign", {"SigningAlgorithm": "RSASSA_PSS_SHA_256"}, RSA),
        ("Sign", {"SigningAlgorithm": "ECDSA_SHA_384"}, ECC),
        ("Verify", {"SigningAlgorithm": "ED25519_PH_SHA_512"}, ECC),
        ("Verify", {"SigningAlgorithm": "ML_DSA_SHAKE_256"}, ML_DSA),
        ("Sign", {"SigningAlgorithm": ["ECDSA"]}, RSA),
        ("DeriveSharedSecret", {"KeyAgreementAlgorithm": "ECDH"}, ECC),
        ("GenerateMac", {"MacAlgorithm": "HMAC_SHA_256"}, SYMMETRIC),
        ("ListKeys", {"EncryptionAlgorithm": "RSA"}, "ListKeys request rate"),
        ("NoSuchAction", {}, None),
    ],
)
def test_what_a_call_asks_for_tells_its_bucket(
    action: str, parameters: dict[str, Any], bucket: str | None
) -> None:
    assert bucket_of(action, parameters) == bucket


def test_data_key_pairs_have_a_quota_for_each_spec_that_both_actions_share() -> None:
    throttle = Throttle(REGION)
    made = [
        throttle.admits(ACCOUNT, action, 0, {"KeyPairSpec": spec})
        for spec in ("RSA_4096", "RSA_3072")
        for action in ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")
        for _ in range(3)
    ]
    assert made == [True, *[False] * 5, *[True] * 4, *[False] * 2]
    assert [
        rate_of(bucket_of("GenerateDataKeyPair", {"KeyPairSpec": spec}) or "", REGION)
        for spec in ("RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "SM2")
    ] == [20, 4, 1, 100, 25]
    specs = model_of("kms")["shapes"]["DataKeyPairSpec"]["enum"]
    assert sorted(PAIR_RATES) == sorted(specs)


def test_whoever_fails_over_meets_a_cliff_in_most_regions() -> None:
    rates = {region: rate_of(SYMMETRIC, region) for region in REGIONS}
    largest = [region for region, rate in rates.items() if rate == 100_000]
    large = [region for region, rate in rates.items() if rate == 20_000]
    assert sorted(largest) == ["eu-west-1", "us-east-1", "us-west-2"]
    assert sorted(large) == [
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-central-1",
        "eu-west-2",
        "us-east-2",
    ]
    assert set(rates.values()) == {100_000, 20_000, 10_000}


@given(
    rate=st.floats(0.05, 500),
    gaps=st.lists(st.integers(0, 3 * SECOND), max_size=80),
)
def test_no_span_sees_more_calls_than_its_rate_and_one_burst(rate: float, gaps: list[int]) -> None:
    bucket, now_ns, taken = TokenBucket(rate, 0), 0, []
    for gap in gaps:
        now_ns += gap
        if bucket.take(now_ns):
            taken.append(now_ns)
    burst = max(1.0, rate)
    for first, begin in enumerate(taken):
        for last, end in enumerate(taken[first:], start=first):
            assert last - first + 1 <= burst + rate * (end - begin) / SECOND + 1e-3


def test_a_bucket_admits_one_second_s_worth_at_once_and_then_its_rate() -> None:
    throttle = Throttle("us-east-1", 0.0001)
    burst = sum(throttle.admits(ACCOUNT, "Encrypt", 0) for _ in range(50))
    later = sum(throttle.admits(ACCOUNT, "Decrypt", ns) for ns in range(0, SECOND, SECOND // 100))
    assert (burst, later) == (10, 9)


def test_cryptographic_actions_share_a_bucket_and_others_have_their_own() -> None:
    throttle = Throttle(REGION, TWO)
    calls = ["Encrypt", "Decrypt", "GenerateRandom", "DescribeKey", "ListKeys", "NoSuchAction"]
    assert [throttle.admits(ACCOUNT, action, 0) for action in calls] == [
        True, True, False, True, True, True,
    ]  # fmt: skip


def test_a_share_leaves_small_quotas_as_they_are() -> None:
    throttle = Throttle(REGION, TWO)
    assert sum(throttle.admits(ACCOUNT, "CreateKey", 0) for _ in range(20)) == 5
    assert sum(throttle.admits(ACCOUNT, "PutKeyPolicy", 0) for _ in range(20)) == 15
    assert sum(throttle.admits(ACCOUNT, "ListKeys", 0) for _ in range(20)) == 1


def test_an_account_s_calls_are_not_charged_to_another() -> None:
    throttle = Throttle(REGION, TWO)
    assert [throttle.admits(ACCOUNT, "Encrypt", 0) for _ in range(3)] == [True, True, False]
    assert throttle.admits(OTHER, "Encrypt", 0)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("quota_share", 0, "quota_share 0: expected a number of 1e-06 or more"),
        ("capacity_per_az", -1, "capacity_per_az -1: expected a number of 0 or more"),
        ("capacity_per_az", float("nan"), "capacity_per_az nan: expected a number of 0 or more"),
        ("queue_per_az", 0, "queue_per_az 0: expected a number of 1 or more"),
        ("admission_limit", 0, "admission_limit 0: expected a number of 1 or more"),
    ],
)
def test_a_figure_out_of_range_is_refused(field: str, value: float, complaint: str) -> None:
    with pytest.raises(TopologyError, match=f"^{complaint}$"):
        check(Topology(**{field: value}))


# Whole regions.


def burst(arena: Arena, action: str, parameters: dict[str, Any], *who: Principal) -> list[Any]:
    """Make one call per principal at the same instant and return the answers."""
    answers: list[Any] = []
    for number, principal in enumerate(who):
        call = ApiCall(
            service="kms",
            region=REGION,
            action=action,
            parameters=parameters,
            principal=principal,
            source_ip="203.0.113.5",
            user_agent="burst",
            request_id=f"00000000-0000-4000-8000-{number:012}",
        )
        arena.world.call(f"{REGION}/front", call, answers.append)
    arena.world.run_for(seconds(10))
    return answers


def codes(answers: list[Any]) -> Counter[str]:
    return Counter("ok" if isinstance(a, ApiAnswer) else a.code for a in answers)


def records(arena: Arena) -> list[AuditRecord]:
    arena.world.run_for(minutes(5))
    page = arena.world.ask(arena.deployment.trails[REGION], ReadHistory(after=0))
    return [record for record in page.records if record.request_id.startswith("00000000-")]


def test_without_quotas_a_burst_is_served() -> None:
    with booted() as arena:
        who = [arena.administrator()] * 40
        assert codes(burst(arena, "GenerateRandom", {"NumberOfBytes": 8}, *who)) == {"ok": 40}


def test_a_throttled_call_is_refused_with_aws_s_text_and_nothing_is_done() -> None:
    with booted(quotas=True) as arena:
        who = [arena.administrator()] * 8
        answers = burst(arena, "CreateKey", {}, *who)
        assert codes(answers) == {"ok": 5, "ThrottlingException": 3}
        refused = [answer for answer in answers if isinstance(answer, ThrottlingException)]
        assert {(a.status, a.definite, a.message) for a in refused} == {(400, True, THROTTLED)}
        assert len(arena.api(REGION, "ListKeys", {})["Keys"]) == 5


def test_a_throttled_call_is_on_record_like_any_refused_one() -> None:
    with booted(quotas=True, quota_share=TWO) as arena:
        key_id = create_key(arena)
        who = [arena.administrator()] * 3
        burst(arena, "Encrypt", {"KeyId": key_id, "Plaintext": SECRET}, *who)
        found = records(arena)
        assert len(found) == 3
        [refused] = [record for record in found if record.error_code]
        assert refused == replace(
            next(record for record in found if not record.error_code),
            event_id=refused.event_id,
            request_id=refused.request_id,
            time_ns=refused.time_ns,
            request_parameters=None,
            resources=(),
            error_code="ThrottlingException",
            error_message=THROTTLED,
        )


def test_a_throttled_call_that_cannot_be_recorded_is_not_answered_as_throttled() -> None:
    with booted(quotas=True, quota_share=TWO) as arena:
        for az in AZS[1:]:
            arena.world.power_off(az)
        burst(arena, "GenerateRandom", {}, arena.administrator())  # The endpoint finds out.
        answers = burst(arena, "GenerateRandom", {}, *[arena.administrator()] * 4)
        assert {type(answer) for answer in answers} == {KMSInternalException}
        assert {str(answer) for answer in answers[2:]} == {
            "KMSInternalException: the call could not be made durable: AuditRefused"
        }


def test_calls_that_a_service_makes_for_an_account_are_charged_to_the_account() -> None:
    with booted(quotas=True, quota_share=TWO) as arena:
        own, service = arena.administrator(), arena.via("ssm")
        answers = burst(arena, "GenerateRandom", {"NumberOfBytes": 8}, own, service, service)
        assert codes(answers) == {"ok": 2, "ThrottlingException": 1}


def test_a_call_on_another_account_s_key_is_charged_to_the_caller() -> None:
    with booted(quotas=True, quota_share=TWO) as arena:
        key_id = create_key(arena)
        arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}"
        stranger, owner = arena.administrator(OTHER), arena.administrator()
        wanted = {"KeyId": arn, "Plaintext": SECRET}
        answers = burst(arena, "Encrypt", wanted, *[stranger] * 3, owner)
        # A call counts, denied or not; the owner's quota is untouched.
        assert codes(answers) == {"AccessDeniedException": 2, "ThrottlingException": 1, "ok": 1}


def test_re_encrypt_counts_once() -> None:
    with booted(quotas=True, quota_share=TWO) as arena:
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        arena.world.run_for(seconds(5))
        wanted = {"CiphertextBlob": blob, "DestinationKeyId": key_id}
        answers = burst(arena, "ReEncrypt", wanted, *[arena.administrator()] * 3)
        assert codes(answers) == {"ok": 2, "ThrottlingException": 1}


def test_the_next_second_has_its_own_quota() -> None:
    with booted(quotas=True, quota_share=TWO) as arena:
        who = [arena.administrator()] * 4
        assert codes(burst(arena, "GenerateRandom", {}, *who))["ThrottlingException"] == 2
        blob = encrypt(arena, create_key(arena))
        assert decrypt(arena, blob) == SECRET


@pytest.mark.parametrize(("quotas", "number"), [(True, 50), (False, 51)])
def test_one_switch_lifts_the_adjustable_resource_quotas_too(*, quotas: bool, number: int) -> None:
    with booted(quotas=quotas) as arena:
        key_id, made = create_key(arena), 0
        try:
            for made in range(51):
                arena.world.run_for(SECOND)
                named = {"AliasName": f"alias/n{made}", "TargetKeyId": key_id}
                arena.api(REGION, "CreateAlias", named)
            made += 1
        except LimitExceededException:
            pass
        assert made == number
