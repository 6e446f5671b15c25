"""Validators of requests and answers, compiled once from botocore's service models.

One function is generated per shape; a request that is valid costs a dictionary look-up and two
comparisons per member. What does not belong here: rules that span members or need the key
(kms/operations/, trail/operations/), and the errors of S3 (s3_shapes.py).
Source: botocore's service models; message texts as observed from the services (AWS's own server
framework writes them alike for every service but S3, under codes that differ).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, NoReturn

from regions.api.errors import InvalidParameterException, ValidationError
from regions.api.models import model_of
from regions.api.s3_shapes import s3_request_check
from regions.errors import SerializationException, ServiceError, ValidationException

Values = Mapping[str, Any]
#: Takes a value and its path; appends what is wrong with it to the list of complaints.
Check = Callable[[Any, str, list[str]], None]

#: Value type that the plain Python values of a shape must have; no subclasses, bool is no int.
_TYPES: Final[dict[str, tuple[type[Any], ...]]] = {
    "string": (str,),
    "blob": (bytes,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "boolean": (bool,),
    "timestamp": (float, int),  # seconds since 1970
    "list": (tuple, list),
    "map": (dict,),
    "structure": (dict,),
}
#: How the server framework names a value's own type in a SerializationException.
_JSON_NAMES: Final = {
    str: "STRING_VALUE",
    int: "NUMBER_VALUE",
    float: "DECIMAL_VALUE",
    bool: "TRUE_VALUE",
    bytes: "STRING_VALUE",
    tuple: "START_ARRAY",
    list: "START_ARRAY",
    dict: "START_OBJECT",
}
_JAVA_NAMES: Final = {
    "string": "String",
    "blob": "Blob",
    "integer": "Integer",
    "long": "Long",
    "float": "Float",
    "double": "Double",
    "boolean": "Boolean",
    "timestamp": "Timestamp",
    "list": "List",
    "map": "Map",
    "structure": "Structure",
}
#: What a service answers when constraints are broken; the others say ValidationException.
_REFUSALS: Final[Mapping[str, type[ServiceError]]] = {
    "iam": ValidationError,
    "sts": ValidationError,
    "sns": ValidationError,
    "logs": InvalidParameterException,
}
#: What Java's patterns write and Python's do not know; ``\\w`` has the underscore as well, which
#: every pattern with these classes allows anyway.
_CLASSES: Final[Mapping[str, str]] = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",  # Java writes surrogate pairs
    r"\p{L}": r"\w",
    r"\p{N}": "",  # part of \w
    r"\p{Z}": r"\u0020\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000",
    r"\w-_": r"\w\-_",
}


@dataclass(frozen=True, slots=True)
class Shapes:
    """The compiled validators of one service, by API action."""

    requests: Mapping[str, Check]
    answers: Mapping[str, Check]
    required: Mapping[str, tuple[str, ...]]  #: action to members that a request must have


class _Compiler:
    """Generates one check per shape of one service model, on first need."""

    def __init__(self, shapes: Mapping[str, Any], *, strict: bool) -> None:
        self._shapes = shapes
        self._strict = strict  #: refuse members that the model does not know
        self._checks: dict[str, Check] = {}

    def check(self, name: str) -> Check:
        if name not in self._checks:

            def itself(value: Any, path: str, found: list[str]) -> None:
                self._checks[name](value, path, found)

            self._checks[name] = itself  # found by a shape that contains itself, while it is built
            self._checks[name] = self._build(self._shapes[name])
        return self._checks[name]

    def _build(self, shape: Mapping[str, Any]) -> Check:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        return _scalar(shape)

    def _structure(self, shape: Mapping[str, Any]) -> Check:
        scope: dict[str, Any] = {"refuse": refuse_type, "missing": _missing}
        lines = ["def check(value, path, found):"]
        lines.append("    if value.__class__ is not dict: refuse(value, path, 'structure')")
        lines.append("    if path: path += '.'")
        for index, (member, target) in enumerate(shape.get("members", {}).items()):
            scope[f"check_{index}"] = self.check(target["shape"])
            path = f"path + {lower(member)!r}"
            lines.append(f"    v = value.get({member!r})")
            if member in shape.get("required", ()):
                lines.append(f"    if v is None: missing({path}, found)")
                lines.append(f"    else: check_{index}(v, {path}, found)")
            else:
                lines.append(f"    if v is not None: check_{index}(v, {path}, found)")
        if self._strict:
            scope["known"] = frozenset(shape.get("members", {}))
            lines.append("    for name in value:")
            lines.append("        if name not in known: found.append(f'{path}{name} is unknown')")
        lines.append("    return None")
        exec("\n".join(lines), scope)  # noqa: S102 - generated from the service model
        check: Check = scope["check"]
        return check

    def _list(self, shape: Mapping[str, Any]) -> Check:
        member, limits = self.check(shape["member"]["shape"]), _length_limits(shape)

        def check(value: Any, path: str, found: list[str]) -> None:
            if value.__class__ not in (tuple, list):
                refuse_type(value, path, "list")
            if limits is not None:
                limits(len(value), f"Value {_shown(value)} at '{path}'", found)
            for index, item in enumerate(value, start=1):
                member(item, f"{path}.{index}.member", found)

        return check

    def _map(self, shape: Mapping[str, Any]) -> Check:
        key, member = (self.check(shape[part]["shape"]) for part in ("key", "value"))

        def check(value: Any, path: str, found: list[str]) -> None:
            if value.__class__ is not dict:
                refuse_type(value, path, "map")
            for name, item in value.items():
                key(name, path, found)
                member(item, f"{path}.{name}.member", found)

        return check


def lower(member: str) -> str:
    """Return a member as the server framework writes it: ``NumberOfBytes`` to ``numberOfBytes``."""
    return member[0].lower() + member[1:]


def _shown(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"'[{', '.join(str(item) for item in value)}]'"
    return f"'{value}'"


def _missing(path: str, found: list[str]) -> None:
    found.append(f"Value null at '{path}' failed to satisfy constraint: Member must not be null")


def refuse_type(value: Any, path: str, kind: str) -> NoReturn:
    """Refuse a value whose type its member cannot take.

    Raises:
      SerializationException: always.
    """
    raise SerializationException(
        f"{_JSON_NAMES.get(type(value), 'VALUE_NULL')} at '{path}' can not be"
        f" converted to {_JAVA_NAMES[kind]}"
    )


def _length_limits(shape: Mapping[str, Any]) -> Callable[[int, str, list[str]], None] | None:
    low, high = shape.get("min", 0), shape.get("max")
    if high is None and low <= 0:
        return None

    def limits(length: int, subject: str, found: list[str]) -> None:
        if length < low:
            found.append(_unsatisfied(subject, f"have length greater than or equal to {low}"))
        if high is not None and length > high:
            found.append(_unsatisfied(subject, f"have length less than or equal to {high}"))

    return limits


def _unsatisfied(subject: str, demand: str) -> str:
    return f"{subject} failed to satisfy constraint: Member must {demand}"


def _scalar(shape: Mapping[str, Any]) -> Check:
    """Return the check of a string, blob, number, boolean or timestamp."""
    kind = shape["type"]
    types = _TYPES[kind]
    explain = _explainer(shape)
    low, high = shape.get("min"), shape.get("max")
    enum = frozenset(shape.get("enum", ()))
    pattern = (
        re.compile(_python_pattern(shape["pattern"])).fullmatch if "pattern" in shape else None
    )
    scope: dict[str, Any] = {
        "explain": explain,
        "refuse": refuse_type,
        "enum": enum,
        "match": pattern,
        "types": types,
    }
    size = "len(value)" if kind in ("string", "blob") else "value"
    bad = [f"{size} < {low}"] if low not in (None, 0) or (low == 0 and size == "value") else []
    bad += [f"{size} > {high}"] if high is not None else []
    bad += ["value not in enum"] if enum else []
    bad += ["match(value) is None"] if pattern is not None else []
    lines = [
        "def check(value, path, found):",
        f"    if value.__class__ not in types: refuse(value, path, {kind!r})",
    ]
    if bad:
        lines.append(f"    if {' or '.join(bad)}: explain(value, path, found)")
    exec("\n".join(lines), scope)  # noqa: S102 - generated from the service model
    check: Check = scope["check"]
    return check


def _python_pattern(pattern: str) -> str:
    """Return a model's pattern, which is Java's, for Python."""
    for theirs, ours in _CLASSES.items():
        pattern = pattern.replace(theirs, ours)
    return pattern


def _explainer(shape: Mapping[str, Any]) -> Check:
    """Return what writes down how a scalar breaks its constraints; only called when it does."""
    kind, low, high = shape["type"], shape.get("min"), shape.get("max")
    hidden = kind == "blob" or bool(shape.get("sensitive"))
    pattern = shape.get("pattern")

    def explain(value: Any, path: str, found: list[str]) -> None:
        subject = f"Value at '{path}'" if hidden else f"Value '{value}' at '{path}'"
        if kind in ("string", "blob"):
            size, verb = len(value), "have length"
        else:
            size, verb = value, "have value"
        if low is not None and size < low:
            found.append(_unsatisfied(subject, f"{verb} greater than or equal to {low}"))
        if high is not None and size > high:
            found.append(_unsatisfied(subject, f"{verb} less than or equal to {high}"))
        if shape.get("enum") and value not in shape["enum"]:
            values = ", ".join(shape["enum"])
            found.append(_unsatisfied(subject, f"satisfy enum value set: [{values}]"))
        if pattern is not None and re.fullmatch(_python_pattern(pattern), value) is None:
            found.append(
                _unsatisfied(subject, f"satisfy regular expression pattern: {pattern}"),
            )

    return explain


@lru_cache
def shapes(service: str) -> Shapes:
    """Return the validators of a service; the model is read once, an action compiled on first use.

    Compiling all of KMS takes some 50 ms, and other models are larger.
    """
    model = model_of(service)
    asked = _Compiler(model["shapes"], strict=False)
    answered = _Compiler(model["shapes"], strict=True)
    requests: dict[str, Check] = {}
    answers: dict[str, Check] = {}
    required: dict[str, tuple[str, ...]] = {}
    for action, operation in model["operations"].items():
        name = operation["input"]["shape"] if "input" in operation else ""
        required[action] = tuple(model["shapes"][name].get("required", ())) if name else ()
        if name:
            _on_first_use(requests, action, partial(_request_check, service, asked, name))
        else:
            requests[action] = _anything
        if "output" in operation:
            shape = operation["output"]["shape"]
            _on_first_use(answers, action, partial(answered.check, shape))
        else:
            answers[action] = _empty
    return Shapes(requests, answers, required)


def _request_check(service: str, compiler: _Compiler, name: str) -> Check:
    if service == "s3":
        return s3_request_check(model_of(service)["shapes"], name, compiler.check)
    return compiler.check(name)


def _on_first_use(table: dict[str, Check], action: str, build: Callable[[], Check]) -> None:
    """Enter a check into a table that builds what takes its place when it is first called."""

    def first(value: Any, path: str, found: list[str]) -> None:
        table[action] = build()
        table[action](value, path, found)

    table[action] = first


def _anything(value: Any, path: str, found: list[str]) -> None:
    """Accept whatever was sent to an action that takes nothing."""


def _empty(value: Any, path: str, found: list[str]) -> None:
    if value:
        found.append(f"{path}answer should be empty")


def check_request(service: str, action: str, parameters: Values) -> None:
    """Accept the parameters of one request, or refuse them with the service's own message.

    Members that the model does not know are ignored, as the services ignore them.

    Raises:
      KeyError: the service has no such action.
      ValidationException: constraints are broken; the message counts and lists them all.
        Query services and logs have the same text under another code, S3 has its own errors.
      SerializationException: a value has the wrong type.
    """
    found: list[str] = []
    shapes(service).requests[action](parameters, "", found)
    if found:
        plural = "" if len(found) == 1 else "s"
        raise _REFUSALS.get(service, ValidationException)(
            f"{len(found)} validation error{plural} detected: {'; '.join(found)}"
        )


def check_answer(service: str, action: str, body: Values) -> None:
    """Assert that an answer has the shape that the service model promises."""
    found: list[str] = []
    shapes(service).answers[action](body, "", found)
    assert not found, f"{action} answered out of shape: {'; '.join(found)}"
