"""Storage classes: from which an object may go to which by a rule, and which are not read at once.

What does not belong here: rules (lifecycle.py). Prices are not modelled, and neither is bringing an
archived object back (RestoreObject).
Source: Amazon S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle": the waterfall of
classes, 30 days before the infrequent-access classes, nothing below 128 KB unless a rule says of
which sizes it speaks.
"""

from typing import Final

STANDARD: Final = "STANDARD"
#: From here an object only goes downwards.
_WATERFALL: Final = (
    *(STANDARD, "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER"),
    "DEEP_ARCHIVE",
)
_RANKS: Final = {name: rank for rank, name in enumerate(_WATERFALL)}
#: Classes that rules move objects to.
TARGETS: Final = _WATERFALL[1:]
#: Classes from which objects must be restored before they are read.
ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
#: Classes that an object enters no sooner than after so many days.
DAYS_MIN: Final = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
#: Smaller objects stay where they are, unless a rule speaks of sizes.
BYTES_MIN: Final = 128 * 1024


def descends(current: str, target: str) -> bool:
    """Say whether an object of one class may go to another."""
    return _RANKS[target] > _RANKS.get(current, 0)
