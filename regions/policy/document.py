"""One policy document: JSON text to statements, compiled once per text.

What does not belong here: who may do what (evaluate.py), the errors with which a service refuses
a document (each maps the flaws itself), and the texts of the policies that a service writes
itself (defaults.py).
Source: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements:
Version", "Action", "Resource" and "Sid".
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NoReturn

from regions.policy.conditions import Test, compile_conditions
from regions.policy.flaws import Flaw, PolicyError
from regions.policy.patterns import (
    Context,
    Matcher,
    Template,
    everything,
    glob,
    resource,
    resource_template,
    written,
)
from regions.policy.principals import Principals, parse_principals

#: The version that has policy variables, and the one that a document without Version has.
NEWEST, OLDEST = "2012-10-17", "2008-10-17"

#: Tells whether a resource is covered in one request: of patterns that have variables.
Late = Callable[[str, Context], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one kind of policy has and has not."""

    principals: bool  #: its statements name whom they speak of
    resources: bool = True  #: its statements name what they speak of
    strict: bool = False  #: IAM's own rules for Sid and Resource hold


IDENTITY: Final = Kind(principals=False, strict=True)
RESOURCE: Final = Kind(principals=True)
TRUST: Final = Kind(principals=True, resources=False, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, ready to be asked."""

    sid: str
    allows: bool
    principals: Principals | None  #: None in an identity policy: it speaks of its holder
    actions: tuple[str, ...]  #: as written, of Action or of NotAction
    resources: tuple[str, ...]  #: as written, of Resource or of NotResource; () of a role's trust
    covers_action: Matcher
    covers_resource: Matcher  #: any, if it depends on the request; then ``holds`` tells
    late: Late | None
    conditions: tuple[Test, ...]
    bare: bool  #: it holds of whatever it covers: nothing of the request need be looked at

    def holds(self, resource: str, context: Context) -> bool:
        """Tell whether all conditions hold, and variables make it cover the resource."""
        if self.late is not None and not self.late(resource, context):
            return False
        return all(test(context) for test in self.conditions)


@dataclass(frozen=True, slots=True)
class Document:
    """A compiled policy document."""

    version: str
    statements: tuple[Statement, ...]
    _of_action: dict[str, tuple[Statement, ...]] = field(default_factory=dict)

    def of_action(self, action: str) -> tuple[Statement, ...]:
        """Return the statements that speak of an action, such as ``kms:Encrypt``; denials first."""
        found = self._of_action.get(action)
        if found is None:
            covering = [s for s in self.statements if s.covers_action(action)]
            found = tuple(sorted(covering, key=lambda statement: statement.allows))
            self._of_action[action] = found
        return found


@lru_cache(maxsize=4096)
def compile_resource_policy(text: str) -> Document:
    """Compile the policy of a resource: a key, a bucket, a topic.

    Raises:
      PolicyError: it is no valid one.
    """
    return _compile(text, RESOURCE)


@lru_cache(maxsize=4096)
def compile_trust_policy(text: str) -> Document:
    """Compile a role's trust policy, whose statements name no resource: it is the role.

    Raises:
      PolicyError: it is no valid one.
    """
    return _compile(text, TRUST)


@lru_cache(maxsize=4096)
def compile_identity_policy(text: str) -> Document:
    """Compile an identity policy, session policy or boundary: it speaks of whom it is attached to.

    Raises:
      PolicyError: it is no valid one.
    """
    return _compile(text, IDENTITY)


def _compile(text: str, kind: Kind) -> Document:
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # The latter of brackets nested thousands deep.
        raise PolicyError(Flaw.SYNTAX) from None
    if not isinstance(document, dict) or not document.keys() <= {"Version", "Id", "Statement"}:
        raise PolicyError(Flaw.SYNTAX)
    version = document.get("Version", OLDEST)
    if version not in (NEWEST, OLDEST):
        raise PolicyError(Flaw.VERSION, str(version))
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise PolicyError(Flaw.SYNTAX)
    if not isinstance(document.get("Id", ""), str):
        raise PolicyError(Flaw.SYNTAX)
    compiled = tuple(_statement(entry, kind, new=version == NEWEST) for entry in statements)
    if kind.strict:
        _check_sids([statement.sid for statement in compiled])
    return Document(version, compiled)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which are Python's, not JSON's


_SID: Final = re.compile(r"[A-Za-z0-9]*")


def _check_sids(sids: list[str]) -> None:
    seen: set[str] = set()
    for sid in filter(None, sids):
        if _SID.fullmatch(sid) is None:
            raise PolicyError(Flaw.SID, sid)
        if sid in seen:
            raise PolicyError(Flaw.SID_TWICE, sid)
        seen.add(sid)


_NAMED: Final = ("Principal", "Action", "Resource")  #: each also as Not...
_KNOWN: Final = frozenset(("Sid", "Effect", "Condition", *_NAMED, *(f"Not{n}" for n in _NAMED)))


def _statement(entry: Any, kind: Kind, *, new: bool) -> Statement:
    if not isinstance(entry, dict) or not entry.keys() <= _KNOWN:
        raise PolicyError(Flaw.SYNTAX)
    sid = entry.get("Sid", "")
    if not isinstance(sid, str):
        raise PolicyError(Flaw.SYNTAX)
    if entry.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(Flaw.EFFECT, str(entry.get("Effect", "")))
    denies = entry["Effect"] == "Deny"
    principals = _principals(entry, kind, denies=denies)
    actions, other_actions = _texts(entry, "Action", Flaw.NO_ACTION)
    resources, covers_resource, late = _resources(entry, kind, new=new)
    conditions = compile_conditions(entry.get("Condition", {}), variables=new)
    return Statement(
        sid=sid,
        allows=not denies,
        principals=principals,
        actions=actions,
        resources=resources,
        covers_action=_covering_actions(actions, inverted=other_actions),
        covers_resource=covers_resource,
        late=late,
        conditions=conditions,
        bare=not conditions and late is None,
    )


def _one_of(entry: dict[str, Any], name: str, missing: Flaw) -> tuple[Any, bool]:
    """Return the value of ``name`` or of ``Not`` + name, and whether it was the latter."""
    negative = f"Not{name}"
    if name in entry and negative in entry:
        raise PolicyError(Flaw.SYNTAX)
    if name not in entry and negative not in entry:
        raise PolicyError(missing)
    return (entry[negative], True) if negative in entry else (entry[name], False)


def _texts(entry: dict[str, Any], name: str, missing: Flaw) -> tuple[tuple[str, ...], bool]:
    value, inverted = _one_of(entry, name, missing)
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in values):
        raise PolicyError(Flaw.SYNTAX)
    if not values:
        raise PolicyError(missing)
    return tuple(values), inverted


# ---- Action ----

_ACTION: Final = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[^:]+")


def _covering_actions(actions: tuple[str, ...], *, inverted: bool) -> Matcher:
    for text in actions:
        if _ACTION.fullmatch(text) is None:
            raise PolicyError(Flaw.ACTION, text)
    matchers = tuple(glob(written(text.lower())) for text in actions)
    return lambda text: any(match(text.lower()) for match in matchers) is not inverted


# ---- Resource ----


def _resources(
    entry: dict[str, Any], kind: Kind, *, new: bool
) -> tuple[tuple[str, ...], Matcher, Late | None]:
    """Return the resources as written, what covers them, and what does so in one request."""
    if not kind.resources:
        if "Resource" in entry or "NotResource" in entry:
            raise PolicyError(Flaw.RESOURCE_FORBIDDEN)
        return (), everything, None
    texts, inverted = _texts(entry, "Resource", Flaw.NO_RESOURCE)
    for text in texts:
        if kind.strict and text != "*" and not text.startswith("arn:"):
            raise PolicyError(Flaw.RESOURCE, text)
    fixed: list[Matcher] = []
    templates: list[Template] = []
    for text in texts:
        found = resource_template(text) if new else None
        if found is None:
            fixed.append(resource(written(text)))
        else:
            templates.append(found)
    matchers = tuple(fixed)
    if templates:
        return texts, everything, _late(matchers, tuple(templates), inverted=inverted)
    if len(matchers) == 1 and not inverted:
        return texts, matchers[0], None  # As most statements have it: every call asks for it.
    return texts, lambda text: any(match(text) for match in matchers) is not inverted, None


def _late(fixed: tuple[Matcher, ...], templates: tuple[Template, ...], *, inverted: bool) -> Late:
    def covers(text: str, context: Context) -> bool:
        if any(match(text) for match in fixed):
            return not inverted
        patterns = (one.pattern(context) for one in templates)
        # A variable without a value: the pattern is no resource's.
        found = any(resource(pattern)(text) for pattern in patterns if pattern is not None)
        return found is not inverted

    return covers


# ---- Principal ----


def _principals(entry: dict[str, Any], kind: Kind, *, denies: bool) -> Principals | None:
    named = "Principal" in entry or "NotPrincipal" in entry
    if not kind.principals:
        if named:
            raise PolicyError(Flaw.PRINCIPAL_FORBIDDEN)
        return None
    value, inverted = _one_of(entry, "Principal", Flaw.NO_PRINCIPAL)
    return parse_principals(value, inverted=inverted, denies=denies)
