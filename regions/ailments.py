"""What faults put on the actors of a region: the name of each ailment and the form of its value.

Every value is a tuple with one item for each fault that lasts, so that faults of one kind may
overlap; an actor without the ailment is healthy. What does not belong here: what an actor makes
of an ailment (the actors), and who puts it there (faults/).
"""

from dataclasses import dataclass
from typing import Final

#: HSM: zeroized, and refuses every command until it is serviced. Items: True.
TAMPERED: Final = "tampered"
#: HSM: which device stands at this place, counted from 1 once the first was replaced; it stays.
DEVICE: Final = "device"
#: HSM: keeps the domain token that it has. Items: True.
MISSES_TOKENS: Final = "misses-tokens"
#: HSM: slow for some commands, or answers them never. Items: Gray.
GRAY: Final = "gray"
#: Recorder: refuses to keep records. Items: the share of appends refused, 0.0–1.0.
AUDIT_DOWN: Final = "audit-down"
#: Recorder: publishes nothing, and its buffer is bounded. Items: records that it holds, 1 or more.
AUDIT_STUCK: Final = "audit-stuck"
#: AZ: its policy evaluation is out of order. Items: DENIES_ALL or UNAVAILABLE.
AUTHORITY: Final = "authority"
#: AZ: dies of a call with a blank pair in its encryption context. Items: True.
POISONED: Final = "poisoned"
#: AZ: takes so much more time for a call. Items: nanoseconds.
SLOW: Final = "slow"
#: AZ: the process dies that soon after each start. Items: nanoseconds.
DIES: Final = "dies"
#: Bucket store: nobody may write to a bucket. Items: its name, or ANY.
SEALED: Final = "sealed"
#: Every bucket; no bucket can have this name.
ANY: Final = "any"

#: Policy evaluation denies whatever it is asked, with AccessDeniedException.
DENIES_ALL: Final = "deny"
#: Policy evaluation does not answer: calls end in DependencyTimeoutException.
UNAVAILABLE: Final = "fail"


@dataclass(frozen=True, slots=True)
class Gray:
    """Some commands of an HSM take longer, or are lost."""

    factor: float  #: how many times longer
    share: float  #: of the commands, 0.0–1.0
    at_least: int  #: only commands that carry so many bytes or more
    lossy: bool = False  #: they are never answered, instead of slowly
