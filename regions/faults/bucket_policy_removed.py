"""The policy that lets a trail write to its bucket is removed.

Model: the object store of the region refuses every PutObject to the bucket with AccessDenied, as
S3 does to a principal that no policy names; GetTrailStatus shows it. The trail tries again, at
growing intervals, for 30 days. At the end the policy is back, and what waited is delivered.
Limits: the object store has no API for policies, so this is done to the store itself.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.ailments import ANY, SEALED
from regions.faults.affliction import Affliction
from sim.options import Option


class BucketPolicyRemoved(Affliction):
    """A trail may no longer write to its bucket, until the end."""

    name: ClassVar[str] = "bucket-policy-removed"
    hits: ClassVar[str] = "bucket"
    place: ClassVar[str] = "the region where the bucket lives"
    ailment: ClassVar[str] = SEALED
    options: ClassVar[Mapping[str, Option]] = {
        "bucket": Option(ANY, "word", "its name; any: every bucket of the region"),
    }

    def value(self) -> str:
        """Return the bucket's name."""
        return self.word("bucket")
