"""Condition blocks of a policy statement, compiled to one test each.

Keys of conditions are not case-sensitive, so contexts carry them in lower case. Operators that
are not in the table are refused as not modelled; they are never taken for true or false.
What does not belong here: where the values of a request come from (kms/operation.py).
Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs.
multivalued context keys".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from regions.errors import MalformedPolicyDocumentException, UnsupportedOperationException

#: Condition key, lower case, to its value, or to all values of a multivalued key.
Context = Mapping[str, str | tuple[str, ...]]
Test = Callable[[Context], bool]
#: Tells whether one value of the request equals, or is like, one that the policy allows.
Matcher = Callable[[str], bool]

_ARN_PARTS: Final = 6


def wildcard(pattern: str) -> Matcher:
    """Return a matcher for ``*`` (any run) and ``?`` (any one character)."""
    if pattern == "*":
        return lambda _text: True
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    match = re.compile(escaped, re.DOTALL).fullmatch
    return lambda text: match(text) is not None


def _equals(expected: str) -> Matcher:
    return expected.__eq__


def _equals_ignoring_case(expected: str) -> Matcher:
    folded = expected.casefold()
    return lambda text: text.casefold() == folded


def _arn(pattern: str) -> Matcher:
    parts = [wildcard(part) for part in pattern.split(":", _ARN_PARTS - 1)]

    def match(text: str) -> bool:
        found = text.split(":", _ARN_PARTS - 1)
        return len(found) == len(parts) and all(
            part(value) for part, value in zip(parts, found, strict=True)
        )

    return match


def _bool(expected: str) -> Matcher:
    folded = expected.lower()
    return lambda text: text.lower() == folded


def _number(compare: Callable[[float, float], bool]) -> Callable[[str], Matcher]:
    def build(expected: str) -> Matcher:
        try:
            limit = float(expected)
        except ValueError:
            raise MalformedPolicyDocumentException from None

        def match(text: str) -> bool:
            try:
                return compare(float(text), limit)
            except ValueError:
                return False

        return match

    return build


#: Operator to (how a policy value becomes a matcher, whether a match refuses).
OPERATORS: Final[dict[str, tuple[Callable[[str], Matcher], bool]]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (wildcard, False),
    "StringNotLike": (wildcard, True),
    # IAM gives ArnEquals and ArnLike one behaviour.
    "ArnEquals": (_arn, False),
    "ArnLike": (_arn, False),
    "ArnNotEquals": (_arn, True),
    "ArnNotLike": (_arn, True),
    "Bool": (_bool, False),
    "NumericEquals": (_number(lambda a, b: a == b), False),
    "NumericNotEquals": (_number(lambda a, b: a == b), True),
    "NumericLessThan": (_number(lambda a, b: a < b), False),
    "NumericLessThanEquals": (_number(lambda a, b: a <= b), False),
    "NumericGreaterThan": (_number(lambda a, b: a > b), False),
    "NumericGreaterThanEquals": (_number(lambda a, b: a >= b), False),
}


def compile_conditions(block: Any) -> tuple[Test, ...]:
    """Return the tests of one Condition block; all of them must hold.

    Raises:
      MalformedPolicyDocumentException: the block is no map of maps.
      UnsupportedOperationException: an operator, or a policy variable, is not modelled.
    """
    if not isinstance(block, dict):
        raise MalformedPolicyDocumentException
    tests = []
    for operator, entries in block.items():
        if not isinstance(entries, dict):
            raise MalformedPolicyDocumentException
        tests += [_compile(operator, key.lower(), values) for key, values in entries.items()]
    return tuple(tests)


def _compile(operator: str, key: str, values: Any) -> Test:
    allowed = _texts(values)
    if operator == "Null":
        return _null(key, allowed)
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name not in OPERATORS or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise UnsupportedOperationException(f"Condition operator {operator} is not modelled.")
    build, negated = OPERATORS[name]
    matchers = tuple(build(text) for text in allowed)
    if quantifier == "ForAllValues":
        return _for_all(key, matchers, negated=negated)
    if quantifier == "ForAnyValue":
        return _for_any(key, matchers, negated=negated, if_exists=if_exists)
    return _single(key, matchers, negated=negated, missing=negated or if_exists)


def _texts(values: Any) -> tuple[str, ...]:
    """Return the values of one key as texts: JSON booleans and numbers count as their text."""
    found = []
    for value in values if isinstance(values, list) else [values]:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str | bool | int | float):
            raise MalformedPolicyDocumentException
        if "${" in text:
            raise UnsupportedOperationException(f"Policy variable in {text} is not modelled.")
        found.append(text)
    return tuple(found)


def _null(key: str, allowed: tuple[str, ...]) -> Test:
    wanted = {text.lower() == "true" for text in allowed}
    return lambda context: (key not in context) in wanted


def _all_of(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _single(key: str, matchers: tuple[Matcher, ...], *, negated: bool, missing: bool) -> Test:
    def test(context: Context) -> bool:
        value = context.get(key)
        if value is None:
            return missing
        # A multivalued key without a quantifier: any of its values decides, as IAM does it.
        hit = any(match(text) for text in _all_of(value) for match in matchers)
        return hit is not negated

    return test


def _for_all(key: str, matchers: tuple[Matcher, ...], *, negated: bool) -> Test:
    def test(context: Context) -> bool:
        # True of a missing key, too; that is the known trap of ForAllValues.
        values = _all_of(context.get(key, ()))
        return all(any(match(text) for match in matchers) is not negated for text in values)

    return test


def _for_any(key: str, matchers: tuple[Matcher, ...], *, negated: bool, if_exists: bool) -> Test:
    def test(context: Context) -> bool:
        if key not in context:
            return if_exists
        values = _all_of(context[key])
        return any(any(match(text) for match in matchers) is not negated for text in values)

    return test
