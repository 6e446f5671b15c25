"""What fuzzers share: requests drawn from the services' models, signed by botocore, and a verdict.

Values are likely ones: of the enums, lengths and names that the model wants, and of things that are
there; then some are odd. So calls get past the first check, and what is behind it is struck, too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from wire_peer import Draw

from regions.api.http_values import HttpRequest
from regions.api.models import model_of, resolved
from regions.api.protocols import PROTOCOLS

ARN = "arn:aws:iam::123456789012"

#: Texts that programs stumble over.
ODD_TEXTS = (
    *(
        "",
        " ",
        "\0",
        "\x1f",
        "é",
        "\ud7ff",
        "\U0001f512",
        "a" * 300,
        "a" * 9_000,
        "*",
        "?",
        "..",
        "/",
    ),
    *(
        "//",
        "a/../b",
        "%",
        "%00",
        "%zz",
        "${aws:username}",
        "${",
        "null",
        "-1",
        "0",
        "1e999",
        "[",
        "{",
    ),
    *(
        "arn:",
        "arn:aws:kms:::",
        "arn:aws:iam::123456789012:root",
        "aws:",
        "\r\nx: y",
        "<a>&amp;",
        "'",
    ),
)
ODD_NUMBERS = (0, -1, 1, 1 << 31, -(1 << 31), (1 << 63) - 1, -(1 << 63))
#: JSON values for where something else is expected.
ODD_JSON = (
    *(None, True, False, [], {}, [[]], [None], {"": None}, "", "a", -1, 0, 1, 1.5, 1e308, -1e308),
    *(
        1 << 64,
        -(1 << 64),
        10**400,
        float("inf"),
        float("-inf"),
        float("nan"),
        253_402_300_800,
        -1e11,
    ),
)


def statement(effect: str, action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


ALL_OF_KEY = statement("Allow", "kms:*", "*", Principal={"AWS": f"{ARN}:root"})
DOCUMENTS = (
    *("", "{}", "[]", '{"Statement": []}', "not json", '{"Version": 7}', "[" * 200 + "]" * 200),
    document(statement("Allow", "kms:*", "*")),
    document(statement("Deny", "*", "arn:aws:s3:::b/${aws:username}/*")),
    document(statement("Allow", "sts:AssumeRole", "*", Condition={"Null": {"aws:x": "true"}})),
    document(ALL_OF_KEY),
    document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
    document(statement("Allow", "s3:*", "*", Principal={"AWS": f"{ARN}:root"}, Sid="é")),
    document({**ALL_OF_KEY, "Condition": {"NumericLessThan": {"aws:x": ["1", "x", "1e999"]}}}),
    document({**ALL_OF_KEY, "Condition": {"IpAddress": {"aws:SourceIp": "::/129"}}}),
    document({**ALL_OF_KEY, "Condition": {"DateLessThan": {"aws:CurrentTime": "9999999999999"}}}),
)
NAMES = ("fuzzed", "other", "a.b-c_d", "x" * 63, "night", "nobody", "/fuzzed/", "v1")
PATTERNS = (
    "",
    "{ $.a = 1 }",
    "[a, b=1, ...]",
    '"x"',
    "{ ($.a = *) || }",
    "?a ?b",
    "[",
    "{ $.a[0] > 1e9 }",
)


class Likely(Draw):
    """Draws requests that are mostly such as the service takes.

    Args:
      known: shape's name -> values that the server knows.
    """

    def __init__(self, service: str, known: Mapping[str, tuple[Any, ...]]) -> None:
        super().__init__(service, answers=False)
        self._known = known

    def scalar(self, shape: Mapping[str, Any], kind: str, location: str) -> st.SearchStrategy[Any]:
        likely: list[st.SearchStrategy[Any]] = []
        if "enum" in shape:
            likely.append(st.sampled_from(shape["enum"]))
        if shape["shape"] in self._known:
            likely.append(st.sampled_from(self._known[shape["shape"]]))
        low = int(shape.get("min", 0))
        if kind == "string" and not likely:
            likely.append(_texts(shape, low))
        elif kind in {"integer", "long"}:
            high = int(shape.get("max", 100))
            likely.append(st.integers(low, max(low, min(high, low + 2000))))
            likely.append(st.sampled_from(ODD_NUMBERS))
        elif kind == "blob" and not likely:
            likely.append(st.binary(min_size=min(low, 64), max_size=low + 64))
        rest = [super().scalar(shape, kind, location)]
        if kind == "string" and location not in {"header", "headers", "uri"}:
            rest.append(st.sampled_from(ODD_TEXTS))
        return st.one_of(*likely * 12, *rest)


def _texts(shape: Mapping[str, Any], low: int) -> st.SearchStrategy[str]:
    """Return texts of the length and, if Python understands it, the pattern that the model wants."""
    long = st.text("abc1", min_size=low, max_size=min(int(shape.get("max", 40)), low + 40))
    try:
        fits = re.compile(shape.get("pattern", "")).fullmatch if "pattern" in shape else None
    except re.error:  # Some are Java's.
        fits = None
    names = [name for name in NAMES if fits is None or fits(name)]
    return st.one_of(st.sampled_from(names), long) if names else long


def likely_requests(
    service: str, action: str, known: Mapping[str, tuple[Any, ...]]
) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the parameters of an action."""
    operation = model_of(service)["operations"][action]
    if "input" not in operation:
        return st.just({})
    draw = Likely(service, known)
    shape = dict(resolved(draw.shapes, operation["input"]))
    given = {}
    if service == "s3":
        if shape.get("payload"):
            shape["required"] = [*shape.get("required", ()), shape["payload"]]
        buckets, keys = known["BucketName"], ("a", "a/b", "ä ö", "x" * 1025, "..", "a//b", "%2f")
        given = {"Bucket": st.sampled_from(buckets), "Key": st.sampled_from(keys)}
        given = {name: part for name, part in given.items() if name in shape["members"]}
    whole = draw.structure(shape, 1, given)
    must = {name: to for name, to in shape["members"].items() if name in shape.get("required", ())}
    return st.one_of(draw.structure({**shape, "members": must}, 1, given), whole)


@cache
def _json_services() -> tuple[str, ...]:
    return tuple(name for name, entry in PROTOCOLS.items() if entry.protocol == "json")


def mutated(draw: st.DrawFn, service: str, request: HttpRequest) -> HttpRequest:
    """Return a request with something wrong in its body or its headers."""
    if service in _json_services() and request.body and draw(st.booleans()):
        return replace(request, body=_mutated_json(draw, request.body))
    if PROTOCOLS[service].protocol == "query" and draw(st.booleans()):
        return replace(request, body=_mutated_form(draw, request.body))
    body = request.body
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 8))
        put = draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b"&", b"<", b'"', b"%", b"\\u"]))
        )
        body = body[:at] + put + body[at + cut :]
    return replace(request, body=body)


def _mutated_json(draw: st.DrawFn, body: bytes) -> bytes:
    value = json.loads(body)
    places = list(_places(value))
    odd = draw(st.sampled_from(ODD_JSON))
    if not places:
        return json.dumps(odd).encode()
    holder, key = draw(st.sampled_from(range(len(places))).map(places.__getitem__))
    holder[key] = odd
    return json.dumps(value).encode()


def _mutated_form(draw: st.DrawFn, body: bytes) -> bytes:
    pairs = [pair.partition(b"=")[::2] for pair in body.split(b"&")]
    at = draw(st.integers(0, len(pairs) - 1))
    name, value = pairs[at]
    if draw(st.booleans()):
        value = quote(draw(st.sampled_from(ODD_TEXTS)), safe="").encode()
    else:
        name += draw(
            st.sampled_from([b".member.1", b".entry.1.key", b".member.999999999", b".", b"x"])
        )
    pairs[at] = (name, value)
    return b"&".join(name + b"=" + value for name, value in pairs)


def _places(value: Any) -> Any:
    """Yield (holder, key) of everything in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(pairs):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)
