"""Filter patterns match what the user guide's examples say, and keep their laws."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.logs.comparison import glob
from regions.logs.filter_pattern import compile_pattern
from regions.logs.pattern_error import PatternError

ERROR_400 = "[ERROR 400] BAD REQUEST"
ERROR_419 = "[ERROR 419] MISSING ARGUMENTS"
WARN = "[WARN 300] SLOW ARGUMENTS"
EXIT_0 = "ERROR Exiting with exit code 0"
ROOT_LOGIN = json.dumps(
    {
        "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "errorCode": None,
        "arrayKey": ["value", "another value"], "bandwidth": 75.5, "latency": 42, "deep": {"er": True},
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "cluster.name": "c", "off": False,
    }
)  # fmt: skip


def matches(pattern: str, message: str) -> bool:
    return compile_pattern(pattern).extract(message) is not None


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("", [ERROR_400, ERROR_419, WARN, EXIT_0]),
        ("ERROR", [ERROR_400, ERROR_419, EXIT_0]),
        ("error", []),
        ("ERROR ARGUMENTS", [ERROR_419]),
        ("?ERROR ?ARGUMENTS", [ERROR_400, ERROR_419, WARN, EXIT_0]),
        ("?WARN ?REQUEST", [ERROR_400, WARN]),
        ("?WARN ARGUMENTS", [ERROR_419, WARN]),  # beside other terms the optional one is ignored
        ("ERROR -ARGUMENTS", [ERROR_400, EXIT_0]),
        ('"BAD REQUEST"', [ERROR_400]),
        ('ERROR -"exit code 0"', [ERROR_400, ERROR_419]),
        ('-"exit code 0"', [ERROR_400, ERROR_419, WARN]),
        ('"[ERROR"', [ERROR_400, ERROR_419]),
    ],
)  # fmt: skip
def test_terms_match_the_messages_that_have_them(pattern: str, matched: list[str]) -> None:
    messages = [ERROR_400, ERROR_419, WARN, EXIT_0]
    assert [one for one in messages if matches(pattern, one)] == matched


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*Trail" }', True),
        ('{ $.eventType != "UpdateTrail" }', False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress = 111.111.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[1] = "value" }', False),
        ('{ $.arrayKey[*] = "another value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[*].id > 2 }", False),
        ("{ $.bandwidth > 75 }", True),
        ("{ $.bandwidth = 75.50 }", True),
        ("{ $.bandwidth < 7.55e1 }", False),
        ("{ $.latency <= 42 }", True),
        ("{ $.latency != 42 }", False),
        ('{ $.latency = "4*" }', True),
        ("{ $.deep.er IS TRUE }", True),
        ("{ $.off is false }", True),
        ("{ $.off IS TRUE }", False),
        ("{ $.errorCode IS NULL }", True),
        ("{ $.nothing IS NULL }", False),
        ("{ $.nothing NOT EXISTS }", True),
        ("{ $.deep NOT EXISTS }", False),
        ('{ $.nothing != "x" }', False),
        ("{ $.['cluster.name'] = c }", True),
        ("{ ($.latency = 1 || $.latency = 42) && $.off IS FALSE }", True),
        ("{ $.latency = 42 || $.latency = 1 && $.off IS TRUE }", True),
        ("{ ($.latency = 42 || $.latency = 1) && $.off IS TRUE }", False),
    ],
)
def test_json_patterns_match_events_by_their_members(pattern: str, expected: bool) -> None:
    assert matches(pattern, ROOT_LOGIN) is expected


@pytest.mark.parametrize("message", ["", "no json", "[1]", "42", "{", "[" * 100_000])
def test_a_json_pattern_matches_nothing_but_objects(message: str) -> None:
    assert not matches("{ $.a NOT EXISTS }", message)


ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", True),
        ("[ip, user, username, timestamp, request, status_code = 5*, bytes]", False),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", True),
        ("[..., status_code = 4*, bytes]", True),
        ("[ip, ..., bytes = 1534]", True),
        ("[ip = 127.*, ...]", True),
        ("[ip, user]", False),
        ("[..., status_code = 200 || status_code = 404, bytes]", True),
        ("[..., status_code >= 400 && status_code < 404, bytes]", False),
        ('[..., request != "*favicon*", status_code, bytes]', True),
        ("[a,b,c,d,e,f,g,h]", False),
    ],
)  # fmt: skip
def test_patterns_of_fields_match_messages_of_as_many(pattern: str, expected: bool) -> None:
    assert matches(pattern, ACCESS) is expected


def test_what_a_pattern_names_is_extracted() -> None:
    fields = compile_pattern("[ip, ..., status_code = 4*, bytes]").extract(ACCESS)
    assert fields == {
        "$ip": "127.0.0.1", "$status_code": "404", "$bytes": "1534", "$2": "-", "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700", "$5": "GET /index.html HTTP/1.0",
    }  # fmt: skip
    pattern = compile_pattern("{ $.latency > 1 && $.deep.er IS TRUE }")
    assert pattern.extract(ROOT_LOGIN) == {"$.latency": "42", "$.deep.er": "true"}
    assert pattern.value(ROOT_LOGIN, "$.bandwidth") == "75.5"
    assert pattern.value(ROOT_LOGIN, "$.none") is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("foo.bar", "Invalid character(s) in term 'foo.bar'"),
        ('"open', "Invalid filter pattern"),
        ("%ERROR%", "regular expressions are not modelled"),
        ("{ $.a = %x% }", "regular expressions are not modelled"),
        ("[a = %x%]", "regular expressions are not modelled"),
        ("{ $.a }", "Invalid filter pattern"),
        ("{ $.a = 1", "Invalid filter pattern"),
        ("{ }", "Invalid filter pattern"),
        ("{ a = 1 }", "Invalid filter pattern"),
        ("{ $.a = 1 && }", "Invalid filter pattern"),
        ("{ ($.a = 1 }", "Invalid filter pattern"),
        ("{ $.a > x }", "Invalid filter pattern: > needs a number, not 'x'"),
        ("{ $.a IS MAYBE }", "Invalid filter pattern"),
        ("{ " + "(" * 300 + "$.a = 1" + ")" * 300 + " }", "Invalid filter pattern"),
        ("[a, ..., b, ...]", "Invalid filter pattern: more than one ellipsis"),
        ("[a = 1 && b = 2]", "Invalid filter pattern"),
        ("[a", "Invalid filter pattern"),
    ],
)
def test_what_is_no_pattern_is_refused_with_a_reason(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=f"^{re.escape(reason)}$"):
        compile_pattern(pattern)


SHORT = st.text(alphabet="ab*", max_size=6)


@given(SHORT, st.text(alphabet="ab", max_size=8))
def test_a_star_stands_for_any_run_of_characters(pattern: str, text: str) -> None:
    expected = re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None
    assert glob(pattern)(text) is expected


@given(st.text(max_size=40))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    for pattern in (text, f"{{{text}}}", f"[{text}]"):
        try:
            compiled = compile_pattern(pattern)
        except PatternError:
            continue
        compiled.extract(text)


LEAVES = st.one_of(st.integers(-3, 3), st.sampled_from(["a", "b"]), st.booleans(), st.none())
EVENTS = st.dictionaries(st.sampled_from("xyz"), LEAVES, max_size=3)
CONDITIONS = st.sampled_from(
    ["$.x = 1", "$.y = a", "$.z IS TRUE", "$.x NOT EXISTS", "$.y IS NULL", "$.z > 0", "$.y != b"]
)


@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.booleans(), EVENTS)
def test_conditions_join_as_logic_has_it(parts: list[str], together: bool, event: Any) -> None:
    message = json.dumps(event)
    alone = [matches(f"{{ {part} }}", message) for part in parts]
    joined = matches(f"{{ {(' && ' if together else ' || ').join(parts)} }}", message)
    assert joined is (all(alone) if together else any(alone))


def test_a_number_beyond_all_bounds_is_no_json_event() -> None:
    assert not matches("{ $.a > 1 }", '{"a": 1e99999999999999999999}')
    assert matches("{ $.a > 1 }", '{"a": 1e9999}')
