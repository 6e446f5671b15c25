"""A second evaluator of policies, slow and plain, that shares no code with the one under test.

Written from the IAM User Guide alone: "Policy evaluation logic" (and across accounts), "AWS JSON
policy elements: Principal", "NotPrincipal", "Resource", "Condition operators", "Single-valued vs.
multivalued context keys", "Variables and tags". Policies are parsed JSON documents; it takes
valid ones only.
"""

import base64
import functools
import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Caller:
    kind: str
    account: str
    arn: str
    issuer: str = ""
    service: str = ""
    identity: tuple[Any, ...] = ()
    session: tuple[Any, ...] = ()
    boundary: Any = None


@dataclass(frozen=True)
class Question:
    caller: Caller
    action: str
    resource: str
    owner: str
    policy: Any = None
    required: bool = False  # identity policies count only if the resource's policy lets them
    context: dict[str, Any] = field(default_factory=dict)  # keys in lower case; lists of texts


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    denied_by: frozenset[str] = frozenset()  # kinds of policy with an explicit deny
    silent: frozenset[str] = frozenset()  # kinds of policy that had to allow and did not


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# ---- patterns: lists of (character, whether it is a wildcard) ----


def spelled(text: str) -> list[tuple[str, bool]]:
    return [(c, c in "*?") for c in text]


def like(pattern: list[tuple[str, bool]], text: str) -> bool:
    @functools.cache
    def fits(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        c, wild = pattern[i]
        if wild and c == "*":
            return fits(i + 1, j) or (j < len(text) and fits(i, j + 1))
        return j < len(text) and (wild or c == text[j]) and fits(i + 1, j + 1)

    return fits(0, 0)


def like_resource(pattern: list[tuple[str, bool]], text: str) -> bool:
    """Match with the colons kept: a wildcard inside one of the first five segments stays there."""
    colons = [i for i, (c, _) in enumerate(pattern) if c == ":"][:5]
    ends = {i - 1 for i in colons}
    last_head = colons[-1] if colons else -1

    @functools.cache
    def fits(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        c, wild = pattern[i]
        stays = i < last_head and not (c == "*" and i in ends)
        here = j < len(text)
        if wild and c == "*":
            step = here and not (stays and text[j] == ":") and fits(i, j + 1)
            return fits(i + 1, j) or step
        if wild:
            return here and not (stays and text[j] == ":") and fits(i + 1, j + 1)
        return here and c == text[j] and fits(i + 1, j + 1)

    return fits(0, 0)


def like_arn(pattern: list[tuple[str, bool]], text: str) -> bool:
    parts: list[list[tuple[str, bool]]] = [[]]
    for c, wild in pattern:
        if c == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append((c, wild))
    found = text.split(":", 5)
    return len(parts) == len(found) == 6 and all(map(like, parts, found))


# ---- variables ----


def filled(text: str, context: dict[str, Any]) -> list[tuple[str, bool]] | None:
    """Return the pattern of a text with its variables filled in; None if one has no value."""
    made: list[tuple[str, bool]] = []
    at = 0
    while at < len(text):
        end = text.find("}", at)
        if text.startswith("${", at) and end > at + 2:
            name, comma, rest = text[at + 2 : end].partition(",")
            if name in ("*", "?", "$"):
                value: Any = name
            else:
                values = context.get(name.lower())
                single = isinstance(values, str) and values != ""
                value = values if single else (rest.strip().strip("'") if comma else None)
            if value is None:
                return None
            made += [(c, False) for c in value]
            at = end + 1
        else:
            made += spelled(text[at])
            at += 1
    return made


def resource_matches(text: str, resource: str, context: dict[str, Any], new: bool) -> bool:
    parts = text.split(":", 5)
    if not new or len(parts) < 6:
        return like_resource(spelled(text), resource)
    tail = filled(parts[5], context)
    if tail is None:
        return False
    return like_resource(spelled(":".join(parts[:5]) + ":") + tail, resource)


# ---- conditions ----


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def moment(text: str) -> float | None:
    if number(text) is not None and not (len(text) == 4 and text.isdigit()):
        return number(text)
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d%z", "%Y-%m%z", "%Y%z"):
        for zone in ("", "+0000"):
            try:
                return datetime.strptime(text + zone, form).timestamp()  # noqa: DTZ007 - forms have %z
            except ValueError:
                continue
    return None


def same(  # noqa: PLR0911 - one answer for each operator family
    operator: str, value: str, wanted: str, context: dict[str, Any], new: bool
) -> bool:
    """Tell whether one value of the request and one of the policy match, negation aside."""
    base = operator.replace("Not", "")
    if base.startswith(("String", "Arn")):
        pattern = filled(wanted, context) if new else spelled(wanted)
        if pattern is None:
            return False
        if base == "StringLike":
            return like(pattern, value)
        if base.startswith("Arn"):
            return like_arn(pattern, value)
        plain = "".join(c for c, _ in pattern)
        if base == "StringEqualsIgnoreCase":
            return plain.lower() == value.lower()
        return plain == value
    if base == "Bool":
        return value.lower() == wanted.lower()
    if base == "BinaryEquals":
        try:
            return base64.b64decode(value, validate=True) == base64.b64decode(wanted)
        except ValueError:
            return False
    if base == "IpAddress":
        try:
            return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return False
    read = number if base.startswith("Numeric") else moment
    left, right = read(value), read(wanted)
    if left is None or right is None:
        return False
    return {
        "Equals": left == right,
        "LessThan": left < right,
        "LessThanEquals": left <= right,
        "GreaterThan": left > right,
        "GreaterThanEquals": left >= right,
    }[base.removeprefix("Numeric").removeprefix("Date")]


def condition_holds(
    operator: str, key: str, wanted: list[Any], context: dict[str, Any], new: bool
) -> bool:
    texts = [str(w).lower() if isinstance(w, bool) else str(w) for w in wanted]
    found = context.get(key.lower())
    if found == []:
        found = None
    if operator == "Null":
        return ("true" if found is None else "false") in [text.lower() for text in texts]
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    values = [] if found is None else listed(found)

    def one(value: str) -> bool:
        hit = any(same(name, value, text, context, new) for text in texts)
        return not hit if negated else hit

    if quantifier:
        values = [] if values == [""] else values
        if quantifier == "ForAllValues":
            return all(one(value) for value in values)
        if key.lower() not in context:
            return if_exists
        return any(one(value) for value in values)
    if found is None:
        return negated or if_exists
    hit = any(same(name, value, text, context, new) for value in values for text in texts)
    return not hit if negated else hit


# ---- statements ----


def about(statement: Any, question: Question, new: bool) -> bool:
    """Tell whether a statement speaks of the action and the resource, and its conditions hold."""
    action = question.action.lower()
    if "Action" in statement:
        hit = any(like(spelled(a.lower()), action) for a in listed(statement["Action"]))
    else:
        hit = not any(like(spelled(a.lower()), action) for a in listed(statement["NotAction"]))
    if not hit:
        return False
    for name, wanted in (("Resource", True), ("NotResource", False)):
        if name in statement:
            found = any(
                resource_matches(r, question.resource, question.context, new)
                for r in listed(statement[name])
            )
            if found is not wanted:
                return False
    return all(
        condition_holds(operator, key, listed(values), question.context, new)
        for operator, entries in statement.get("Condition", {}).items()
        for key, values in entries.items()
    )


def speaking(document: Any, question: Question) -> list[Any]:
    new = document.get("Version") == "2012-10-17"
    return [s for s in listed(document["Statement"]) if about(s, question, new)]


def is_account(text: str, account: str) -> bool:
    return text in (account, f"arn:aws:iam::{account}:root")


def claim(element: Any, caller: Caller) -> str:
    """Return the strongest way in which a Principal element names a caller."""
    if element == "*":
        return "direct"
    names = listed(element.get("AWS", []))
    if "*" in names or (caller.arn and caller.arn in names):
        return "direct"
    if caller.issuer and caller.issuer in names:
        return "issuer"
    if caller.kind == "AWSService":
        return "direct" if caller.service in listed(element.get("Service", [])) else ""
    if caller.account and any(is_account(name, caller.account) for name in names):
        return "direct" if caller.kind == "Root" else "account"
    return ""


def named(statement: Any, caller: Caller) -> str:
    if "Principal" in statement:
        return claim(statement["Principal"], caller)
    element = statement["NotPrincipal"]
    if element == "*" or "*" in listed(element.get("AWS", [])):
        return ""
    names = listed(element.get("AWS", []))
    if caller.kind == "AWSService":
        chain = [caller.service in listed(element.get("Service", []))]
    else:
        chain = [any(is_account(name, caller.account) for name in names)]
        if caller.kind != "Root":
            chain.append(caller.arn in names)
        if caller.issuer:
            chain.append(caller.issuer in names)
    spared = all(chain) if statement["Effect"] == "Deny" else any(chain)
    return "" if spared else "direct"


def allows(statements: list[Any]) -> bool:
    return any(s["Effect"] == "Allow" for s in statements)


def denies(statements: list[Any]) -> bool:
    return any(s["Effect"] == "Deny" for s in statements)


# ---- the decision ----


def judge(question: Question) -> Verdict:
    caller = question.caller
    identity = [s for document in caller.identity for s in speaking(document, question)]
    session = [s for document in caller.session for s in speaking(document, question)]
    boundary = speaking(caller.boundary, question) if caller.boundary else []
    resource = []
    if question.policy is not None:
        resource = [
            (s, named(s, caller)) for s in speaking(question.policy, question) if named(s, caller)
        ]
    kinds = {"identity": identity, "session": session, "boundary": boundary}
    denied = {kind for kind, statements in kinds.items() if denies(statements)}
    if any(s["Effect"] == "Deny" for s, _ in resource):
        denied.add("resource")
    if denied:
        return Verdict(allowed=False, denied_by=frozenset(denied))
    claims = {claim for s, claim in resource if s["Effect"] == "Allow"}
    lacking = set()
    if not (caller.kind == "Root" or allows(identity)):
        lacking.add("identity")
    limits = set()
    if caller.boundary and not allows(boundary):
        limits.add("boundary")
    if (caller.session or caller.kind == "FederatedUser") and not allows(session):
        limits.add("session")
    if caller.kind == "AWSService":
        missing = set() if "direct" in claims else {"resource"}
    elif caller.account != question.owner:
        missing = lacking | limits | (set() if claims else {"resource"})
    elif "direct" in claims:
        missing = set()
    elif "issuer" in claims:
        missing = limits
    else:
        closed = question.required and question.policy is not None and not claims
        missing = lacking | limits | ({"resource"} if closed else set())
    return Verdict(allowed=not missing, silent=frozenset(missing))
