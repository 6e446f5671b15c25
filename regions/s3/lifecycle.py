"""Lifecycle rules: what they say, and what of a bucket is due by them.

Days count from when an object was stored, or ceased to be the current version, and end at the
next midnight UTC. What does not belong here: timers and disks (store.py).
Source: Amazon S3 User Guide, "Lifecycle configuration elements" and "Setting lifecycle
configuration: How S3 calculates how long an object has been noncurrent"; API Reference,
PutBucketLifecycleConfiguration. Transitions of noncurrent versions and filters by tags are not
modelled.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from regions.api.errors import ActionNotImplemented, InvalidArgument, MalformedXML
from regions.api.s3_shapes import MALFORMED
from regions.s3.changes import LIFECYCLE, Upload, Version
from regions.s3.errors import InvalidRequest
from regions.s3.state import BucketState
from regions.s3.storage_classes import BYTES_MIN, DAYS_MIN, STANDARD, TARGETS, descends
from sim.units import NS_PER_SECOND, days

RULES_MAX: Final = 1000
_ID_MAX: Final = 255
_DAY_NS: Final = days(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """When a rule moves objects to another storage class: after days, or on a date."""

    storage_class: str
    days: int | None
    date_ns: int | None

    def due_ns(self, stored_ns: int) -> int:
        """Return when an object moves that was stored then."""
        if self.date_ns is not None:
            return self.date_ns
        return _after(stored_ns, self.days or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule that is on."""

    name: str
    prefix: str
    above_bytes: int | None  #: only objects larger than this
    below_bytes: int | None  #: only smaller ones
    expire_days: int | None
    expire_date_ns: int | None
    markers: bool  #: delete markers with no version behind them go
    noncurrent_days: int | None
    noncurrent_kept: int  #: so many noncurrent versions stay whatever their age
    abort_days: int | None
    transitions: tuple[Transition, ...] = ()

    def moves(self, version: Version) -> bool:
        """Say whether the rule's transitions speak of an object: small ones stay by default."""
        of_sizes = self.above_bytes is not None or self.below_bytes is not None
        return self.covers(version.key, version.size) and (of_sizes or version.size >= BYTES_MIN)

    def covers(self, key: str, size: int | None = None) -> bool:
        """Say whether the rule speaks of an object."""
        if not key.startswith(self.prefix):
            return False
        if size is None:
            return True
        above = self.above_bytes is None or size > self.above_bytes
        return above and (self.below_bytes is None or size < self.below_bytes)


def _filter_of(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = dict(rule.get("Filter") or {})
    both = found.pop("And", None) or {}
    if found.get("Tag") or both.get("Tags"):
        raise ActionNotImplemented("Lifecycle rules for tagged objects are not modelled.")
    return {**found, **both}


def _rule(rule: Mapping[str, Any]) -> Rule:
    chosen = _filter_of(rule)
    expiration = rule.get("Expiration") or {}
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    date_s = expiration.get("Date")
    return Rule(
        name=rule["ID"],
        prefix=chosen.get("Prefix") or rule.get("Prefix") or "",
        above_bytes=chosen.get("ObjectSizeGreaterThan"),
        below_bytes=chosen.get("ObjectSizeLessThan"),
        expire_days=expiration.get("Days"),
        expire_date_ns=None if date_s is None else int(date_s) * NS_PER_SECOND,
        markers=bool(expiration.get("ExpiredObjectDeleteMarker")),
        noncurrent_days=noncurrent.get("NoncurrentDays"),
        noncurrent_kept=noncurrent.get("NewerNoncurrentVersions") or 0,
        abort_days=(rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
        transitions=tuple(_transition(each) for each in rule.get("Transitions") or ()),
    )


def _transition(given: Mapping[str, Any]) -> Transition:
    date_s = given.get("Date")
    return Transition(
        storage_class=given.get("StorageClass", ""),
        days=given.get("Days"),
        date_ns=None if date_s is None else int(date_s) * NS_PER_SECOND,
    )


@lru_cache(maxsize=1024)
def rules_of(text: str) -> tuple[Rule, ...]:
    """Return the rules of a stored configuration that are on."""
    return tuple(_rule(rule) for rule in json.loads(text) if rule["Status"] == "Enabled")


def configured(rules: list[Mapping[str, Any]], names: Iterator[str]) -> str:
    """Return a configuration as it is stored, each rule with an id.

    Args:
      rules: as they were put.
      names: ids for those that have none.

    Raises:
      MalformedXML, InvalidArgument, InvalidRequest: a rule is not acceptable.
      ActionNotImplemented: one asks for what is not modelled.
    """
    if not 0 < len(rules) <= RULES_MAX:
        raise MalformedXML(MALFORMED)
    kept = [{**rule, "ID": rule.get("ID") or next(names)} for rule in rules]
    for rule in kept:
        _check(rule)
    if len({rule["ID"] for rule in kept}) < len(kept):
        raise InvalidArgument("RuleId must be unique. Found same ID for more than one rule")
    return json.dumps(kept)


def _check(rule: Mapping[str, Any]) -> None:
    if rule.get("NoncurrentVersionTransitions"):
        raise ActionNotImplemented("Transitions of noncurrent versions are not modelled.")
    if rule["Status"] not in {"Enabled", "Disabled"}:
        raise MalformedXML(MALFORMED)
    if len(rule["ID"]) > _ID_MAX:
        raise InvalidArgument("ID length should not exceed allowed limit of 255")
    if ("Prefix" in rule) == ("Filter" in rule):
        raise MalformedXML(MALFORMED)
    actions = [
        rule.get(name)
        for name in (
            *("Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"),
            "Transitions",
        )
    ]
    if not any(actions):
        raise InvalidRequest("At least one action needs to be specified in a rule.")
    expiration = rule.get("Expiration") or {}
    if expiration and len(expiration) != 1:
        raise MalformedXML(MALFORMED)
    date_s = expiration.get("Date")
    if date_s is not None and int(date_s) * NS_PER_SECOND % _DAY_NS:
        raise InvalidArgument("'Date' must be at midnight GMT")
    made = _rule(rule)
    _check_transitions(made)
    for name, value in (
        ("Days' for Expiration action", made.expire_days),
        ("NoncurrentDays' for NoncurrentVersionExpiration action", made.noncurrent_days),
        ("DaysAfterInitiation' for AbortIncompleteMultipartUpload action", made.abort_days),
    ):
        if value is not None and value < 1:
            raise InvalidArgument(f"'{name} must be a positive integer")


def _check_transitions(rule: Rule) -> None:
    """Refuse transitions that contradict each other, or the expiration."""
    for each in rule.transitions:
        if (each.days is None) == (each.date_ns is None) or each.storage_class not in TARGETS:
            raise MalformedXML(MALFORMED)
        if each.date_ns is not None and each.date_ns % _DAY_NS:
            raise InvalidArgument("'Date' must be at midnight GMT")
        if each.days is None:
            continue
        least = DAYS_MIN.get(each.storage_class, 0)
        if each.days < least:
            raise InvalidArgument(
                f"'Days' in Transition action must be greater than or equal to {least} for "
                f"storageClass '{each.storage_class}'"
            )
        if rule.expire_days is not None and rule.expire_days <= each.days:
            raise InvalidArgument(
                f"'Days' in the Expiration action for filter '(prefix={rule.prefix})' must be "
                "greater than 'Days' in the Transition action"
            )


def class_of(version: Version) -> str:
    """Return the storage class of an object."""
    found: str = version.headers.get("StorageClass", STANDARD)
    return found


def _after(stored_ns: int, number: int) -> int:
    """Return the midnight at which so many days after a time have passed."""
    return -(-(stored_ns + number * _DAY_NS) // _DAY_NS) * _DAY_NS


def _of(bucket: BucketState) -> tuple[Rule, ...]:
    text = bucket.settings.get(LIFECYCLE)
    return rules_of(text) if text else ()


def expiration_of(bucket: BucketState, version: Version) -> tuple[int, str] | None:
    """Return when a current object expires, and by which rule; None if none covers it."""
    found = []
    for rule in _of(bucket):
        if rule.covers(version.key, version.size):
            if rule.expire_days is not None:
                found.append((_after(version.stored_ns, rule.expire_days), rule.name))
            if rule.expire_date_ns is not None:
                found.append((rule.expire_date_ns, rule.name))
    return min(found, default=None)


@dataclass(frozen=True, slots=True)
class Due:
    """Something that a rule ends at some time."""

    due_ns: int
    key: str
    version_id: str | None  #: None: the object, which may leave a delete marker
    upload_id: str = ""
    storage_class: str = ""  #: the object goes there instead of ending


def dues(bucket: BucketState) -> Iterator[Due]:
    """Yield what the rules of a bucket end, whenever that is; one thing may be named twice."""
    rules = _of(bucket)
    if not rules:
        return
    for key in bucket.keys:
        yield from _dues_of_key(bucket, key, rules)
    for state in bucket.uploads.values():
        yield from _dues_of_upload(state.upload, rules)


def _dues_of_key(bucket: BucketState, key: str, rules: tuple[Rule, ...]) -> Iterator[Due]:
    versions = bucket.versions[key]
    newest = versions[0]
    if not newest.marker:
        found = expiration_of(bucket, newest)
        if found is not None:
            yield Due(found[0], key, None)
        yield from _moves(newest, rules)
    elif len(versions) == 1:
        for rule in rules:
            if rule.markers and rule.covers(key):
                yield Due(_after(newest.stored_ns, 0), key, newest.version_id)
            elif rule.expire_days is not None and rule.covers(key):
                yield Due(_after(newest.stored_ns, rule.expire_days), key, newest.version_id)
    for place in range(1, len(versions)):
        version = versions[place]
        for rule in rules:
            is_due = rule.noncurrent_days is not None and place > rule.noncurrent_kept
            if is_due and rule.covers(key, version.size):
                assert rule.noncurrent_days is not None
                # It ceased to be the current one when the next was stored.
                since_ns = versions[place - 1].stored_ns
                yield Due(_after(since_ns, rule.noncurrent_days), key, version.version_id)


def _moves(version: Version, rules: tuple[Rule, ...]) -> Iterator[Due]:
    """Yield when an object goes to another storage class."""
    for rule in rules:
        for each in rule.transitions if rule.moves(version) else ():
            if descends(class_of(version), each.storage_class):
                due_ns = each.due_ns(version.stored_ns)
                yield Due(due_ns, version.key, None, storage_class=each.storage_class)


def _dues_of_upload(upload: Upload, rules: tuple[Rule, ...]) -> Iterator[Due]:
    for rule in rules:
        if rule.abort_days is not None and rule.covers(upload.key):
            due_ns = _after(upload.begun_ns, rule.abort_days)
            yield Due(due_ns, upload.key, None, upload.upload_id)


def dues_of(bucket: BucketState, key: str) -> Iterator[Due]:
    """Yield what the rules of a bucket end of one key, uploads included."""
    rules = _of(bucket)
    if not rules:
        return
    if key in bucket.versions:
        yield from _dues_of_key(bucket, key, rules)
    for state in bucket.uploads.values():
        if state.upload.key == key:
            yield from _dues_of_upload(state.upload, rules)
