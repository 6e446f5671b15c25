"""Has clients in the retry mode ``adaptive`` slow down in virtual time.

Such a client takes a token before each attempt, from a bucket that fills with time; botocore's own
waits by a condition of threads, which knows nothing of a cloud's time.
What does not belong here: the other modes, which sleep by ``time.sleep`` (virtual_time.py).
Source: botocore/retries/adaptive.py and bucket.py.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import CapacityNotAvailableError
from botocore.retries import bucket

#: What is missing by rounding alone is waited for this long; chosen.
_LEAST_S: Final = 1e-6
#: Tells the virtual time in seconds.
Now = Callable[[], float]


class _Clock:
    """What a bucket looks at and sleeps by."""

    def __init__(self, now: Now) -> None:
        self.current_time = now

    def sleep(self, amount: float) -> None:
        """Sleep as everybody does in a cloud."""
        time.sleep(amount)


class _Bucket(bucket.TokenBucket):  # type: ignore[misc] # botocore has no types
    """A token bucket whose callers wait in virtual time."""

    def _acquire(self, amount: float, block: Any) -> bool:
        self._refill()
        while (seconds := self._sleep_amount(amount)) > 0:
            if not block:
                raise CapacityNotAvailableError
            self._clock.sleep(max(seconds, _LEAST_S))
            self._refill()
        self._current_capacity -= amount
        return True


@contextmanager
def in_virtual_time(now: Now) -> Iterator[None]:
    """Give the clients that are made within the block buckets that fill by ``now``."""
    found = bucket.Clock, bucket.TokenBucket
    bucket.Clock, bucket.TokenBucket = (lambda: _Clock(now)), _Bucket
    try:
        yield
    finally:
        bucket.Clock, bucket.TokenBucket = found
