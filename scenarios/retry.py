"""How the AWS SDKs retry: what is worth another attempt, when, and how often in all.

Times come in and delays go out, in seconds, as in the SDK that this follows; all chance is the
caller's. One set of these belongs to one client object and is shared by all its calls.

==========  ========  ==================================  ======================================
mode        attempts  delay before retry number n         what holds it back
==========  ========  ==================================  ======================================
standard    3         random, up to 50 ms * 2**(n - 1),   a quota of 500: a retry costs 14, after
                      after throttling 1 s * 2**(n - 1);  throttling 5; success gives it back,
                      20 s at most                        or 1 if there was no retry
adaptive    3         as standard                         the same, and a send rate that falls by
                                                          0.7 when throttled and recovers by CUBIC
legacy      5         random, up to 1 s * 2**(n - 1)      nothing
none        1         -                                   -
==========  ========  ==================================  ======================================

What does not belong here: making calls (workloads/sdk.py).
Limits: SDKs without ``x-amz-retry-after``, which KMS does not send; a caller that waits for the
rate limiter looks again when its wait is over, not already when the rate rises.
Source: botocore 1.44.5: retries/standard.py, quota.py, adaptive.py, bucket.py, throttling.py;
retryhandler.py and data/_retry.json for legacy.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["standard", "adaptive", "legacy", "none"]
#: Why a call may be tried again.
TRANSIENT: Final = "transient"
THROTTLING: Final = "throttling"

TRANSIENT_STATUSES: Final = (500, 502, 503, 504)
TRANSIENT_CODES: Final = ("RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete")
THROTTLING_CODES: Final = (
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
)
#: What legacy mode retries of these.
_LEGACY_CODES: Final = (
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "ProvisionedThroughputExceededException",
)

QUOTA: Final = 500
RETRY_COST: Final = 14
THROTTLING_COST: Final = 5
#: What a success gives back that needed no retry.
NO_RETRY_INCREMENT: Final = 1

_BACKOFF_MAX: Final = 20.0
_BASE: Final = 0.05
_THROTTLING_BASE: Final = 1.0
_LEGACY_BASE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What one mode allows."""

    attempts: int
    quota: bool  #: retries are paid from a quota
    limiter: bool  #: throttling slows the client down
    legacy: bool = False  #: retries fewer codes, and waits longer


RULES: Final[dict[str, Rules]] = {
    "standard": Rules(attempts=3, quota=True, limiter=False),
    "adaptive": Rules(attempts=3, quota=True, limiter=True),
    "legacy": Rules(attempts=5, quota=False, limiter=False, legacy=True),
    "none": Rules(attempts=1, quota=False, limiter=False),
}


def reason(code: str, status: int, *, legacy: bool = False) -> str:
    """Return why an error may be tried again: TRANSIENT, THROTTLING, or "" when it may not."""
    if code in (_LEGACY_CODES if legacy else THROTTLING_CODES):
        return THROTTLING
    if status in TRANSIENT_STATUSES or (code in TRANSIENT_CODES and not legacy):
        return TRANSIENT
    return ""


def ceiling(attempt: int, why: str, *, legacy: bool = False) -> float:
    """Return the longest delay after an attempt, 1 for the first, that failed for a reason."""
    if legacy:
        return float(_LEGACY_BASE * 2 ** (attempt - 1))
    base = _THROTTLING_BASE if why == THROTTLING else _BASE
    return float(min(base * 2 ** (attempt - 1), _BACKOFF_MAX))


class RetryQuota:
    """A client's budget for retries."""

    def __init__(self, capacity: int = QUOTA) -> None:
        self._full = self.available = capacity

    def acquire(self, amount: int) -> bool:
        """Pay for a retry; False when the budget does not cover it, and then nothing is paid."""
        if amount > self.available:
            return False
        self.available -= amount
        return True

    def release(self, amount: int) -> None:
        """Give back what a success returns; never more than the budget holds."""
        self.available = min(self._full, self.available + amount)


class SendBucket:
    """Tokens for sending, at a rate that may change.

    Args:
      rate: tokens per second; never below 0.5, and never less than one token fits in.
      now: seconds on a clock that never jumps.
    """

    MIN_RATE: Final = 0.5

    def __init__(self, rate: float, now: float) -> None:
        self.rate = self.capacity = 0.0
        self.level = 0.0
        self._time = now
        self.set_rate(rate, now)

    def set_rate(self, rate: float, now: float) -> None:
        """Fill at another rate from now on."""
        self._refill(now)
        self.rate = max(rate, self.MIN_RATE)
        self.capacity = max(rate, 1)
        self.level = min(self.level, self.capacity)

    def acquire(self, now: float) -> float:
        """Take one token and return 0, or return how long to wait before asking again."""
        self._refill(now)
        wait = (1 - self.level) / self.rate
        if wait > 0:
            return wait
        self.level -= 1
        return 0.0

    def _refill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self._time) * self.rate)
        self._time = now


class RateClocker:
    """Measures how many answers per second a client gets, in half seconds, smoothed."""

    _SMOOTHING: Final = 0.8
    _PER_SECOND: Final = 2

    def __init__(self, now: float) -> None:
        self.rate = 0.0
        self._last: float = math.floor(now)
        self._count = 0

    def record(self, now: float) -> float:
        """Count one answer and return the rate."""
        bucket = math.floor(now * self._PER_SECOND) / self._PER_SECOND
        self._count += 1
        if bucket > self._last:
            current = self._count / (bucket - self._last)
            self.rate = current * self._SMOOTHING + self.rate * (1 - self._SMOOTHING)
            self._count, self._last = 0, bucket
        return self.rate


class Cubic:
    """The rate to aim at: 0.7 of what it was when throttled, and from there along a cubic curve."""

    _SCALE: Final = 0.4
    _BETA: Final = 0.7

    def __init__(self, now: float) -> None:
        self._rate_max = 0.0
        self._failed = now
        self._plateau = self._time_to_plateau()

    def _time_to_plateau(self) -> float:
        return float(((self._rate_max * (1 - self._BETA)) / self._SCALE) ** (1 / 3.0))

    def succeeded(self, now: float) -> float:
        """Return the rate after an answer that was not throttled."""
        since: float = now - self._failed
        return float(self._SCALE * (since - self._plateau) ** 3 + self._rate_max)

    def throttled(self, rate: float, now: float) -> float:
        """Return the rate after a throttled answer.

        Args:
          rate: what was sent per second until now.
        """
        self._rate_max, self._failed = rate, now
        self._plateau = self._time_to_plateau()
        return rate * self._BETA


class RateLimiter:
    """Slows a client down once it has been throttled; before that it does nothing."""

    _ADJUST_MAX: Final = 2.0

    def __init__(self, now: float) -> None:
        self._cubic, self._clocker = Cubic(now), RateClocker(now)
        self.bucket = SendBucket(1, now)
        self.enabled = False

    def acquire(self, now: float) -> float:
        """Return 0 when a call may be sent, or how long to wait before asking again."""
        return self.bucket.acquire(now) if self.enabled else 0.0

    def answered(self, now: float, *, throttled: bool) -> None:
        """Learn from one answer, or from the lack of one."""
        measured = self._clocker.record(now)
        if throttled:
            rate = min(measured, self.bucket.rate) if self.enabled else measured
            wanted = self._cubic.throttled(rate, now)
            self.enabled = True
        else:
            wanted = self._cubic.succeeded(now)
        self.bucket.set_rate(min(wanted, self._ADJUST_MAX * measured), now)


class Retries:
    """All that one client remembers between its calls.

    Args:
      mode: one of RULES.
      now: seconds on the client's clock.
    """

    def __init__(self, mode: Mode, now: float) -> None:
        self.rules = RULES[mode]
        self.quota = RetryQuota()
        self.limiter = RateLimiter(now) if self.rules.limiter else None

    def wait(self, now: float) -> float:
        """Return 0 when an attempt may be sent, or how long to wait before asking again."""
        return 0.0 if self.limiter is None else self.limiter.acquire(now)

    def failed(self, code: str, status: int, now: float) -> str:
        """Learn of a failed attempt and return why it may be tried again, "" if it may not.

        Args:
          code: the service's error code, or "" when there was no answer.
          status: HTTP status; a missing answer counts as 503.
        """
        why = reason(code, status, legacy=self.rules.legacy)
        if self.limiter is not None:
            self.limiter.answered(now, throttled=why == THROTTLING)
        return why

    def pay(self, attempt: int, why: str) -> int | None:
        """Return what the retry after this attempt cost; None when there is to be none."""
        if attempt >= self.rules.attempts:
            return None
        if not self.rules.quota:
            return 0
        cost = THROTTLING_COST if why == THROTTLING else RETRY_COST
        return cost if self.quota.acquire(cost) else None

    def succeeded(self, paid: int, now: float) -> None:
        """Learn of an answer.

        Args:
          paid: for the last retry; 0 if there was none.
        """
        self.quota.release(paid or NO_RETRY_INCREMENT)
        if self.limiter is not None:
            self.limiter.answered(now, throttled=False)

    def ceiling(self, attempt: int, why: str) -> float:
        """Return the longest delay after an attempt that failed."""
        return ceiling(attempt, why, legacy=self.rules.legacy)
