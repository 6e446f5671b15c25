"""Advice on an account's trails: what a careful operator would set otherwise; ADVICE is the table.

``should``: records are missing, can be changed unseen, or nobody would notice. ``could``: better,
but a matter of taste or price. What nobody could look at (None) earns no advice.
What does not belong here: asking for the settings (setup.py).
Source: CloudTrail User Guide, "Security best practices in AWS CloudTrail".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scenarios.audit.detections.log_bucket_changed import KEPT_DAYS
from scenarios.audit.selectors import left_out

SHOULD, COULD = "should", "could"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailSettings:
    """A trail as far as it is known; None is not known."""

    name: str
    arn: str = ""
    home: str = ""
    bucket: str = ""
    multi_region: bool | None = None
    validation: bool | None = None
    kms_key: str | None = None  #: "" is none
    log_group: str | None = None  #: "" is none
    topic: str | None = None  #: "" is none
    logging: bool | None = None
    delivery_error: str | None = None  #: "" is none
    selectors: Mapping[str, Any] | None = None  #: as GetEventSelectors answers


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSettings:
    """A trail's bucket as far as it is known."""

    name: str
    expires_days: int | None = None  #: by its lifecycle rules; 0 when nothing expires
    lifecycle: bool | None = None  #: whether it has any lifecycle rule
    versions: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The trails of an account."""

    trails: tuple[TrailSettings, ...]
    buckets: tuple[BucketSettings, ...] = ()
    #: Regions that were asked; a trail of another one's may be unknown.
    regions: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice."""

    level: str
    name: str
    subject: str
    text: str


def _no_trail(setup: Setup) -> Iterator[tuple[str, str]]:
    if not setup.trails:
        yield "", ("there is no trail: events are kept for 90 days and nowhere else; make one with"
                   " CreateTrail and StartLogging")  # fmt: skip


def _single_region(setup: Setup) -> Iterator[tuple[str, str]]:
    known = [trail.multi_region for trail in setup.trails]
    if known and not any(one is None or one for one in known):
        homes = ", ".join(sorted({t.home for t in setup.trails if t.home})) or "their own regions"
        yield "", (
            f"only single-region trails, of {homes}: calls elsewhere are in no log file; one trail"
            " should cover all regions, with UpdateTrail IsMultiRegionTrail"
        )


def _stopped(setup: Setup) -> Iterator[tuple[str, str]]:
    for trail in setup.trails:
        if trail.logging is False:
            yield trail.name, "logging is off: nothing is delivered; StartLogging"


def _undelivered(setup: Setup) -> Iterator[tuple[str, str]]:
    for trail in setup.trails:
        if trail.delivery_error:
            yield trail.name, (f"files do not reach the bucket: {trail.delivery_error}; after 30"
                               " days they are lost")  # fmt: skip


def _left_out(setup: Setup) -> Iterator[tuple[str, str]]:
    for trail in setup.trails:
        words = left_out(trail.selectors) if trail.selectors is not None else ""
        if words:
            yield trail.name, f"{words} by its event selectors"


def _unvalidated(setup: Setup) -> Iterator[tuple[str, str]]:
    for trail in setup.trails:
        if trail.validation is False:
            yield trail.name, (
                "log file validation is off: nobody can tell whether a file was changed or removed;"
                " UpdateTrail EnableLogFileValidation"
            )


def _expiring(setup: Setup) -> Iterator[tuple[str, str]]:
    for bucket in setup.buckets:
        if bucket.expires_days and bucket.expires_days < KEPT_DAYS:
            yield bucket.name, (f"log files expire after {bucket.expires_days} days, sooner than"
                                f" the {KEPT_DAYS} days that event history keeps them")  # fmt: skip


def _unencrypted(setup: Setup) -> Iterator[tuple[str, str]]:
    for trail in setup.trails:
        if trail.kms_key == "":
            yield trail.name, ("no KMS key: whoever may read the bucket may read the log files;"
                               " UpdateTrail KmsKeyId")  # fmt: skip


def _kept_for_ever(setup: Setup) -> Iterator[tuple[str, str]]:
    for bucket in setup.buckets:
        if bucket.lifecycle is False:
            yield bucket.name, ("no lifecycle rule: log files are kept at full price for ever;"
                                " PutBucketLifecycleConfiguration")  # fmt: skip


def _unversioned(setup: Setup) -> Iterator[tuple[str, str]]:
    for bucket in setup.buckets:
        if bucket.versions is False:
            yield bucket.name, ("no versioning: a file that is overwritten or deleted is gone;"
                                " PutBucketVersioning")  # fmt: skip


def _unheard(setup: Setup) -> Iterator[tuple[str, str]]:
    told = [trail.log_group is None or trail.log_group or trail.topic for trail in setup.trails]
    if told and not any(told):
        yield "", ("no trail has a log group or a topic: nobody hears of anything until somebody"
                   " reads the files")  # fmt: skip


def _twice(setup: Setup) -> Iterator[tuple[str, str]]:
    over_all = [trail.name for trail in setup.trails if trail.multi_region]
    if len(over_all) > 1:
        yield "", f"{len(over_all)} trails cover all regions: each further copy of an event is paid"


#: Name -> level, and whom it concerns with what to say to them; the gravest first.
ADVICE: Final[dict[str, tuple[str, Callable[[Setup], Iterator[tuple[str, str]]]]]] = {
    "no-trail": (SHOULD, _no_trail),
    "single-region-only": (SHOULD, _single_region),
    "logging-stopped": (SHOULD, _stopped),
    "not-delivered": (SHOULD, _undelivered),
    "events-left-out": (SHOULD, _left_out),
    "validation-off": (SHOULD, _unvalidated),
    "files-expire-soon": (SHOULD, _expiring),
    "no-kms-key": (COULD, _unencrypted),
    "kept-for-ever": (COULD, _kept_for_ever),
    "no-versioning": (COULD, _unversioned),
    "nobody-told": (COULD, _unheard),
    "paid-twice": (COULD, _twice),
}


def advice(setup: Setup) -> list[Advice]:
    """Return what there is to say, the gravest first."""
    return [
        Advice(level=level, name=name, subject=subject, text=text)
        for name, (level, rule) in ADVICE.items()
        for subject, text in rule(setup)
    ]
