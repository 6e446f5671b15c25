"""Which key an event is about: by ARN, by id, or by an alias that pointed to it at that time.

Callers name keys as they like; a record shows the name as it was written and, where the call came
far enough, the key that it led to. What a record does not say, other records say: alias events,
and other calls that named the same alias. Times are to the second, so of two changes of an alias
within one second the later one in the files is believed.
What does not belong here: counting uses (uses.py).
Source: KMS Developer Guide, "Logging AWS KMS API calls"; requestParameters.keyId is the name as
written, resources[].ARN the key, and errorMessage of a denied call names the resource.
"""

import re
from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from scenarios.audit.event import Event, rows, table, text

KMS: Final = "kms"
_KEY_ARN: Final = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")
_ALIAS_ARN: Final = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):(\d{12}):(alias/.+)")
_KEY_ID: Final = re.compile(r"(?:mrk-)?[0-9a-f][0-9a-f-]{7,}")
#: Members of requestParameters that name a key.
_NAMES: Final = ("keyId", "sourceKeyId", "destinationKeyId", "targetKeyId")
#: How regions begin that are not in the partition ``aws``.
_PARTITIONS: Final = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))
_ALIAS_EVENTS: Final = ("CreateAlias", "UpdateAlias", "DeleteAlias")

#: Region, account, and name such as ``alias/orders``.
AliasAt = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """What an event says of the keys it is about."""

    arns: tuple[str, ...]  #: in the order of the record
    aliases: tuple[AliasAt, ...]  #: to be looked up, because the record does not say the key
    others: tuple[str, ...]  #: names that are neither, as written


def named(event: Event) -> Named:
    """Return the keys that a KMS event is about; nothing for events of other services."""
    if event.service != KMS:
        return Named((), (), ())
    arns = [arn for one in rows(event.record, "resources") if is_key(arn := text(one, "ARN"))]
    aliases: list[AliasAt] = []
    others: list[str] = []
    # What came far enough has its keys among the resources, whatever they were called.
    if not arns:
        for name in _written(event):
            _sort_in(event, name, arns, aliases, others)
    if not (arns or aliases or others) and event.error:
        arns += _KEY_ARN.findall(event.message)
    return Named(tuple(dict.fromkeys(arns)), tuple(dict.fromkeys(aliases)), tuple(others))


def is_key(arn: str) -> bool:
    """Return whether a text is the ARN of a key."""
    return _KEY_ARN.fullmatch(arn) is not None


def _written(event: Event) -> Iterator[str]:
    """Yield the names of keys in a record outside its resources."""
    for member in _NAMES:
        if name := text(event.parameters, member):
            yield name
    for metadata in ("keyMetadata", "replicaKeyMetadata"):
        if arn := text(table(event.response, metadata), "arn"):
            yield arn
    if name := text(table(event.record, "serviceEventDetails"), "keyId"):
        yield name
    if event.name == "DeleteAlias" and (name := text(event.parameters, "aliasName")):
        yield name


def _sort_in(
    event: Event, name: str, arns: list[str], aliases: list[AliasAt], others: list[str]
) -> None:
    if is_key(name):
        arns.append(name)
    elif name.startswith("alias/") or _ALIAS_ARN.fullmatch(name):
        aliases.append(alias_at(name, event.region, event.account))
    elif _KEY_ID.fullmatch(name):
        arns.append(key_arn(event, name))
    else:
        others.append(name)


def key_arn(event: Event, key_id: str) -> str:
    """Return the ARN of a key that a caller named by its id: there and in the same account."""
    partition = next((p for begin, p in _PARTITIONS if event.region.startswith(begin)), "aws")
    return f"arn:{partition}:kms:{event.region}:{event.account}:key/{key_id}"


def alias_at(name: str, region: str, account: str) -> AliasAt:
    """Return what an alias name or ARN means to a caller of an account in a region."""
    found = _ALIAS_ARN.fullmatch(name)
    return (found[1], found[2], found[3]) if found else (region, account, name)


@dataclass(slots=True)
class AliasBook:
    """Where each alias pointed, and when, as far as records tell."""

    #: Alias -> (time, place in the files, key ARN or "" once deleted, was it a change?), by time.
    _points: dict[AliasAt, list[tuple[str, int, str, bool]]] = field(default_factory=dict)
    _count: int = 0

    def learn(self, event: Event) -> None:
        """Take in what a record tells of an alias."""
        if event.service != KMS:
            return
        self._count += 1
        if event.name in _ALIAS_EVENTS:
            if not event.error:
                self._change(event)
            return
        names = [n for m in _NAMES if "alias/" in (n := text(event.parameters, m))]
        if len(names) != 1:
            return  # Two names cannot be told apart among the resources.
        found = rows(event.record, "resources")
        keys = [arn for one in found if is_key(arn := text(one, "ARN"))]
        if len(keys) == 1:
            self._add(alias_at(names[0], event.region, event.account), event.time, keys[0])

    def _change(self, event: Event) -> None:
        name = alias_at(text(event.parameters, "aliasName"), event.region, event.account)
        target = text(event.parameters, "targetKeyId")
        if event.name == "DeleteAlias":
            target = ""
        elif not is_key(target):
            keys = [
                arn for one in rows(event.record, "resources") if is_key(arn := text(one, "ARN"))
            ]
            whole = [arn for arn in keys if arn.endswith(f"/{target}")]
            target = (whole or [key_arn(event, target)])[0]
        self._add(name, event.time, target, change=True)

    def _add(self, name: AliasAt, moment: str, target: str, *, change: bool = False) -> None:
        points = self._points.setdefault(name, [])
        before = bisect_right(points, (moment, self._count, "\uffff", True)) - 1
        if not change and before >= 0 and points[before][2] == target:
            return  # Thousands of calls say what the first one said.
        insort(points, (moment, self._count, target, change))

    def key_of(self, name: AliasAt, moment: str) -> str:
        """Return the ARN of the key that an alias meant at a time; "" when nothing tells."""
        points = self._points.get(name, [])
        place = bisect_right(points, (moment, self._count + 1, "", False)) - 1
        if place >= 0:
            return points[place][2]
        # Seen later only: until it was made there was none, but what a call met was there before.
        return "" if not points or points[0][3] else points[0][2]

    def keys_ever(self, name: str) -> list[str]:
        """Return the keys that an alias meant in any region, account and time."""
        wanted = _ALIAS_ARN.fullmatch(name)
        found: dict[str, None] = {}
        for at, points in self._points.items():
            if at == ((wanted[1], wanted[2], wanted[3]) if wanted else (at[0], at[1], name)):
                found.update(dict.fromkeys(point[2] for point in points if point[2]))
        return list(found)

    def aliases_of(self, arn: str) -> list[str]:
        """Return the names under which a key was known at any time."""
        return sorted(
            at[2] for at, points in self._points.items() if any(p[2] == arn for p in points)
        )
