"""One CloudTrail record as audits ask it: who, what, where, when, with which outcome.

Any record of the real service can be read; a member that is absent or of another type is "" here
and stays in ``record`` as it was.
What does not belong here: files (reader.py), and which key is meant (naming.py).
Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
"""

import calendar
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

#: An eventTime has seconds, and is in UTC.
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SERVICE_SUFFIX: Final = ".amazonaws.com"
#: What stands for a caller whose record says nothing of it.
NOBODY: Final = "(unknown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One record."""

    id: str  #: eventID
    request_id: str
    time: str  #: eventTime, such as ``2026-01-01T00:00:00Z``; such texts sort by time
    service: str  #: eventSource without ``.amazonaws.com``, such as ``kms``
    name: str  #: eventName
    region: str
    account: str  #: that receives the record
    caller_account: str
    kind: str  #: userIdentity.type; "" for events that a service made
    principal: str  #: ARN of the user or of the session; else what there is to tell it by
    actor: str  #: the same, but for a session its role: who is meant by "the same caller"
    via: str  #: service that called for the principal (invokedBy), or ""
    address: str  #: sourceIPAddress
    agent: str
    error: str  #: errorCode; "" of a call that succeeded
    message: str
    read_only: bool
    record: Mapping[str, Any] = field(repr=False)  #: the whole JSON object

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The requestParameters; empty where there are none."""
        return table(self.record, "requestParameters")

    @property
    def response(self) -> Mapping[str, Any]:
        """The responseElements; empty where there are none."""
        return table(self.record, "responseElements")

    @property
    def second(self) -> int:
        """Seconds since 1970."""
        return seconds_of(self.time)


class NotARecord(ValueError):
    """A JSON value that is no CloudTrail record; the text says what it lacks."""


def event_of(record: Any) -> Event:
    """Return a record of a log file.

    Raises:
      NotARecord: it is no object, or has no eventTime, eventSource or eventName.
    """
    if not isinstance(record, dict):
        raise NotARecord(f"found {type(record).__name__}")
    moment = record.get("eventTime")
    if not isinstance(moment, str) or _TIME.fullmatch(moment) is None:
        raise NotARecord(f"eventTime is {moment!r}")
    source, name = record.get("eventSource"), record.get("eventName")
    if not isinstance(source, str) or not isinstance(name, str):
        raise NotARecord("no eventSource or no eventName")
    identity = table(record, "userIdentity")
    principal, actor = _who(identity)
    return Event(
        id=text(record, "eventID"),
        request_id=text(record, "requestID"),
        time=moment,
        service=source.removesuffix(_SERVICE_SUFFIX),
        name=name,
        region=text(record, "awsRegion"),
        account=text(record, "recipientAccountId") or text(identity, "accountId"),
        caller_account=text(identity, "accountId"),
        kind=text(identity, "type"),
        principal=principal,
        actor=actor,
        via=text(identity, "invokedBy").removesuffix(_SERVICE_SUFFIX),
        address=text(record, "sourceIPAddress"),
        agent=text(record, "userAgent"),
        error=text(record, "errorCode"),
        message=text(record, "errorMessage"),
        # Old files have it as a text.
        read_only=record.get("readOnly") in {True, "true"},
        record=record,
    )


def _who(identity: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ARN of a caller, or the next best, and that of the role behind a session."""
    arn = text(identity, "arn")
    issuer = text(table(table(identity, "sessionContext"), "sessionIssuer"), "arn")
    principal = (
        arn
        or text(identity, "invokedBy")
        or text(identity, "principalId")
        or text(identity, "userName")
        or text(identity, "accountId")
        or NOBODY
    )
    if issuer:
        return principal, issuer
    return principal, _role_of(principal) if ":assumed-role/" in principal else principal


def _role_of(arn: str) -> str:
    """Return the role of ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``, its path left out."""
    head, _, rest = arn.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}"


def text(values: Mapping[str, Any], member: str) -> str:
    """Return a text member; "" when it is absent or no text."""
    found = values.get(member)
    return found if isinstance(found, str) else ""


def table(values: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    """Return a member that is an object; an empty one when it is absent or something else."""
    found = values.get(member)
    return found if isinstance(found, dict) else {}


def rows(values: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    """Return the objects of a member that is a list; none when it is absent or something else."""
    found = values.get(member)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


@lru_cache(maxsize=4096)
def seconds_of(moment: str) -> int:
    """Return the seconds since 1970 of an eventTime."""
    return calendar.timegm(time.strptime(moment, TIME_FORMAT))


def moment_of(second: int) -> str:
    """Return seconds since 1970 as an eventTime."""
    return time.strftime(TIME_FORMAT, time.gmtime(second))
