"""Request quotas of CloudTrail: how many calls a second one account may make in one region.

Each action has a bucket of its own (chosen: the service publishes rates of groups of actions, and
whoever makes a trail can start it in the same second), which holds one second's worth of calls.
What does not belong here: whether quotas apply (topology.py), and KMS's (regions/quotas.py).
Source: CloudTrail User Guide, "Quotas in AWS CloudTrail"; none of them can be raised.
"""

from typing import Final

from regions.errors import ThrottlingException
from regions.quotas import TokenBucket

#: Calls per second of an action, and of those whose names begin so; any other action has the last.
_OWN: Final = {"LookupEvents": 2, "PutAuditEvents": 100}
_READING: Final = ("Describe", "Get", "List")
READING_RATE: Final = 10
OTHER_RATE: Final = 1


def rate_of(action: str) -> int:
    """Return the calls per second of an action."""
    own = _OWN.get(action)
    if own is not None:
        return own
    return READING_RATE if action.startswith(_READING) else OTHER_RATE


class Rates:
    """The buckets of every account in one region."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], TokenBucket] = {}

    def charge(self, account: str, action: str, now_ns: int) -> None:
        """Charge a call to the account that makes it.

        Args:
          account: twelve digits.
          action: one that the service has.
          now_ns: of a clock that never jumps.

        Raises:
          ThrottlingException: its quota is exceeded.
        """
        bucket = self._buckets.get((account, action))
        if bucket is None:
            bucket = self._buckets[account, action] = TokenBucket(rate_of(action), now_ns)
        if not bucket.take(now_ns):
            raise ThrottlingException("Rate exceeded")
