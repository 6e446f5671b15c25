"""What each event of the key service changes of a key; KEY_CHANGES is the table.

What does not belong here: collecting the changes (changes.py).
Source: KMS Developer Guide, "Logging AWS KMS API calls", the entries of the single operations.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from scenarios.audit.event import Event, rows, table, text

#: Stands for what is not there any more.
ABSENT: Final = "absent"
_STATE, _POLICY, _ROTATION, _MATERIAL = "state", "policy", "rotation", "key material"
#: What is shown of the metadata of a new key, and how it is called.
_METADATA: Final = {
    "keyState": _STATE,
    "description": "description",
    "keySpec": "key spec",
    "keyUsage": "key usage",
    "origin": "origin",
    "multiRegion": "multi-Region",
}

Values = Mapping[str, Any]
Setter = Callable[[Event, str], Values]


def _always(**values: Any) -> Setter:
    return lambda _event, _subject: {name.replace("_", " "): v for name, v in values.items()}


def _created(event: Event, _subject: str) -> Values:
    metadata = table(event.response, "keyMetadata")
    found = {name: metadata[member] for member, name in _METADATA.items() if member in metadata}
    found[_POLICY] = text(event.parameters, "policy") or "the default policy"
    return found | _tags(event)


def _tags(event: Event) -> dict[str, Any]:
    return {
        f"tag {text(one, 'tagKey') or text(one, 'key')}": one.get("tagValue", one.get("value"))
        for one in rows(event.parameters, "tags")
    }


def _untagged(event: Event, _subject: str) -> Values:
    names = event.parameters.get("tagKeys")
    return {f"tag {name}": ABSENT for name in names} if isinstance(names, list) else {}


def _policy(event: Event, _subject: str) -> Values:
    return {_POLICY: event.parameters.get("policy", "not recorded")}


def _scheduled(event: Event, _subject: str) -> Values:
    days = event.parameters.get("pendingWindowInDays")
    date = event.response.get("deletionDate")
    when = date or (f"in {days} days" if days else "in 30 days")
    return {_STATE: "PendingDeletion", "deletion": when}


def _granted(event: Event, _subject: str) -> Values:
    shown = {
        name: event.parameters[name]
        for name in ("granteePrincipal", "operations", "constraints", "retiringPrincipal")
        if event.parameters.get(name) is not None
    }
    return {f"grant {text(event.response, 'grantId') or '(id not recorded)'}": shown}


def _ungranted(event: Event, _subject: str) -> Values:
    more = table(event.record, "additionalEventData")
    grant = text(event.parameters, "grantId") or text(more, "grantId") or "(id not recorded)"
    return {f"grant {grant}": ABSENT}


def _aliased(event: Event, subject: str) -> Values:
    alias = f"alias {text(event.parameters, 'aliasName').removeprefix('alias/')}"
    target = text(event.parameters, "targetKeyId")
    # UpdateAlias is about the key that has it from now on and the one that had it before.
    here = event.name != "DeleteAlias" and target.rpartition("/")[2] == subject.rpartition("/")[2]
    return {alias: "points here" if here else ABSENT}


def _rotating(event: Event, _subject: str) -> Values:
    days = event.parameters.get("rotationPeriodInDays")
    return {_ROTATION: f"every {days} days" if days else "every year"}


def _rotated(event: Event, _subject: str) -> Values:
    details = table(event.record, "serviceEventDetails")
    return {_MATERIAL: f"rotated at {event.time}", **_listed(details, "rotationType")}


def _listed(details: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: details[name] for name in names if name in details}


KEY_CHANGES: Final[dict[str, Setter]] = {
    "CreateKey": _created,
    "EnableKey": _always(state="Enabled"),
    "DisableKey": _always(state="Disabled"),
    "ScheduleKeyDeletion": _scheduled,
    "CancelKeyDeletion": _always(state="Disabled", deletion=ABSENT),
    "DeleteKey": _always(state="deleted"),
    "PutKeyPolicy": _policy,
    "EnableKeyRotation": _rotating,
    "DisableKeyRotation": _always(rotation=ABSENT),
    "RotateKey": _rotated,
    "RotateKeyOnDemand": _always(rotation_on_demand="asked for"),
    "CreateGrant": _granted,
    "RetireGrant": _ungranted,
    "RevokeGrant": _ungranted,
    "CreateAlias": _aliased,
    "UpdateAlias": _aliased,
    "DeleteAlias": _aliased,
    "TagResource": lambda event, _subject: _tags(event),
    "UntagResource": _untagged,
    "UpdateKeyDescription": lambda event, _subject: {
        "description": event.parameters.get("description")
    },
    "UpdatePrimaryRegion": lambda event, _subject: {
        "primary Region": event.parameters.get("primaryRegion")
    },
    "ReplicateKey": lambda event, _subject: {
        f"replica in {text(event.parameters, 'replicaRegion')}": "there"
    },
    "ImportKeyMaterial": lambda event, _subject: {
        _MATERIAL: f"imported at {event.time}",
        "expires": event.parameters.get("validTo") or "never",
    },
    "DeleteImportedKeyMaterial": _always(state="PendingImport", key_material=ABSENT),
    "DeleteExpiredKeyMaterial": _always(state="PendingImport", key_material=ABSENT),
}
