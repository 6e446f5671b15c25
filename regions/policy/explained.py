"""Why an access is allowed or denied: what every statement says of it, and which ones decide.

The verdict is the engine's own (evaluate.py); here each statement is looked at once more, alone, to
tell what it says and where it stops to apply. A test holds the two together.
What does not belong here: how a person reads it (scenarios/), and grants, which the key service
looks at itself and adds (kms/explained.py).
Source: IAM User Guide, "Policy evaluation logic".
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from regions.calls import Principal
from regions.policy.conditions import compile_conditions
from regions.policy.document import (
    NEWEST,
    Document,
    Statement,
    compile_identity_policy,
    compile_resource_policy,
)
from regions.policy.evaluate import ALLOWED, Access, decide, refusal, visible
from regions.policy.flaws import PolicyError
from regions.policy.patterns import Context
from regions.policy.principals import BY_ACCOUNT, BY_NAME, BY_ROLE, NOT_NAMED

KEY_POLICY: Final = "key policy"
IDENTITY: Final = "identity policy"
SESSION: Final = "session policy"
BOUNDARY: Final = "permissions boundary"
GRANT: Final = "grant"

_NAMED: Final = {
    BY_ACCOUNT: "it names the caller's account",
    BY_ROLE: "it names the role of the caller's session",
    BY_NAME: "it names the caller",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one statement, or one grant, has to say."""

    where: str  #: KEY_POLICY, IDENTITY, SESSION, BOUNDARY or GRANT; numbered if there are several
    name: str  #: ``statement 2 (NoEve)``, or a grant's id
    allows: bool
    applies: bool
    why: str  #: how it names the caller, or the first thing for which it does not apply
    named: int = NOT_NAMED  #: of the key's policy and grants, from NOT_NAMED to BY_NAME

    @property
    def kind(self) -> str:
        """Where it stands, without a number."""
        return self.where.rstrip("0123456789 ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The verdict on one access, and all that was weighed."""

    allowed: bool
    message: str  #: the service's refusal; "" if the access is allowed
    decisive: tuple[Finding, ...]  #: the allows that were enough, or all denials
    others: tuple[Finding, ...]


def explain(access: Access, policy: str, grants: tuple[Finding, ...] = ()) -> Explanation:
    """Return why an access is allowed or denied.

    Args:
      access: the question.
      policy: the text of its resource's policy, which the access has compiled; "" of none.
      grants: what each grant on the key says of it.
    """
    findings = (*_all_of(access, policy), *grants)
    allowed = decide(access) == ALLOWED
    denials = tuple(one for one in findings if one.applies and not one.allows)
    decisive = _decisive(access, findings) if allowed else denials
    return Explanation(
        allowed=allowed,
        message=refusal(access),
        decisive=decisive,
        others=tuple(one for one in findings if one not in decisive),
    )


# ---- which ones decide ----


def _decisive(access: Access, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the first allow of each kind of policy that had to allow."""
    principal = access.principal
    speaking = [one for one in findings if one.applies and one.allows]
    of_key = [one for one in speaking if one.kind in (KEY_POLICY, GRANT)]
    strongest = max(of_key, key=lambda one: one.named, default=None)
    needed = [] if strongest is None else [strongest]
    at_home = principal.account == access.account
    named = NOT_NAMED if strongest is None else strongest.named
    kinds: list[str] = []
    if named != BY_NAME or not at_home:
        limited = [SESSION] if principal.session_policies else []
        limited += [BOUNDARY] if principal.boundary else []
        kinds = limited if named == BY_ROLE and at_home else [IDENTITY, *limited]
    for kind in kinds:
        needed += [one for one in speaking if one.kind == kind][:1]
    return tuple(needed)


# ---- what each statement says ----


def _all_of(access: Access, policy: str) -> Iterator[Finding]:
    principal = access.principal
    if access.resource_policy is not None:
        yield from _of_text(access, KEY_POLICY, policy, compile_resource_policy)
    kinds = (
        (IDENTITY, principal.policies),
        (SESSION, principal.session_policies),
        (BOUNDARY, (principal.boundary,) if principal.boundary else ()),
    )
    for kind, texts in kinds:
        for number, text in enumerate(texts, start=1):
            where = f"{kind} {number}" if len(texts) > 1 else kind
            yield from _of_text(access, where, text, compile_identity_policy)


def _of_text(
    access: Access, where: str, text: str, compiled: Callable[[str], Document]
) -> Iterator[Finding]:
    try:
        document = compiled(text)
    except PolicyError as error:
        # Whoever has such a policy is refused, so it counts as a denial.
        yield Finding(where=where, name="all of it", allows=False, applies=True, why=str(error))
        return
    entries = json.loads(text)["Statement"]
    entries = entries if isinstance(entries, list) else [entries]
    context = visible(access) if where == KEY_POLICY else access.context()
    for number, statement in enumerate(document.statements):
        entry = entries[number]
        label = f" ({statement.sid})" if statement.sid else ""
        named = _named(statement, access.principal)
        variables = document.version == NEWEST
        objection = _objection(access, statement, entry, context, named, variables=variables)
        yield Finding(
            where=where,
            name=f"statement {number + 1}{label}",
            allows=statement.allows,
            applies=not objection,
            why=objection or ("" if named is None else _NAMED[named]),
            named=named or NOT_NAMED,
        )


def _named(statement: Statement, principal: Principal) -> int | None:
    """Return how a statement names the caller; None if it has no principals."""
    return None if statement.principals is None else statement.principals.names(principal)


def _objection(
    access: Access,
    statement: Statement,
    entry: dict[str, Any],
    context: Context,
    named: int | None,
    *,
    variables: bool,
) -> str:
    """Return the first thing for which a statement does not apply; "" if it does."""
    if not statement.covers_action(access.action):
        return _element(entry, "Action", access.action)
    if named == NOT_NAMED:
        return (
            "its NotPrincipal names the caller"
            if "NotPrincipal" in entry
            else ("its Principal does not name the caller")
        )
    late = statement.late
    if not statement.covers_resource(access.resource) or (
        late is not None and not late(access.resource, context)
    ):
        return _element(entry, "Resource", access.resource)
    for operator, entries in entry.get("Condition", {}).items():
        for key, values in entries.items():
            tests = compile_conditions({operator: {key: values}}, variables=variables)
            if not all(test(context) for test in tests):
                return _condition(operator, key, values, context)
    return ""


def _element(entry: dict[str, Any], name: str, value: str) -> str:
    if f"Not{name}" in entry:
        return f"its Not{name} leaves out {value}"
    return f"its {name} does not include {value}"


def _condition(operator: str, key: str, values: Any, context: Context) -> str:
    found = context.get(key.lower())
    has = "the call has none" if found is None else f"the call has {_text(found)}"
    return f"its condition {operator} {key} {_text(values)} does not hold: {has}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def shown(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as a JSON object."""
    return {
        "allowed": explanation.allowed,
        "message": explanation.message,
        "decisive": [_entry(one) for one in explanation.decisive],
        "others": [_entry(one) for one in explanation.others],
    }


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "where": finding.where,
        "name": finding.name,
        "effect": "Allow" if finding.allows else "Deny",
        "applies": finding.applies,
        "why": finding.why,
    }
