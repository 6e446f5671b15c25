"""The contract of one API action of a service: what it may look at, and what it changes.

What does not belong here: flushing, records and answers (service.py), or any one action.
Source: the house's loop of KMS, made plain: resolve, authorize, perform, keep, record, answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from regions.calls import ApiCall
from sim.rng import Stream
from sim.wire import Message

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a call needs to be allowed."""

    action: str  #: such as ``s3:GetObject``
    resource: str  #: ARN; ``*`` of an action that has none
    account: str  #: the resource's owner
    policy: str = ""  #: the resource's own policy, a JSON document; "": it has none
    resource_tags: Mapping[str, str] | None = None  #: aws:ResourceTag; None leaves it out
    request_tags: Mapping[str, str] | None = None  #: aws:RequestTag and aws:TagKeys; the same
    #: Condition keys of the service itself, lower-cased.
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Desk:
    """One call on its way through a service.

    ``state`` is the service's whole state; an action changes it by ``change()`` alone, after
    everything that can fail.
    """

    state: Any
    call: ApiCall
    now_ns: int  #: calendar time; also the time of the call's record
    region: str
    rng: Callable[..., Stream]  #: named streams of this incarnation, as Actor.rng
    changed: list[Message] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)  #: what had to be allowed so far
    #: Members of the answer that a record shows though they are not in it, or hides.
    recorded: dict[str, Any] | None = None

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.call.principal.account

    def change(self, change: Message) -> None:
        """Take a change over now; it is durable before the caller is answered."""
        self.state.apply(change)
        self.changed.append(change)


def _nothing(_desk: Desk, _parameters: Values) -> Wanted | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One API action."""

    name: str
    #: Returns the answer's body; takes the desk that the service's ``desk()`` makes.
    perform: Callable[[Any, Values], dict[str, Any]]
    read_only: bool
    #: What must be allowed; None: anybody who is known may do it.
    wants: Callable[[Any, Values], Wanted | None] = _nothing
    #: Whether event history has it: management events do, data events do not.
    recorded: bool = True
    #: Request and answer members that no record shows, in botocore's names.
    secret: frozenset[str] = frozenset()
