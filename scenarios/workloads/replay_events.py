"""Turns CloudTrail records into calls to issue again, and counts what cannot be.

Pure: records in, a Replay out. What does not belong here: files (replay_reader.py), or making
the keys and ciphertexts that a call needs (replay.py).
Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail"; CloudTrail User
Guide, "CloudTrail record contents".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from regions.calls import Connection, Principal
from regions.names import REGIONS
from scenarios.result import Skipped
from scenarios.workloads.replay_identity import ACCOUNT, NO_ACCOUNT, principal_of
from scenarios.workloads.replay_values import (
    Replay,
    ReplayActivity,
    ReplayCall,
    ReplayError,
    ReplayKey,
)
from sim.units import NS_PER_SECOND

KMS_SOURCE: Final = "kms.amazonaws.com"
_NOT_FOUND: Final = "NotFoundException"
_MANAGED_ALIAS: Final = "alias/aws/"
#: CloudTrail was announced in 2013; 64 bits of nanoseconds end in 2262.
_FIRST_YEAR: Final = 2013
_LAST_YEAR: Final = 2200
#: How many names stand beside a reason; chosen.
_EXAMPLES: Final = 5

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY_ARN: Final = re.compile(
    rf"arn:[\w-]+:kms:(?:{'|'.join(REGIONS)}):\d{{12}}:key/(?:{_UUID}|mrk-[0-9a-f]{{32}})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stands, for errors."""

    file: str
    index: int


@dataclass(frozen=True, slots=True)
class _Fields:
    """The request parameters of one action that a replay issues again."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_KEY: Final = _Fields(required=("KeyId",))
_DATA_KEY: Final = _Fields(
    required=("KeyId",), optional=("KeySpec", "NumberOfBytes", "EncryptionContext")
)

#: Action -> what it takes. Markers of paged lists are left out: they name pages of the real
#: service.
ACTIONS: Final[Mapping[str, _Fields]] = {
    "CancelKeyDeletion": _KEY,
    "CreateAlias": _Fields(required=("AliasName", "TargetKeyId")),
    "CreateKey": _Fields(
        optional=(
            "BypassPolicyLockoutSafetyCheck",
            "CustomerMasterKeySpec",
            "Description",
            "KeySpec",
            "KeyUsage",
            "MultiRegion",
            "Origin",
            "Policy",
        )
    ),
    "Decrypt": _Fields(optional=("EncryptionAlgorithm", "EncryptionContext", "KeyId")),
    "DescribeKey": _KEY,
    "DisableKey": _KEY,
    "EnableKey": _KEY,
    "Encrypt": _Fields(
        required=("KeyId",), optional=("EncryptionAlgorithm", "EncryptionContext")
    ),
    "GenerateDataKey": _DATA_KEY,
    "GenerateDataKeyWithoutPlaintext": _DATA_KEY,
    "GenerateRandom": _Fields(optional=("NumberOfBytes",)),
    "GetKeyPolicy": _Fields(required=("KeyId",), optional=("PolicyName",)),
    "ListAliases": _Fields(optional=("KeyId", "Limit")),
    "ListKeys": _Fields(optional=("Limit",)),
    "PutKeyPolicy": _Fields(
        required=("KeyId", "Policy"), optional=("BypassPolicyLockoutSafetyCheck", "PolicyName")
    ),
    "ReEncrypt": _Fields(
        required=("DestinationKeyId",),
        optional=(
            "DestinationEncryptionAlgorithm",
            "DestinationEncryptionContext",
            "SourceEncryptionAlgorithm",
            "SourceEncryptionContext",
            "SourceKeyId",
        ),
    ),
    "ScheduleKeyDeletion": _Fields(required=("KeyId",), optional=("PendingWindowInDays",)),
}

#: Fields of an event that its reader takes for text when they are there.
_IDENTITY_TEXTS: Final = (
    "type", "accountId", "arn", "principalId", "userName", "accessKeyId", "invokedBy",
)  # fmt: skip
_EVENT_TEXTS: Final = (
    "recipientAccountId", "requestID", "sourceIPAddress", "userAgent", "errorCode",
)  # fmt: skip

_INTEGERS: Final = frozenset({"Limit", "NumberOfBytes", "PendingWindowInDays"})
_INTEGER_LIMIT: Final = 2**63  # a frame carries 64 bits
_FLAGS: Final = frozenset({"BypassPolicyLockoutSafetyCheck", "MultiRegion"})
_CONTEXTS: Final = ("EncryptionContext", "SourceEncryptionContext", "DestinationEncryptionContext")


class _NotReplayable(Exception):
    """The record is sound, but its call cannot be issued again; args: reason, example."""


@dataclass(slots=True)
class _Tally:
    """Counts reasons, with the first few distinct examples of each."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, example: str) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + 1
        names = self.examples.setdefault(reason, [])
        if len(names) < _EXAMPLES and example not in names:
            names.append(example)

    def rows(self) -> tuple[Skipped, ...]:
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            Skipped(reason=reason, count=count, examples=tuple(self.examples[reason]))
            for reason, count in ordered
        )


def build(source: str, files: int, records: Iterable[tuple[Origin, Mapping[str, Any]]]) -> Replay:
    """Return the replay of all records, in order of eventTime and then of their place.

    Raises:
      ReplayError: a record has no eventTime that is a UTC time.
    """
    tally = _Tally()
    calls: list[ReplayCall] = []
    activity: list[ReplayActivity] = []
    seen: set[str] = set()
    total = 0
    for origin, record in records:
        total += 1
        time_ns = _event_time_ns(origin, record)
        try:
            event = _event(time_ns, record, seen)
        except _NotReplayable as outcome:
            reason, example = outcome.args
            tally.add(reason, example)
            continue
        if isinstance(event, ReplayCall):
            calls.append(event)
        else:
            activity.append(event)
    calls.sort(key=lambda call: call.time_ns)  # stable: the order of files and records remains
    activity.sort(key=lambda event: event.time_ns)
    return Replay(
        source=source,
        files=files,
        records=total,
        calls=tuple(calls),
        keys=_keys(calls),
        activity=tuple(activity),
        skipped=tally.rows(),
    )


def _event_time_ns(origin: Origin, record: Mapping[str, Any]) -> int:
    value = record.get("eventTime")
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass  # a 31st of June is reported with the others
        else:
            if _FIRST_YEAR <= moment.year <= _LAST_YEAR:
                return int(moment.timestamp()) * NS_PER_SECOND
    found = "no eventTime" if value is None else f"eventTime {value!r}"
    raise ReplayError(
        f"file {origin.file!r}, record {origin.index}: {found};"
        " expected a UTC time such as '2023-07-10T11:57:49Z'"
    )


def _event(
    time_ns: int, record: Mapping[str, Any], seen: set[str]
) -> ReplayCall | ReplayActivity:
    """Return one record's event, and enter its id among those seen."""
    name = _text(record, "eventName") or "unnamed event"
    for needed in ("eventSource", "eventName", "awsRegion", "eventID"):
        if not _text(record, needed):
            raise _NotReplayable(f"{needed} is missing", name)
    if _text(record, "awsRegion") not in REGIONS:
        raise _NotReplayable("awsRegion is no region that we know", _text(record, "awsRegion"))
    event_id = _text(record, "eventID")
    if event_id in seen:
        raise _NotReplayable("delivered twice, same eventID", name)
    seen.add(event_id)
    if _text(record, "eventSource") == KMS_SOURCE:
        return _call(time_ns, record)
    return _activity(time_ns, record)


def _activity(time_ns: int, record: Mapping[str, Any]) -> ReplayActivity:
    if not _presentable(record):
        name = _text(record, "eventName")
        raise _NotReplayable("a field has another type than events have", name)
    own = _text(record["userIdentity"], "accountId")
    account = _text(record, "recipientAccountId") or own
    if not ACCOUNT.fullmatch(account):
        raise _NotReplayable(NO_ACCOUNT, _text(record, "eventName"))
    return ReplayActivity(
        time_ns=time_ns,
        region=_text(record, "awsRegion"),
        account=account,
        source=_text(record, "eventSource"),
        name=_text(record, "eventName"),
        event_id=_text(record, "eventID"),
        record=record,
    )


def _presentable(record: Mapping[str, Any]) -> bool:
    """Say whether an event that passes through has the types of one, so that trails can take it."""
    identity = record.get("userIdentity")
    if not isinstance(identity, dict) or not isinstance(record.get("eventType"), str):
        return False
    session = identity.get("sessionContext", {})
    issuer = session.get("sessionIssuer", {}) if isinstance(session, dict) else None
    if not isinstance(issuer, dict):
        return False
    resources = record.get("resources") or []
    if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
        return False
    texts = [identity.get(name, "") for name in _IDENTITY_TEXTS]
    texts += [issuer.get(name, "") for name in ("userName", "arn")]
    texts += [entry.get(name, "") for entry in resources for name in ("ARN", "accountId", "type")]
    texts += [record.get(name) or "" for name in _EVENT_TEXTS]
    texts += [record.get("eventCategory", "")]
    return all(isinstance(text, str) for text in texts)


def _call(time_ns: int, record: Mapping[str, Any]) -> ReplayCall:
    action = _text(record, "eventName")
    if record.get("eventType") == "AwsServiceEvent":
        raise _NotReplayable("made by KMS itself", action)
    if action not in ACTIONS:
        raise _NotReplayable("action not modelled", action)
    arns = _key_arns(record)
    parameters = _parameters(action, record, arns)
    principal = _principal(action, record, parameters)
    key_arn = arns[0] if arns else _named_arn(parameters, record)
    if action in {"Decrypt", "ReEncrypt"} and not key_arn:
        raise _NotReplayable("no key is named", action)
    if ":key/mrk-" in key_arn:
        raise _NotReplayable("multi-Region keys are not modelled", action)
    return ReplayCall(
        time_ns=time_ns,
        region=_text(record, "awsRegion"),
        action=action,
        parameters=parameters,
        key_arn=key_arn,
        destination_arn=arns[-1] if action == "ReEncrypt" and arns else "",
        created_arn=_created_arn(record) if action == "CreateKey" else "",
        principal=principal,
        source_ip=_text(record, "sourceIPAddress"),
        user_agent=_text(record, "userAgent"),
        connection=_connection(record),
        error_code=_text(record, "errorCode"),
        event_id=_text(record, "eventID"),
    )


def _connection(record: Mapping[str, Any]) -> Connection:
    """Return how the call came, as far as its record tells."""
    given = record.get("tlsDetails")
    details = given if isinstance(given, dict) else {}
    return Connection(
        host=_text(details, "clientProvidedHostHeader"),
        tls_version=_text(details, "tlsVersion"),
        cipher_suite=_text(details, "cipherSuite"),
        console=record.get("sessionCredentialFromConsole") == "true",
    )


def _principal(
    action: str, record: Mapping[str, Any], parameters: Mapping[str, Any]
) -> Principal:
    contexts = (parameters.get(name) for name in _CONTEXTS)
    principal = principal_of(record, next((context for context in contexts if context), {}))
    if isinstance(principal, str):
        raise _NotReplayable(principal, action)
    return principal


def _parameters(
    action: str, record: Mapping[str, Any], arns: tuple[str, ...]
) -> dict[str, Any]:
    """Return what the caller asked for, under the names of the service model."""
    shown = record.get("requestParameters")
    shown = shown if isinstance(shown, dict) else {}
    given = {name[:1].upper() + name[1:]: value for name, value in shown.items()}
    fields = ACTIONS[action]
    wanted = sorted(fields.required + fields.optional)
    parameters = {name: given[name] for name in wanted if given.get(name) is not None}
    if "KeyId" in fields.required and "KeyId" not in parameters and arns:
        # A refused call is often recorded without its parameters; the key still stands beside.
        parameters["KeyId"] = arns[0]
    for name in fields.required:
        if name not in parameters:
            raise _NotReplayable(f"requestParameters lack {name}", action)
    if "KeySpec" in parameters:
        # Records show both names of the one thing; a request may carry only one.
        parameters.pop("CustomerMasterKeySpec", None)
    return {name: _checked(action, name, value) for name, value in parameters.items()}


def _checked(action: str, name: str, value: Any) -> Any:
    """Return a parameter that has its type in the service model, so that a frame can carry it."""
    if name in _CONTEXTS:
        kind = "a map of text to text"
        fits = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    elif name in _INTEGERS:
        kind, fits = "an integer", isinstance(value, int) and abs(value) < _INTEGER_LIMIT
    elif name in _FLAGS:
        kind, fits = "true or false", isinstance(value, bool)
    else:
        kind, fits = "text", isinstance(value, str)
    if not fits:
        raise _NotReplayable(f"{name} is not {kind}", action)
    return value


def _key_arns(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the key ARNs that the record resolved, or those its refusal names."""
    resources = record.get("resources")
    resources = resources if isinstance(resources, list) else []
    arns = [_text(entry, "ARN") for entry in resources if isinstance(entry, dict)]
    resolved = tuple(arn for arn in arns if _KEY_ARN.fullmatch(arn))
    return resolved or tuple(_KEY_ARN.findall(_text(record, "errorMessage"))[:1])


def _named_arn(parameters: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return the ARN of a key that the caller wrote out, though nothing resolved it."""
    written = parameters.get("KeyId", parameters.get("SourceKeyId", ""))
    if not isinstance(written, str) or ":alias/" in written or written.startswith("alias/"):
        return ""
    if _KEY_ARN.fullmatch(written):
        return written
    account, region = _text(record, "recipientAccountId"), _text(record, "awsRegion")
    candidate = f"arn:aws:kms:{region}:{account}:key/{written}"
    return candidate if _KEY_ARN.fullmatch(candidate) else ""


def _created_arn(record: Mapping[str, Any]) -> str:
    answer = record.get("responseElements")
    metadata = answer.get("keyMetadata") if isinstance(answer, dict) else None
    arn = _text(metadata, "arn") if isinstance(metadata, dict) else ""
    return arn if _KEY_ARN.fullmatch(arn) else ""


def _keys(calls: Iterable[ReplayCall]) -> tuple[ReplayKey, ...]:
    """Return the keys that must be there, and what is known of each."""
    needed: set[str] = set()
    made: dict[str, str] = {}
    own_aliases: set[tuple[str, str, str]] = set()
    used_aliases: dict[str, set[str]] = {}
    for call in calls:
        if call.created_arn:
            made[call.created_arn] = call.event_id
        if call.error_code == _NOT_FOUND:
            continue  # the key was not there; neither shall it be in the replay
        needed.update(arn for arn in (call.key_arn, call.destination_arn) if arn)
        if call.action == "CreateAlias" and not call.error_code:
            place = (call.region, call.principal.account)
            own_aliases.add((*place, str(call.parameters["AliasName"])))
        for name, arn in (
            ("KeyId", call.key_arn),
            ("SourceKeyId", call.key_arn),
            ("DestinationKeyId", call.destination_arn),
        ):
            alias = _alias_name(call.parameters.get(name))
            if alias and arn:
                used_aliases.setdefault(arn, set()).add(alias)
    keys = []
    for arn in sorted(needed | set(made)):
        region, account = arn.split(":")[3:5]
        names = sorted(used_aliases.get(arn, ()))
        managed = [name for name in names if name.startswith(_MANAGED_ALIAS)]
        keys.append(
            ReplayKey(
                arn=arn,
                region=region,
                account=account,
                managed_by=managed[0].removeprefix(_MANAGED_ALIAS) if managed else "",
                created_by=made.get(arn, ""),
                aliases=tuple(
                    name
                    for name in names
                    if name not in managed and (region, account, name) not in own_aliases
                ),
            )
        )
    return tuple(keys)


def _alias_name(written: Any) -> str:
    """Return ``alias/name`` of a key named by its alias or the alias's ARN; else ""."""
    if not isinstance(written, str):
        return ""
    start = written.find("alias/")
    is_alias = start == 0 or (start > 0 and written.startswith("arn:"))
    return written[start:] if is_alias else ""


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
