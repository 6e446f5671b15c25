"""Condition operators against the documented truth of each."""

from typing import Any

import pytest

from regions.policy.conditions import OPERATORS, compile_conditions
from regions.policy.flaws import Flaw, PolicyError

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
        ("ForAnyValue:StringNotEquals", ["a"], ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ["a"], ("a",), False),
        ("ForAnyValue:StringNotEquals", ["a"], None, False),
        ("ForAllValues:StringNotEquals", ["a"], ("b", "c"), True),
        ("ForAllValues:StringNotEquals", ["a"], ("a", "c"), False),
        # An empty text is no value to a set operator, and a value to any other.
        ("ForAllValues:StringEquals", ["a"], "", True),
        ("ForAnyValue:StringEquals", [""], "", False),
        ("StringEquals", "", "", True),
        ("Null", "false", "", True),
        ("Null", "true", (), True),
        ("StringEquals", "a", (), False),
        ("StringNotEquals", ["a"], ("b", "c"), True),
        ("StringEqualsIgnoreCaseIfExists", "A", "a", True),
        ("StringNotEqualsIfExists", "a", "a", False),
        ("NumericNotEquals", "1", "1.0", False),
        ("NumericLessThanEquals", "0.30", "0.3", True),
        ("NumericGreaterThan", "-1", "1e3", True),
        ("NumericLessThan", "9", None, False),
        ("NumericNotEqualsIfExists", "9", None, True),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("DateEquals", "1767225600", "2026-01-01", True),
        ("DateEquals", 1767225600.5, "2026-01-01T00:00:00.500Z", True),
        ("DateLessThan", "2026-06-30", "2026-06-29T23:59:59Z", True),
        ("DateGreaterThan", "2026-06", "2026-06-01T00:00:00Z", False),
        ("DateGreaterThanEquals", "2026", "2026-01-01T00:00Z", True),
        ("DateLessThanEquals", "2026-06-30", "yesterday", False),
        ("DateNotEquals", "2026-06-30", None, True),
        ("DateLessThan", "2026-06-30", "2026-13-01", False),
        ("BinaryEquals", "QmlnIHNlY3JldA==", "QmlnIHNlY3JldA==", True),
        ("BinaryEquals", "QmlnIHNlY3JldA==", "YQ==", False),
        ("BinaryEquals", "YQ==", "not base64", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", ["10.0.0.0/8", "203.0.113.9"], "203.0.113.9", True),
        ("IpAddress", "203.0.113.77/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "198.51.100.1", False),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
        ("IpAddress", "::/0", "203.0.113.9", False),
        ("IpAddress", "0.0.0.0/0", "cloudformation.amazonaws.com", False),
        ("IpAddress", "0.0.0.0/0", None, False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
        ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
        ("NotIpAddress", "203.0.113.0/24", None, True),
        ("NotIpAddressIfExists", "203.0.113.0/24", None, True),
        ("ArnNotEquals", "arn:aws:iam::111122223333:role/app", None, True),
        ("ArnLike", "arn:aws:iam::*", ARN, False),  # six segments, or none
        ("ArnLike", "arn:*:*:*:*:*", "role/app", False),
        ("BoolIfExists", "true", None, True),
    ],
)
def test_operators_hold_as_documented(
    operator: str, values: Any, given: Any, expected: bool
) -> None:
    context = {} if given is None else {"key": given}
    assert holds(operator, values, **context) is expected


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ([], ""),
        ({"StringEquals": []}, "StringEquals"),
        ({"StringEquals": {"k": None}}, ""),
        ({"StringEquals": {"k": [["v"]]}}, ""),
        ({"StringIs": {"k": "v"}}, "StringIs"),
        ({"stringequals": {"k": "v"}}, "stringequals"),
        ({"SomeOf:StringEquals": {"k": "v"}}, "SomeOf:StringEquals"),
        ({":StringEquals": {"k": "v"}}, ":StringEquals"),
        ({"NullIfExists": {"k": "true"}}, "NullIfExists"),
        ({"ForAnyValue:Null": {"k": "true"}}, "ForAnyValue:Null"),
        ({"Null": {"k": "yes"}}, "yes"),
        ({"Bool": {"k": "1"}}, "1"),
        ({"NumericEquals": {"k": "x"}}, "x"),
        ({"NumericEquals": {"k": "1_000"}}, "1_000"),
        ({"NumericEquals": {"k": "${aws:EpochTime}"}}, "${aws:EpochTime}"),
        ({"DateEquals": {"k": "2026-02-30"}}, "2026-02-30"),
        ({"DateEquals": {"k": "2026-01-01T00:00:00+99:00"}}, "2026-01-01T00:00:00+99:00"),
        ({"BinaryEquals": {"k": "?"}}, "?"),
        ({"IpAddress": {"k": "203.0.113.0/33"}}, "203.0.113.0/33"),
        ({"IpAddress": {"k": "203.0.113.0/255.255.255.0"}}, "203.0.113.0/255.255.255.0"),
    ],
)
def test_a_broken_block_is_refused(block: Any, found: str) -> None:
    with pytest.raises(PolicyError) as refused:
        compile_conditions(block)
    assert (refused.value.flaw, refused.value.found) == (Flaw.CONDITION, found)


def filled(operator: str, values: Any, given: str | None, *, variables: bool = True) -> bool:
    context = {"aws:username": "ana", "aws:principaltag/glob": "*", "aws:tagkeys": ("a",)}
    if given is not None:
        context["key"] = given
    tests = compile_conditions({operator: {"Key": values}}, variables=variables)
    return all(test(context) for test in tests)


def test_variables_are_filled_in_in_text_and_arn_operators() -> None:
    assert filled("StringEquals", "home/${aws:username}", "home/ana")
    assert filled("StringEquals", "home/${AWS:UserName}", "home/ana")
    assert filled("StringEqualsIgnoreCase", "${aws:username}", "ANA")
    assert filled("StringLike", "${aws:username}/*", "ana/x")
    assert filled("ArnLike", "arn:aws:s3:::*/${aws:username}", "arn:aws:s3:::b/ana")
    assert not filled("StringEquals", "${aws:username}", "bob")
    assert filled("StringEquals", ["x", "${aws:username}"], "x")


def test_variables_are_mere_text_in_documents_of_the_old_version() -> None:
    assert filled("StringEquals", "${aws:username}", "${aws:username}", variables=False)
    assert not filled("StringEquals", "${aws:username}", "ana", variables=False)
    assert filled("StringLike", "${?}", "${x}", variables=False)


def test_wildcards_from_a_variable_stand_for_themselves() -> None:
    assert filled("StringLike", "a${*}*", "a*b")
    assert not filled("StringLike", "a${*}*", "ab")
    assert not filled("StringLike", "a${?}", "ab")
    assert filled("StringEquals", "${$}{aws:username}", "${aws:username}")
    assert filled("StringLike", "${aws:PrincipalTag/glob}", "*")
    assert not filled("StringLike", "${aws:PrincipalTag/glob}", "anything")


def test_a_variable_without_a_value_equals_nothing_and_a_default_takes_its_place() -> None:
    for key in ("none", "aws:TagKeys"):
        assert not filled("StringEquals", f"${{{key}}}", "")
        assert not filled("StringLike", f"*${{{key}}}*", "x")
        assert filled("StringNotEquals", f"${{{key}}}", "x")
        assert filled("StringEquals", f"${{{key}, 'all'}}", "all")
    assert filled("StringEquals", "${aws:username, 'all'}", "ana")


def test_there_is_every_operator() -> None:
    assert len(OPERATORS) == 26
