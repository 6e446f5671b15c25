"""Condition operators against the documented truth of each."""

from typing import Any

import pytest

from regions.errors import MalformedPolicyDocumentException, UnsupportedOperationException
from regions.policy.conditions import OPERATORS, compile_conditions, wildcard

ARN = "arn:aws:iam::111122223333:role/app"


def holds(operator: str, values: Any, **context: Any) -> bool:
    tests = compile_conditions({operator: {"Key": values}})
    return all(test(context) for test in tests)


@pytest.mark.parametrize(
    ("operator", "values", "given", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "a?c*", "abcdef", True),
        ("StringLike", "a?c", "ac", False),
        ("StringNotLike", "a*", "b", True),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("ArnLike", "arn:aws:iam::*:role/*", ARN, True),
        ("ArnEquals", "arn:aws:iam::111122223333:role/app", ARN, True),
        ("ArnLike", "arn:aws:iam:*:role/app", ARN, False),  # a star ends at its colon
        ("ArnNotLike", "arn:aws:iam::*:role/*", ARN, False),
        ("Bool", "true", "true", True),
        ("Bool", True, "false", False),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("Null", "false", "x", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericGreaterThanEquals", 10, "9", False),
        ("NumericEquals", 10, "text", False),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAnyValue:StringEquals", ["a"], ("a", "c"), True),
        ("ForAnyValue:StringEquals", ["a"], ("c",), False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAnyValue:StringEqualsIfExists", ["a"], None, True),
    ],
)
def test_operators_hold_as_documented(
    operator: str, values: Any, given: Any, expected: bool
) -> None:
    context = {} if given is None else {"key": given}
    assert holds(operator, values, **context) is expected


def test_a_condition_that_is_not_modelled_is_refused_not_guessed() -> None:
    for operator in ("IpAddress", "DateLessThan", "BinaryEquals", "SomeOf:StringEquals"):
        text = f"^UnsupportedOperationException: Condition operator {operator} is not modelled\\.$"
        with pytest.raises(UnsupportedOperationException, match=text):
            compile_conditions({operator: {"k": "v"}})
    with pytest.raises(UnsupportedOperationException, match=r"is not modelled\.$"):
        compile_conditions({"StringEquals": {"k": "${aws:username}"}})


@pytest.mark.parametrize(
    "block",
    [[], {"StringEquals": []}, {"StringEquals": {"k": None}}, {"NumericEquals": {"k": "x"}}],
)
def test_a_broken_block_is_malformed(block: Any) -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        compile_conditions(block)


def test_wildcards_match_nothing_by_accident() -> None:
    assert wildcard("kms:Encrypt")("kms:Encrypt") is True
    assert wildcard("kms:.ncrypt")("kms:Encrypt") is False
    assert wildcard("*")("") is True
    assert len(OPERATORS) == 17
