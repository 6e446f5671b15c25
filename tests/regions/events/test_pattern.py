"""Event patterns match what the user guide's examples say, and keep their laws."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.events.pattern import PatternError, compile_pattern, read_json

EC2 = {
    "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "source": "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification", "account": "111122223333",
    "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0", "other"],
    "detail": {
        "state": "terminated", "c-count": 5, "d-count": 3, "x-limit": 301.8, "ip": "10.0.0.44",
        "file": "dir/picture.png", "empty": "", "none": None, "flag": True, "list": [1, 2],
        "deep": {"er": [{"a": 1, "b": 1}, {"a": 2, "b": 2}]},
    },
}  # fmt: skip


def matches(pattern: Any, event: Any) -> bool:
    return compile_pattern(json.dumps(pattern))(read_json(json.dumps(event)))


def detail(**fields: Any) -> dict[str, Any]:
    return {"detail": {name.replace("_", "-"): value for name, value in fields.items()}}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}, True),
        ({"source": ["aws.ec2"], "detail": {"state": ["running"]}}, False),
        ({"source": ["aws.s3", "aws.ec2"]}, True),
        ({"resources": ["other"]}, True),
        ({"resources": ["nothing"]}, False),
        ({"time": [{"prefix": "2017-12-22"}]}, True),
        (detail(file=[{"suffix": ".png"}]), True),
        (detail(file=[{"suffix": ".jpg"}]), False),
        (detail(state=[{"equals-ignore-case": "TERMINATED"}]), True),
        (detail(file=[{"prefix": {"equals-ignore-case": "DIR/"}}]), True),
        (detail(file=[{"suffix": {"equals-ignore-case": ".PNG"}}]), True),
        (detail(state=[{"anything-but": "initializing"}]), True),
        (detail(state=[{"anything-but": "terminated"}]), False),
        (detail(state=[{"anything-but": ["stopped", "terminated"]}]), False),
        (detail(x_limit=[{"anything-but": 123}]), True),
        (detail(x_limit=[{"anything-but": [100, 301.8]}]), False),
        (detail(state=[{"anything-but": {"prefix": "term"}}]), False),
        (detail(state=[{"anything-but": {"suffix": ["ing", "ed"]}}]), False),
        (detail(state=[{"anything-but": {"equals-ignore-case": ["Running", "TERMINATED"]}}]), False),
        (detail(file=[{"anything-but": {"wildcard": "*/lib/*"}}]), True),
        (detail(gone=[{"anything-but": "x"}]), False),
        (detail(c_count=[{"numeric": [">", 0, "<=", 5]}], d_count=[{"numeric": ["<", 10]}]), True),
        (detail(c_count=[{"numeric": [">", 0, "<", 5]}]), False),
        (detail(x_limit=[{"numeric": ["=", 3.018e2]}]), True),
        (detail(state=[{"numeric": [">", 0]}]), False),
        (detail(c_count=[5.0]), True),
        (detail(c_count=["5"]), False),
        (detail(flag=[True]), True),
        (detail(flag=[1]), False),
        (detail(none=[None]), True),
        (detail(empty=[""]), True),
        (detail(ip=[{"cidr": "10.0.0.0/24"}]), True),
        (detail(ip=[{"cidr": "10.0.1.0/24"}]), False),
        (detail(state=[{"cidr": "10.0.0.0/8"}]), False),
        (detail(state=[{"exists": True}]), True),
        (detail(state=[{"exists": False}]), False),
        (detail(gone=[{"exists": False}]), True),
        (detail(gone=[{"exists": True}]), False),
        (detail(deep=[{"exists": True}]), False),
        (detail(gone=["x", {"exists": False}]), True),
        ({"gone": {"too": [{"exists": False}]}}, True),
        (detail(file=[{"wildcard": "dir/*.png"}]), True),
        (detail(file=[{"wildcard": "dir/*/*.png"}]), False),
        (detail(list=[2]), True),
        (detail(list=[{"anything-but": 1}]), True),
        (detail(deep={"er": {"a": [1], "b": [1]}}), True),
        (detail(deep={"er": {"a": [1], "b": [2]}}), False),
        ({"$or": [{"source": ["x"]}, {"region": ["us-west-1"]}]}, True),
        ({"$or": [{"source": ["x"]}, {"region": ["y"]}], "account": ["111122223333"]}, False),
        (detail(**{"$or": [{"c-count": [{"numeric": [">", 10]}]}, {"state": ["terminated"]}]}), True),
    ],
)  # fmt: skip
def test_a_pattern_matches_events_as_documented(pattern: Any, expected: bool) -> None:
    assert matches(pattern, EC2) is expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[]", "Filter is not an object"),
        ('"x"', "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"a": "x"}', '"a" must be an object or an array'),
        ('{"a": [[1]]}', "Match value must be String, number, true, false, or null"),
        ('{"a": [{}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"like": "x"}]}', "Unrecognized match type like"),
        ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"a": [{"exists": "no"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"numeric": [">"]}]}', "Value of numeric must be an array of one or two comparisons."),
        ('{"a": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
        ('{"a": [{"numeric": [">", "1"]}]}', "Value of > must be numeric"),
        ('{"a": [{"numeric": [">", 1e10]}]}', "Value must be between -5000000000 and 5000000000, inclusive"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"a": [{"cidr": "300.0.0.0/8"}]}', "Malformed CIDR, one '/' required: 300.0.0.0/8"),
        ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 1"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape character at pos 1"),
        ('{"a": [{"anything-but": [1, "x"]}]}', "Inside anything but list, either all values are number or string, mixed type is not supported"),
        ('{"a": [{"anything-but": []}]}', "Empty arrays are not allowed"),
        ('{"a": [{"anything-but": {"numeric": [1]}}]}', "Unsupported anything-but pattern: numeric"),
        ('{"a": [NaN]}', "NaN is no JSON"),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused_with_the_engines_reason(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=f"^{re.escape(reason)}$"):
        compile_pattern(pattern)


def test_a_field_called_or_is_a_field_where_it_joins_no_patterns() -> None:
    assert matches({"$or": ["x", "y"]}, {"$or": "y"})


@pytest.mark.parametrize("text", ["[" * 50_000, '{"a":' * 50_000, '{"a":' * 200 + "[1]" + "}" * 200])
def test_brackets_without_end_are_refused_not_fatal(text: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(text)


SCALARS = st.one_of(
    st.integers(-5, 5), st.sampled_from(["", "a", "ab", "B"]), st.booleans(), st.none(),
    st.sampled_from([0.5, 2.0]),
)  # fmt: skip
EVENTS = st.recursive(
    st.dictionaries(st.sampled_from("xyz"), SCALARS, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from("xyz"), st.one_of(inner, SCALARS, st.lists(SCALARS, max_size=2)), max_size=3
    ),
    max_leaves=6,
)


def exact(event: dict[str, Any]) -> dict[str, Any]:
    """Return the pattern that asks for every field of an event."""
    found: dict[str, Any] = {}
    for name, value in event.items():
        if isinstance(value, dict):
            inner = exact(value)
            if inner:
                found[name] = inner
        elif value != []:
            found[name] = value if isinstance(value, list) else [value]
    return found


@given(EVENTS)
def test_every_event_matches_the_pattern_of_its_own_fields(event: dict[str, Any]) -> None:
    pattern = exact(event)
    if pattern:
        assert matches(pattern, event)
        assert matches(pattern, event | {"more": 1})


TESTS: list[Any] = [
    "a", 2, True, None, {"prefix": "a"}, {"suffix": "b"}, {"exists": True}, {"exists": False},
    {"anything-but": ["a", "ab"]}, {"numeric": [">=", 0, "<", 3]}, {"wildcard": "a*"},
    {"equals-ignore-case": "b"},
]  # fmt: skip


def naive(test: Any, event: dict[str, Any], name: str) -> bool:
    """Say with plain Python whether one field passes one test."""
    there = name in event and event[name] != []
    values = event.get(name) if isinstance(event.get(name), list) else [event.get(name)]
    if not isinstance(test, dict):
        return there and any(type(v) in _KIN[type(test)] and v == test for v in values)
    ((kind, wanted),) = test.items()
    if kind == "exists":
        return there is wanted
    if not there:
        return False
    return any(
        {
            "prefix": lambda v: isinstance(v, str) and v.startswith(wanted),
            "suffix": lambda v: isinstance(v, str) and v.endswith(wanted),
            "wildcard": lambda v: isinstance(v, str) and v[:1] == "a",
            "equals-ignore-case": lambda v: isinstance(v, str) and v.lower() == wanted,
            "anything-but": lambda v: v not in wanted,
            "numeric": lambda v: type(v) in (int, float) and 0 <= v < 3,
        }[kind](v)
        for v in values
    )  # fmt: skip


_KIN = {str: (str,), int: (int, float), bool: (bool,), type(None): (type(None),)}
FLAT = st.dictionaries(
    st.sampled_from("xy"), st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=2
)


@given(
    FLAT,
    st.dictionaries(
        st.sampled_from("xy"), st.lists(st.sampled_from(TESTS), min_size=1, max_size=3), min_size=1
    ),
)
def test_fields_are_joined_by_and_and_their_tests_by_or(event: Any, pattern: Any) -> None:
    expected = all(
        any(naive(test, event, name) for test in tests) for name, tests in pattern.items()
    )
    assert matches(pattern, event) is expected


@given(st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from(TESTS)), min_size=2, max_size=3), FLAT)
def test_or_is_true_when_one_of_its_patterns_is(parts: Any, event: Any) -> None:
    choices = [{name: [test]} for name, test in parts]
    assert matches({"$or": choices}, event) is any(matches(one, event) for one in choices)


@given(st.text(alphabet="ab*", max_size=6), st.text(alphabet="ab", max_size=8))
def test_a_wildcard_stands_for_any_run_of_characters(pattern: str, text: str) -> None:
    if "**" not in pattern:
        expected = re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None
        assert matches({"x": [{"wildcard": pattern}]}, {"x": text}) is expected


def test_an_escaped_star_is_a_star() -> None:
    assert matches({"x": [{"wildcard": r"a\*\\*"}]}, {"x": r"a*\b"})
    assert not matches({"x": [{"wildcard": r"a\*"}]}, {"x": "ab"})
