"""Loss of the auth plane: policies cannot be evaluated, while keys and crypto are well.

Model: on the hosts of the place every call that needs a permission ends where it would be judged:
``fail`` answers DependencyTimeoutException (HTTP 500), as when nobody answers there; ``deny``
answers AccessDeniedException as if no policy allowed it. Both are recorded. The provider's own
long work needs no policy and goes on. Patterns: Google IAM, 8 April 2020 (R17); Azure Key Vault,
10 to 15 October 2024, 403 for everything (R19). Limits: CloudTrail's own API is not hit.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.ailments import AUTHORITY, DENIES_ALL, UNAVAILABLE
from regions.faults.affliction import Affliction
from sim.options import Option


class AuthDown(Affliction):
    """Policy evaluation is out in a place: every call is refused, or fails."""

    name: ClassVar[str] = "auth-down"
    hits: ClassVar[str] = "az"
    place: ClassVar[str] = "a region or an AZ"
    ailment: ClassVar[str] = AUTHORITY
    options: ClassVar[Mapping[str, Option]] = {
        "mode": Option(UNAVAILABLE, "word", "fail: HTTP 500; deny: HTTP 400, access denied",
                       (UNAVAILABLE, DENIES_ALL)),
    }  # fmt: skip

    def value(self) -> str:
        """Return how it is out."""
        return self.word("mode")
