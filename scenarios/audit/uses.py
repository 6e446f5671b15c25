"""Per key: who used it, for what, how often, when first and last, and what was refused.

What does not belong here: which key an event means (naming.py), and printing (show.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scenarios.audit.event import Event, table
from scenarios.audit.naming import KMS, AliasBook, Named, named

#: Members of requestParameters that are an encryption context.
_CONTEXTS: Final = (
    "encryptionContext",
    "sourceEncryptionContext",
    "destinationEncryptionContext",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One call that was about one key; a call about two keys makes two uses."""

    time: str
    key: str  #: ARN; the name as written when nothing tells which key it is
    principal: str
    actor: str  #: the role of a session; else the principal
    operation: str
    via: str  #: service that called for the principal
    address: str
    agent: str
    region: str
    error: str  #: "" of a call that was accepted
    message: str
    context: dict[str, Any]  #: encryption context
    request_id: str
    event_id: str


@dataclass(slots=True)
class Count:
    """How often the same thing happened, and when first and last."""

    accepted: int = 0
    refused: int = 0
    first: str = ""
    last: str = ""
    message: str = ""  #: of the last one that was refused

    def add(self, use: Use) -> None:
        """Count one more."""
        if use.error:
            self.refused += 1
        else:
            self.accepted += 1
        self.first = min(self.first or use.time, use.time)
        if use.time >= self.last:
            self.last = use.time
            self.message = use.message or self.message


@dataclass(slots=True)
class KeyUses:
    """Everything that happened to one key."""

    key: str
    aliases: list[str] = field(default_factory=list)
    total: Count = field(default_factory=Count)
    #: (actor, service that called for it, operation) -> count.
    by_whom: dict[tuple[str, str, str], Count] = field(default_factory=dict)
    #: (actor, operation, error) -> count.
    failures: dict[tuple[str, str, str], Count] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)  #: by time; empty unless asked for

    def add(self, use: Use, *, details: bool) -> None:
        """Count a use, and keep it if details are asked for."""
        self.total.add(use)
        self.by_whom.setdefault((use.actor, use.via, use.operation), Count()).add(use)
        if use.error:
            self.failures.setdefault((use.actor, use.operation, use.error), Count()).add(use)
        if details:
            self.uses.append(use)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which uses are asked for."""

    keys: tuple[str, ...] = ()  #: ARNs, ids, aliases; all keys when empty
    since: str = ""  #: from this moment on; from the first record when empty
    until: str = ""  #: before this moment; to the last record when empty
    details: bool = False

    def covers(self, moment: str) -> bool:
        """Return whether a moment is in the interval."""
        return moment >= self.since and (not self.until or moment < self.until)


class UseBook:
    """Collects the uses of keys from records in any order."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.aliases = AliasBook()
        self.keyless = 0  #: calls to the key service that are about no key
        self._keys: dict[str, KeyUses] = {}
        self._waiting: list[tuple[Use, Named]] = []
        self._shared: dict[str, str] = {}

    def see(self, event: Event) -> None:
        """Take in one record."""
        if event.service != KMS:
            return
        self.aliases.learn(event)
        if not self.question.covers(event.time):
            return
        names = named(event)
        if not (names.arns or names.aliases or names.others):
            self.keyless += 1
            return
        use = self._use(event)
        if names.aliases:
            self._waiting.append((use, names))
        else:
            self._note(use, (*names.arns, *names.others))

    def _use(self, event: Event) -> Use:
        share = self._shared.setdefault
        context: dict[str, Any] = {}
        for member in _CONTEXTS:
            context |= table(event.parameters, member)
        # Most texts come again and again; one object serves for all.
        return Use(
            time=event.time,
            key="",
            principal=share(event.principal, event.principal),
            actor=share(event.actor, event.actor),
            operation=share(event.name, event.name),
            via=share(event.via, event.via),
            address=share(event.address, event.address),
            agent=share(event.agent, event.agent),
            region=share(event.region, event.region),
            error=share(event.error, event.error),
            message=share(event.message, event.message),
            context=context,
            request_id=event.request_id,
            event_id=event.id,
        )

    def _note(self, use: Use, keys: Iterable[str]) -> None:
        for key in keys:
            kept = self._keys.setdefault(key, KeyUses(key))
            kept.add(replace(use, key=kept.key), details=self.question.details)

    def keys(self) -> list[KeyUses]:
        """Return what was asked for, by key, once all records were seen."""
        for use, names in self._waiting:
            found = [
                self.aliases.key_of(alias, use.time) or "arn:aws:kms:{}:{}:{}".format(*alias)
                for alias in names.aliases
            ]
            self._note(use, dict.fromkeys((*names.arns, *found, *names.others)))
        self._waiting.clear()
        wanted = self._wanted()
        kept = [self._keys[key] for key in sorted(self._keys) if wanted(key)]
        for one in kept:
            one.aliases = self.aliases.aliases_of(one.key)
            one.uses.sort(key=lambda use: (use.time, use.event_id))
        return kept

    def _wanted(self) -> Callable[[str], bool]:
        if not self.question.keys:
            return lambda _key: True
        names = set(self.question.keys)
        for name in self.question.keys:
            if "alias/" in name:
                names.update(self.aliases.keys_ever(name))
        # A key's id is the end of its ARN; an alias that led nowhere is listed by its own.
        return lambda key: (
            key in names
            or key.partition(":key/")[2] in names
            or any(key.endswith(f":{name}") for name in names if name.startswith("alias/"))
        )
