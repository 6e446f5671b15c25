"""A key's policy lets in everybody, another account, or was put there without its safety check."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scenarios.audit.detections.detection import HIGH, OneByOne, account_of
from scenarios.audit.event import Event, text
from scenarios.audit.naming import KMS, named

_PUTS: Final = ("PutKeyPolicy", "CreateKey", "ReplicateKey")


class PolicyWidened(OneByOne):
    """A policy was accepted that allows something to everybody or to another account."""

    name = "policy-widened"
    summary = "a key policy lets in everybody or another account, or skips its safety check"
    severity = HIGH

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge a policy that was put."""
        if event.service != KMS or event.name not in _PUTS or event.error:
            return None
        owner = account_of(next(iter(named(event).arns), "")) or event.account
        reasons = list(dict.fromkeys(_reasons(event, owner)))
        if not reasons:
            return None
        return next(iter(named(event).arns), ""), f"key policy {'; '.join(reasons)}"


def _reasons(event: Event, owner: str) -> Iterator[str]:
    policy = text(event.parameters, "policy")
    if not policy and event.name == "PutKeyPolicy":
        yield "is not in the record"
    for statement in _statements(policy):
        if statement.get("Effect") != "Allow":
            continue
        limited = " under conditions" if statement.get("Condition") else ""
        if "NotPrincipal" in statement:
            yield f"allows everybody but a few{limited}"
        for who in _principals(statement.get("Principal")):
            account = who if len(who) == 12 and who.isdecimal() else account_of(who)
            if who == "*":
                yield f"allows everybody{limited}"
            elif account and account != owner:
                yield f"allows {who}{limited}"
    if event.parameters.get("bypassPolicyLockoutSafetyCheck") is True:
        yield "was put without the lockout safety check"


def _statements(policy: str) -> Iterator[Mapping[str, Any]]:
    try:
        document = json.loads(policy) if policy else {}
    except (ValueError, RecursionError):
        return
    found = document.get("Statement") if isinstance(document, dict) else None
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield one


def _principals(principal: Any) -> Iterator[str]:
    """Yield ``*`` and the entries of AWS; services are no accounts."""
    if isinstance(principal, str):
        yield principal
    elif isinstance(principal, dict):
        entries = principal.get("AWS", ())
        for entry in [entries] if isinstance(entries, str) else entries:
            if isinstance(entry, str):
                yield entry
