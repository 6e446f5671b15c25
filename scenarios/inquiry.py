"""Questions of ``nines policy explain``: asked of a running server, or answered from files.

What does not belong here: the engine (regions/policy/), and what is printed (commands/policy.py).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from regions.calls import Principal
from regions.errors import ServiceError
from regions.kms.changes import Command, GrantCreated, KeyCreated
from regions.kms.grant import EQUALS, SUBSET, Grant, principals_of
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.live.explanations import InquiryError, answered, inquiry_of
from regions.names import REGIONS, parse_key_name
from regions.policy.callers import caller_named
from regions.policy.document import compile_identity_policy, compile_resource_policy
from regions.policy.explained import shown
from regions.policy.flaws import PolicyError
from scenarios.admin_client import ask
from sim.quick import changed

_REGION: Final = "us-east-1"
_KEY_ID: Final = "00000000-0000-4000-8000-000000000000"
#: Options that say something only where everything comes from files.
_OF_FILES: Final = (
    *("identity_policy", "session_policy", "boundary", "grants", "key_tag", "principal_tag"),
)
_STANDARD_INPUT: Final = "-"


class QuestionError(ValueError):
    """A question that cannot be answered; the text says what was expected."""


def answer(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the explanation as a JSON object.

    Args:
      options: those of the command, by their names.

    Raises:
      QuestionError: an option or a file is of no use.
      InputError: no server answers.
    """
    given = _asked(options)
    if options["key_policy"] is not None:
        try:
            return _from_files(given, options)
        except InquiryError as error:
            raise QuestionError(str(error)) from error
    for name in _OF_FILES:
        if options[name]:
            raise QuestionError(
                f"--{name.replace('_', '-')} goes with files; expected --key-policy as well"
            )
    found: dict[str, Any] = ask(options["data"], "POST", "/explain", given)
    return found


def _asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the question as the admin interface takes it."""
    parameters = {}
    for name, text in _pairs("parameter", options["parameter"], "JSON"):
        try:
            parameters[name] = json.loads(text)
        except ValueError:
            raise QuestionError(f"parameter {name}={text}: expected a JSON value") from None
    conditions: dict[str, list[str]] = {}
    for name, text in _pairs("condition", options["condition"]):
        conditions.setdefault(name, []).append(text)
    return {
        "principal": options["principal"],
        "action": options["action"],
        "key": options["key"],
        "region": options["region"],
        "context": dict(_pairs("context", options["context"])),
        "parameters": parameters,
        "conditions": {n: t[0] if len(t) == 1 else t for n, t in conditions.items()},
        "via": options["via"],
        "source_ip": options["source_ip"],
        "source_arn": options["source_arn"],
        "tokens": list(options["grant_token"]),
    }


def _pairs(option: str, texts: Sequence[str], kind: str = "VALUE") -> list[tuple[str, str]]:
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise QuestionError(f"{option} {text!r}: expected NAME={kind}")
        found.append((name, value))
    return found


# ---- from files ----


def _from_files(given: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    region, account, key_id = _key_named(given)
    principal = _principal(given["principal"], account, options)
    keyring = Keyring(region)
    key = Key(
        key_id=key_id,
        account=account or principal.account,
        sequence=0,
        created_ns=0,
        policy=_key_policy(options["key_policy"]),
        tokens=(),
        tags=dict(_pairs("key-tag", options["key_tag"])) or None,
    )
    keyring.apply(Command(change=KeyCreated(key=key), record=None))
    for grant in _grants(options["grants"], key):
        keyring.apply(Command(change=GrantCreated(grant=grant), record=None))
    inquiry = inquiry_of({**given, "key": ""}, principal, region)
    found = answered(inquiry, keyring, keyring.key(key_id), now_ns=0)
    who = principal.arn or principal.invoked_by
    return {"principal": who, "resource": key.arn(region)} | shown(found)


def _key_named(given: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return region, account and id of the key; account "" is the principal's own."""
    region, text = given["region"] or _REGION, given["key"]
    if region not in REGIONS:
        raise QuestionError(f"region {region!r} is not known; expected one such as {_REGION}")
    if not text:
        return region, "", _KEY_ID
    try:
        name = parse_key_name(text)
    except ServiceError:
        name = None
    if name is None or name.is_alias:
        raise QuestionError(f"key {text!r}: expected the ARN or id of a key, as all is from files")
    return name.region or region, name.account, name.name


def _principal(text: str, account: str, options: Mapping[str, Any]) -> Principal:
    try:
        named = caller_named(text, account)
    except ValueError as error:
        raise QuestionError(str(error)) from None
    boundary = options["boundary"]
    return changed(
        named,
        policies=tuple(_identity_policy(path) for path in options["identity_policy"]),
        session_policies=tuple(_identity_policy(path) for path in options["session_policy"]),
        boundary="" if boundary is None else _identity_policy(boundary),
        tags=tuple(_pairs("principal-tag", options["principal_tag"])),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is no UTF-8"
        raise QuestionError(f"file {str(path)!r} cannot be read ({reason})") from error


def _key_policy(path: Path) -> str:
    if str(path) == _STANDARD_INPUT:
        return ""
    text = _read(path)
    try:
        compile_resource_policy(text)
    except PolicyError as error:
        raise QuestionError(f"file {str(path)!r} is no key policy: {error}") from None
    return text


def _identity_policy(path: Path) -> str:
    text = _read(path)
    try:
        compile_identity_policy(text)
    except PolicyError as error:
        raise QuestionError(f"file {str(path)!r} is no identity policy: {error}") from None
    return text


def _grants(path: Path | None, key: Key) -> list[Grant]:
    if path is None:
        return []
    text = _read(path)
    try:
        entries = json.loads(text)["Grants"]
        return [_grant(entry, key, number) for number, entry in enumerate(entries, start=1)]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise QuestionError(
            f'file {str(path)!r}: expected {{"Grants": [...]}} as ListGrants answers it, with'
            f" Operations and GranteePrincipal each ({type(error).__name__}: {error})"
        ) from None
    except ServiceError as error:
        raise QuestionError(f"file {str(path)!r}: {error.message}") from None


def _grant(entry: Mapping[str, Any], key: Key, number: int) -> Grant:
    constraints = entry.get("Constraints") or {}
    kind = next((kind for kind in (EQUALS, SUBSET) if kind in constraints), "")
    grant = Grant(
        grant_id=str(entry.get("GrantId") or f"number {number}"),
        key_id=key.key_id,
        issuer=key.account,
        created_ns=0,
        operations=tuple(entry["Operations"]),
        grantee=entry.get("GranteePrincipal") or "",
        grantee_service=entry.get("GranteeServicePrincipal") or "",
        name=entry.get("Name") or "",
        constraint=kind,
        pairs=dict(constraints[kind]) if kind else None,
        source_arn=constraints.get("SourceArn") or "",
    )
    principals_of(grant.holder)
    return grant
