"""Condition blocks of a policy statement, compiled to one test each.

Keys of conditions are not case-sensitive, so contexts carry them in lower case. A key that the
request lacks: an operator is false, a negated one true, any with IfExists true; ForAllValues is
true, ForAnyValue false, of no value as of an empty one.
What does not belong here: where the values of a request come from (request.py, and each service).
Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Single-valued vs.
multivalued context keys" and "Policy variables with no value".
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final, TypeVar

from regions.policy.flaws import Flaw, PolicyError
from regions.policy.patterns import Context, Matcher, Template, arn, glob, template, written

T = TypeVar("T")
Test = Callable[[Context], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """How one operator compares a value of the policy with one of the request."""

    build: Callable[[str], Matcher]  #: takes an escaped pattern if ``wild``, else a plain text
    negated: bool = False  #: holds where nothing matches
    wild: bool = False  #: values may have wildcards
    variables: bool = False  #: values may have policy variables


def _equals(expected: str) -> Matcher:
    return expected.__eq__


def _equals_ignoring_case(expected: str) -> Matcher:
    folded = expected.casefold()
    return lambda text: text.casefold() == folded


def _truth(expected: str) -> Matcher:
    folded = expected.lower()
    if folded not in ("true", "false"):
        raise PolicyError(Flaw.CONDITION, expected)
    return lambda text: text.lower() == folded


def _compared(read: Callable[[str], T | None], compare: Callable[[T, T], bool]) -> Any:
    """Return how an operator is built that compares what two texts mean, not how they look."""

    def build(expected: str) -> Matcher:
        limit = read(expected)
        if limit is None:
            raise PolicyError(Flaw.CONDITION, expected)

        def match(text: str) -> bool:
            value = read(text)
            return value is not None and compare(value, limit)

        return match

    return build


_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


#: Dates of ISO 8601 as W3C profiles them: from a year down to a fraction of a second. A time
#: without a zone counts as UTC; chosen, the profile wants a zone.
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(text: str) -> Decimal | None:
    """Return a date as seconds of Unix time, which is itself the other form of a date."""
    match = _DATE.fullmatch(text)
    if match is None:
        return _number(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        when = datetime(
            *(int(year), int(month or 1), int(day or 1)),
            *(int(hour or 0), int(minute or 0), int(second or 0)),
            tzinfo=_zone(zone or "Z"),
        )
        whole = (when - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None  # such as month 13
    return whole + Decimal(fraction or "0")


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_NETWORK: Final = re.compile(r"[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?")


def _network(expected: str) -> Matcher:
    if not _NETWORK.fullmatch(expected):
        raise PolicyError(Flaw.CONDITION, expected)
    try:
        # Bits behind the prefix are passed over, as in 203.0.113.7/24.
        network = ipaddress.ip_network(expected, strict=False)
    except ValueError:
        raise PolicyError(Flaw.CONDITION, expected) from None

    def match(text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False  # such as the name of a service
        return address in network  # never of the other family

    return match


_ORDERS: Final[dict[str, tuple[Callable[[Any, Any], bool], bool]]] = {
    "Equals": (lambda a, b: a == b, False),
    "NotEquals": (lambda a, b: a == b, True),
    "LessThan": (lambda a, b: a < b, False),
    "LessThanEquals": (lambda a, b: a <= b, False),
    "GreaterThan": (lambda a, b: a > b, False),
    "GreaterThanEquals": (lambda a, b: a >= b, False),
}


def _ordered(family: str, read: Callable[[str], Any]) -> dict[str, Operator]:
    return {
        family + name: Operator(build=_compared(read, compare), negated=negated)
        for name, (compare, negated) in _ORDERS.items()
    }


OPERATORS: Final[dict[str, Operator]] = {
    "StringEquals": Operator(build=_equals, variables=True),
    "StringNotEquals": Operator(build=_equals, negated=True, variables=True),
    "StringEqualsIgnoreCase": Operator(build=_equals_ignoring_case, variables=True),
    "StringNotEqualsIgnoreCase": Operator(
        build=_equals_ignoring_case, negated=True, variables=True
    ),
    "StringLike": Operator(build=glob, wild=True, variables=True),
    "StringNotLike": Operator(build=glob, negated=True, wild=True, variables=True),
    **_ordered("Numeric", _number),
    **_ordered("Date", _moment),
    "Bool": Operator(build=_truth),
    "BinaryEquals": Operator(build=_compared(_binary, lambda a, b: a == b)),
    "IpAddress": Operator(build=_network),
    "NotIpAddress": Operator(build=_network, negated=True),
    # IAM gives ArnEquals and ArnLike one behaviour.
    "ArnEquals": Operator(build=arn, wild=True, variables=True),
    "ArnLike": Operator(build=arn, wild=True, variables=True),
    "ArnNotEquals": Operator(build=arn, negated=True, wild=True, variables=True),
    "ArnNotLike": Operator(build=arn, negated=True, wild=True, variables=True),
}


def compile_conditions(block: Any, *, variables: bool = True) -> tuple[Test, ...]:
    """Return the tests of one Condition block; all of them must hold.

    Args:
      block: the element's JSON value.
      variables: the document's version has policy variables; else they are mere text.

    Raises:
      PolicyError: the block is no map of maps, or names an operator or a value that is none.
    """
    if not isinstance(block, dict):
        raise PolicyError(Flaw.CONDITION)
    tests = []
    for operator, entries in block.items():
        if not isinstance(entries, dict):
            raise PolicyError(Flaw.CONDITION, operator)
        tests += [
            _compile(operator, key.lower(), _texts(values), variables=variables)
            for key, values in entries.items()
        ]
    return tuple(tests)


def _texts(values: Any) -> tuple[str, ...]:
    """Return the values of one key as texts: JSON booleans and numbers count as their text."""
    found = []
    for value in values if isinstance(values, list) else [values]:
        if not isinstance(value, str | bool | int | float):
            raise PolicyError(Flaw.CONDITION)
        found.append(str(value).lower() if isinstance(value, bool) else str(value))
    return tuple(found)


def _compile(operator: str, key: str, allowed: tuple[str, ...], *, variables: bool) -> Test:
    if operator == "Null":
        return _null(key, allowed)
    quantifier, colon, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    known = OPERATORS.get(name.removesuffix("IfExists"))
    if known is None or quantifier not in _QUANTIFIERS or bool(colon) is not bool(quantifier):
        raise PolicyError(Flaw.CONDITION, operator)
    matchers = _matchers(known, allowed, variables=variables and known.variables)
    return _QUANTIFIERS[quantifier](key, matchers, known.negated, if_exists)


# ---- the values of the policy ----

#: Returns the matchers of all values of the policy, for one request.
Matchers = Callable[[Context], tuple[Matcher, ...]]


def _matchers(operator: Operator, allowed: tuple[str, ...], *, variables: bool) -> Matchers:
    fixed: list[Matcher] = []
    templates: list[Template] = []
    for text in allowed:
        found = template(text) if variables else None
        if found is not None:
            templates.append(found)
        else:
            fixed.append(operator.build(written(text) if operator.wild else text))
    always = tuple(fixed)
    if not templates:
        return lambda _context: always

    def of(context: Context) -> tuple[Matcher, ...]:
        fill = Template.pattern if operator.wild else Template.plain
        texts = (fill(one, context) for one in templates)
        return (*always, *(operator.build(text) for text in texts if text is not None))

    return of


# ---- the values of the request ----


def _null(key: str, allowed: tuple[str, ...]) -> Test:
    if not {text.lower() for text in allowed} <= {"true", "false"}:
        raise PolicyError(Flaw.CONDITION, ", ".join(allowed))
    wanted = {text.lower() == "true" for text in allowed}
    return lambda context: (context.get(key, ()) == ()) in wanted


def _all_of(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _single(key: str, matchers: Matchers, negated: bool, if_exists: bool) -> Test:
    missing = negated or if_exists

    def test(context: Context) -> bool:
        value = context.get(key)
        if value is None or value == ():
            return missing
        # A multivalued key without a quantifier: any of its values decides, as IAM does it.
        allowed = matchers(context)
        return any(match(text) for text in _all_of(value) for match in allowed) is not negated

    return test


def _of_set(context: Context, key: str) -> tuple[str, ...]:
    """Return a key's values as a set operator sees them: an empty text is no value."""
    values = _all_of(context.get(key, ()))
    return () if values == ("",) else values


def _for_all(key: str, matchers: Matchers, negated: bool, _if_exists: bool) -> Test:
    def test(context: Context) -> bool:
        # True of a missing key, too; that is the known trap of ForAllValues.
        allowed = matchers(context)
        return all(
            any(match(text) for match in allowed) is not negated for text in _of_set(context, key)
        )

    return test


def _for_any(key: str, matchers: Matchers, negated: bool, if_exists: bool) -> Test:
    def test(context: Context) -> bool:
        if key not in context:
            return if_exists
        allowed = matchers(context)
        return any(
            any(match(text) for match in allowed) is not negated for text in _of_set(context, key)
        )

    return test


#: Set operator to what makes the test of a key, its matchers, whether negated, whether IfExists.
_QUANTIFIERS: Final[dict[str, Callable[[str, Matchers, bool, bool], Test]]] = {
    "": _single,
    "ForAllValues": _for_all,
    "ForAnyValue": _for_any,
}
