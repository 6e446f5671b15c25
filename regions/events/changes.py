"""What changes the state of EventBridge, as its journal keeps it.

What does not belong here: what a change does (state.py), and parcels (service/outbox.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.service.outbox import OUTBOX_CHANGES
from sim.wire import SINCE, Message

ENABLED: Final = "ENABLED"
DISABLED: Final = "DISABLED"
ENABLED_FOR_ALL: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Message):
    """There is such a rule on the default bus; one of the same name is replaced."""

    account: str
    name: str
    pattern: str  #: a JSON text
    enabled: bool
    description: str = ""
    tags: dict[str, Any] = field(default_factory=dict)
    #: It also sees management events of CloudTrail that changed nothing.
    all_management: bool = field(default=False, metadata={SINCE: 2})

    @property
    def state(self) -> str:
        """How the API says whether it is enabled, and for what."""
        if not self.enabled:
            return DISABLED
        return ENABLED_FOR_ALL if self.all_management else ENABLED


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDeleted(Message):
    """A rule is gone; it had no targets."""

    account: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Message):
    """A rule has such a target; one of the same id is replaced."""

    account: str
    rule: str
    target_id: str
    arn: str
    given: str = ""  #: Input: a JSON text that goes in place of the event
    path: str = ""  #: InputPath: the part of the event that goes
    stream: str = ""  #: of a log group, where events go


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRemoved(Message):
    """A rule has that target no more."""

    account: str
    rule: str
    target_id: str


#: Ids in the journal of this service alone.
CHANGES: Final[dict[int, type[Any]]] = OUTBOX_CHANGES | {
    1: Rule,
    2: RuleDeleted,
    3: Target,
    4: TargetRemoved,
}
