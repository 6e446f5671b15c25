"""Retry modes against botocore's own classes, driven with the same inputs on the same clock."""

from types import SimpleNamespace
from typing import Any

import botocore.retryhandler
import pytest
from botocore.loaders import Loader
from botocore.retries import adaptive, bucket, quota, standard, throttling
from botocore.translate import build_retry_config
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.errors import ERRORS
from scenarios import retry
from scenarios.retry import Cubic, RateClocker, RateLimiter, Retries, RetryQuota, SendBucket

#: Gaps between two events of a client, in seconds: bursts, and silences.
GAPS = st.floats(0, 3) | st.sampled_from([0.0, 0.001, 0.5, 1.0, 30.0])
#: A time that no float step swallows; the loops of a bucket end by it.
TICK = 1e-6


class Clock:
    """The clock of botocore's classes, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def current_time(self) -> float:
        return self.now


class Condition:
    """In the place of a bucket's condition variable: waiting moves the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def notify(self) -> None: ...

    def wait(self, amount: float) -> None:
        self._clock.now += max(amount, TICK)


def their_bucket(clock: Clock, rate: float) -> Any:
    found = bucket.TokenBucket(max_rate=rate, clock=clock)
    found._new_fill_rate_condition = Condition(clock)
    return found


def wait_for(ours: SendBucket | RateLimiter, now: float) -> float:
    """Take a token of ours and return when it was there."""
    while wait := ours.acquire(now):
        now += max(wait, TICK)
    return now


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=60), st.integers(0, 200))
@settings(max_examples=60)
def test_the_retry_quota_is_botocore_s(steps: list[tuple[bool, int]], capacity: int) -> None:
    ours, theirs = RetryQuota(capacity), quota.RetryQuota(capacity)
    for acquires, amount in steps:
        if acquires:
            assert ours.acquire(amount) is theirs.acquire(amount)
        else:
            ours.release(amount)
            theirs.release(amount)
        assert ours.available == theirs.available_capacity


@given(st.lists(st.tuples(GAPS, st.booleans(), st.floats(0, 1_000)), max_size=40))
@settings(max_examples=60)
def test_the_cubic_curve_is_botocore_s(steps: list[tuple[float, bool, float]]) -> None:
    now = 1_000.0
    ours, theirs = Cubic(now), throttling.CubicCalculator(starting_max_rate=0, start_time=now)
    for gap, throttled, rate in steps:
        now += gap
        if throttled:
            assert ours.throttled(rate, now) == theirs.error_received(rate, now)
        else:
            assert ours.succeeded(now) == theirs.success_received(now)


@given(st.lists(GAPS, max_size=60))
@settings(max_examples=60)
def test_the_measured_rate_is_botocore_s(gaps: list[float]) -> None:
    clock = Clock()
    ours, theirs = RateClocker(clock.now), adaptive.RateClocker(clock)
    for gap in gaps:
        clock.now += gap
        assert ours.record(clock.now) == theirs.record()


@given(st.lists(st.tuples(GAPS, st.none() | st.floats(0.01, 50)), max_size=40))
@settings(max_examples=60)
def test_the_send_bucket_is_botocore_s(steps: list[tuple[float, float | None]]) -> None:
    # A step sets another rate, or takes a token and waits for it.
    clock = Clock()
    ours, theirs = SendBucket(1, clock.now), their_bucket(clock, 1)
    for gap, rate in steps:
        clock.now += gap
        if rate is not None:
            ours.set_rate(rate, clock.now)
            theirs.max_rate = rate
        else:
            there = wait_for(ours, clock.now)
            theirs.acquire()
            assert there == clock.now
        assert ours.level == theirs.available_capacity
        assert (ours.rate, ours.capacity) == (theirs.max_rate, theirs.max_capacity)


@given(st.lists(st.tuples(GAPS, st.booleans()), max_size=60))
@settings(max_examples=60)
def test_the_adaptive_limiter_is_botocore_s(steps: list[tuple[float, bool]]) -> None:
    clock = Clock()
    theirs = adaptive.ClientRateLimiter(
        rate_adjustor=throttling.CubicCalculator(starting_max_rate=0, start_time=clock.now),
        rate_clocker=adaptive.RateClocker(clock),
        token_bucket=their_bucket(clock, 1),
        throttling_detector=SimpleNamespace(is_throttling_error=lambda *, throttled: throttled),
        clock=clock,
    )
    ours = RateLimiter(clock.now)
    for gap, throttled in steps:
        clock.now += gap
        there = wait_for(ours, clock.now)
        theirs.on_sending_request(None)
        assert there == clock.now
        ours.answered(clock.now, throttled=throttled)
        theirs.on_receiving_response(throttled=throttled)
        assert ours.bucket.rate == theirs._token_bucket.max_rate
        assert ours.enabled is theirs._enabled


def context(attempt: int, code: str, status: int) -> Any:
    return standard.RetryContext(
        attempt_number=attempt,
        parsed_response={"Error": {"Code": code}},
        http_response=SimpleNamespace(status_code=status, headers={}),
        request_context={},
        operation_model=SimpleNamespace(
            service_model=SimpleNamespace(service_name="kms"), error_shapes=(), name="Encrypt"
        ),
    )


#: Every error that our service answers with, and some that only other services use.
ANSWERS = [(cls.code, cls.status) for cls in ERRORS.values()] + [
    ("SlowDown", 503),
    ("RequestTimeout", 400),
    ("", 502),
    ("", 403),
]


@pytest.mark.parametrize(("code", "status"), ANSWERS)
def test_what_standard_mode_retries_and_how_long_it_waits_is_botocore_s(
    code: str, status: int
) -> None:
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    backoff = standard.ExponentialBackoff(random=lambda: 1.0, throttling_detector=detector)
    conditions = standard.StandardRetryConditions()
    for attempt in (1, 2, 3):
        seen = context(attempt, code, status)
        why = retry.reason(code, status)
        rules = retry.RULES["standard"]
        assert bool(why and attempt < rules.attempts) is conditions.is_retryable(seen)
        if why:
            assert retry.ceiling(attempt, why) == backoff.delay_amount(seen)
            throttled = detector.is_throttling_error_from_context(seen)
            assert (why == retry.THROTTLING) is throttled


@pytest.mark.parametrize(("code", "status"), ANSWERS)
def test_what_legacy_mode_retries_and_how_long_it_waits_is_botocore_s(
    code: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Loader().load_data("_retry")
    config = build_retry_config("kms", data["retry"], data["definitions"])
    handler = botocore.retryhandler.create_retry_handler(config, "kms")
    monkeypatch.setattr(botocore.retryhandler.random, "random", lambda: 1.0)
    for attempt in range(1, 6):
        response = SimpleNamespace(status_code=status, headers={}, content=b"")
        theirs = handler(
            attempts=attempt,
            response=(response, {"Error": {"Code": code}}),
            caught_exception=None,
            request_dict={"context": {}},
        )
        ours = Retries("legacy", 0.0)
        why = ours.failed(code, status, 0.0)
        delay = ours.ceiling(attempt, why) if why and ours.pay(attempt, why) is not None else None
        assert delay == theirs


OUTCOMES = st.sampled_from([("", 200), ("ThrottlingException", 400), ("KMSInternalException", 500)])


@given(st.lists(st.lists(OUTCOMES, min_size=3, max_size=3), max_size=80))
@settings(max_examples=40)
def test_whole_calls_spend_and_regain_the_quota_as_botocore_s_do(
    calls: list[list[tuple[str, int]]],
) -> None:
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    theirs = quota.RetryQuota()
    checker = standard.RetryQuotaChecker(theirs, detector)
    conditions = standard.StandardRetryConditions()
    ours = Retries("standard", 0.0)
    for outcomes in calls:
        paid, request_context = 0, {}
        for attempt, (code, status) in enumerate(outcomes, start=1):
            if not code:
                ours.succeeded(paid, 0.0)
                checker.release_retry_quota(request_context, SimpleNamespace(status_code=200))
                break
            seen = context(attempt, code, status)
            seen.request_context = request_context
            again = conditions.is_retryable(seen) and checker.acquire_retry_quota(seen)
            cost = ours.pay(attempt, ours.failed(code, status, 0.0))
            assert (cost is not None) is again
            if cost is None:
                break
            paid = cost
        assert ours.quota.available == theirs.available_capacity


def test_the_lists_and_figures_are_those_of_the_installed_botocore() -> None:
    throttled = standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES
    transient = standard.TransientRetryableChecker
    checker = standard.RetryQuotaChecker
    assert list(retry.THROTTLING_CODES) == throttled
    assert list(retry.TRANSIENT_STATUSES) == transient._TRANSIENT_STATUS_CODES
    assert list(retry.TRANSIENT_CODES) == transient._TRANSIENT_ERROR_CODES
    assert quota.RetryQuota.INITIAL_CAPACITY == retry.QUOTA
    assert checker._RETRY_COST == retry.RETRY_COST
    assert checker._THROTTLING_RETRY_COST == retry.THROTTLING_COST
    assert checker._NO_RETRY_INCREMENT == retry.NO_RETRY_INCREMENT
    assert retry.RULES["standard"].attempts == standard.DEFAULT_MAX_ATTEMPTS


def test_mode_none_makes_one_attempt() -> None:
    ours = Retries("none", 0.0)
    assert ours.pay(1, ours.failed("KMSInternalException", 500, 0.0)) is None
