"""One policy document: JSON text to statements, compiled once per text.

What does not belong here: who may do what (evaluate.py), and the texts of the policies that the
service writes itself (defaults.py).
Source: IAM User Guide, "Grammar of the IAM JSON policy language"; AWS KMS Developer Guide, "Key
policies"; the service's texts as observed (broken JSON is answered without any text).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from regions.calls import Principal
from regions.errors import MalformedPolicyDocumentException
from regions.names import is_account
from regions.policy.conditions import Context, Test, compile_conditions, wildcard

INVALID_PRINCIPALS: Final = "Policy contains a statement with one or more invalid principals."
NO_PRINCIPAL: Final = "Policy contains a statement with no principal."
VERSIONS: Final = ("2012-10-17", "2008-10-17")

_PRINCIPAL_ARN: Final = re.compile(
    r"arn:aws(?:-cn|-us-gov)?:(?:iam|sts)::(\d{12}):"
    r"(root|user/.+|role/.+|assumed-role/.+/.+|federated-user/.+)"
)

#: How a statement names the asking principal; a higher value is a stronger way.
NOT_NAMED, BY_ACCOUNT, BY_NAME = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """The Principal, or NotPrincipal, of a key policy's statement."""

    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    services: frozenset[str]
    inverted: bool = False

    def names(self, principal: Principal) -> int:
        """Tell how the statement names a principal: NOT_NAMED, BY_ACCOUNT or BY_NAME."""
        if self.inverted:
            return NOT_NAMED if self._names(principal) else BY_NAME
        return self._names(principal)

    def _names(self, principal: Principal) -> int:
        if self.everyone or principal.arn in self.arns or principal.issuer_arn in self.arns:
            return BY_NAME
        if principal.kind == "AWSService":
            return BY_NAME if principal.invoked_by in self.services else NOT_NAMED
        if principal.account in self.accounts:
            return BY_NAME if principal.kind == "Root" else BY_ACCOUNT
        return NOT_NAMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, ready to be asked."""

    allows: bool
    principals: Principals | None  #: None in an identity policy: it speaks of its holder
    covers_action: Callable[[str], bool]
    covers_resource: Callable[[str], bool]
    conditions: tuple[Test, ...]

    def holds(self, context: Callable[[], Context]) -> bool:
        """Tell whether all conditions hold; the context is only built if there are any."""
        if not self.conditions:
            return True
        values = context()
        return all(test(values) for test in self.conditions)


@dataclass(frozen=True, slots=True)
class Document:
    """A compiled policy document."""

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
def compile_key_policy(text: str) -> Document:
    """Compile a key policy, whose statements name principals.

    Raises:
      MalformedPolicyDocumentException: it is no valid key policy, with the service's message.
      UnsupportedOperationException: it uses a condition that is not modelled.
    """
    return _compile(text, of_key=True)


@lru_cache(maxsize=4096)
def compile_identity_policy(text: str) -> Document:
    """Compile an identity policy, which speaks of the principal that it is attached to.

    Raises:
      MalformedPolicyDocumentException: it is no valid identity policy.
      UnsupportedOperationException: it uses a condition that is not modelled.
    """
    return _compile(text, of_key=False)


def _compile(text: str, *, of_key: bool) -> Document:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):  # The latter of brackets nested thousands deep.
        raise MalformedPolicyDocumentException from None  # The service tells no detail.
    if not isinstance(document, dict) or document.get("Version", VERSIONS[1]) not in VERSIONS:
        raise MalformedPolicyDocumentException
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise MalformedPolicyDocumentException
    return Document(tuple(_statement(entry, of_key=of_key) for entry in statements))


_NAMED: Final = ("Principal", "Action", "Resource")  #: each also as Not...
_KNOWN: Final = frozenset(("Sid", "Effect", "Condition", *_NAMED, *(f"Not{n}" for n in _NAMED)))


def _statement(entry: Any, *, of_key: bool) -> Statement:
    if not isinstance(entry, dict) or not entry.keys() <= _KNOWN:
        raise MalformedPolicyDocumentException
    if entry.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicyDocumentException
    return Statement(
        allows=entry["Effect"] == "Allow",
        principals=_principals(entry, of_key=of_key),
        covers_action=_patterns(entry, "Action", str.lower),
        covers_resource=_patterns(entry, "Resource", str),
        conditions=compile_conditions(entry.get("Condition", {})),
    )


def _one_of(entry: dict[str, Any], name: str) -> tuple[Any, bool]:
    """Return the value of ``name`` or of ``Not`` + name, and whether it was the latter."""
    negative = f"Not{name}"
    if (name in entry) == (negative in entry):
        raise MalformedPolicyDocumentException
    return (entry[negative], True) if negative in entry else (entry[name], False)


def _patterns(
    entry: dict[str, Any], name: str, normal: Callable[[str], str]
) -> Callable[[str], bool]:
    value, inverted = _one_of(entry, name)
    matchers = tuple(wildcard(normal(text)) for text in _list(value))
    if len(matchers) == 1 and normal is str and not inverted:
        return matchers[0]  # As most statements have it: every call asks for it.
    return lambda text: any(match(normal(text)) for match in matchers) is not inverted


def _list(value: Any, *, may_be_empty: bool = False) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not (values or may_be_empty) or not all(isinstance(text, str) for text in values):
        raise MalformedPolicyDocumentException
    return values


def _principals(entry: dict[str, Any], *, of_key: bool) -> Principals | None:
    named = "Principal" in entry or "NotPrincipal" in entry
    if named is not of_key:
        raise MalformedPolicyDocumentException(NO_PRINCIPAL if of_key else "")
    if not of_key:
        return None
    value, inverted = _one_of(entry, "Principal")
    if value == "*":
        value = {"AWS": "*"}
    if not isinstance(value, dict) or not value.keys() <= {"AWS", "Service", "Federated"}:
        raise MalformedPolicyDocumentException(INVALID_PRINCIPALS)
    named_by_aws = [_aws_principal(text) for text in _list(value.get("AWS", []), may_be_empty=True)]
    federated = _list(value.get("Federated", []), may_be_empty=True)
    return Principals(
        everyone=("everyone", "") in named_by_aws,
        accounts=frozenset(text for kind, text in named_by_aws if kind == "account"),
        arns=frozenset([*(text for kind, text in named_by_aws if kind == "arn"), *federated]),
        services=frozenset(_list(value.get("Service", []), may_be_empty=True)),
        inverted=inverted,
    )


def _aws_principal(text: str) -> tuple[str, str]:
    """Return what an AWS principal stands for: everyone, a whole account, or one ARN."""
    if text == "*":
        return "everyone", ""
    if is_account(text):
        return "account", text
    match = _PRINCIPAL_ARN.fullmatch(text)
    if match is None:
        raise MalformedPolicyDocumentException(INVALID_PRINCIPALS)
    return ("account", match[1]) if match[2] == "root" else ("arn", text)
