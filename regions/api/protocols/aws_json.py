"""JSON 1.1: kms, cloudtrail, logs and events; the action stands in the header X-Amz-Target.

Converters are made once per shape. A body that is no JSON object gets SerializationException
without a message, as the server framework answers it.
What does not belong here: constraints (shapes.py), which the service itself checks.
Source: Smithy, "AWS JSON 1.1 protocol"; service models of botocore; error bodies as facts of the
KMS wire protocol.
"""

import json
import re
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any, Final, NoReturn

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.models import Shape, model_of
from regions.api.protocols.protocol import Parsed, Protocol
from regions.api.protocols.values import (
    INTEGER_BITS,
    LONG_BITS,
    SECONDS_MAX,
    SECONDS_MIN,
    from_base64,
    to_base64,
)
from regions.api.shapes import lower, refuse_type
from regions.errors import SerializationException, ServiceError, UnknownOperationException

CONTENT_TYPE: Final = "application/x-amz-json-1.1"
#: Lists and objects within each other; chosen, no request of these services comes near.
DEPTH_MAX: Final = 100

#: Takes a value from JSON, returns it as parameters have it.
Reader = Callable[[Any], Any]
#: Takes a value of an answer, returns its JSON.
Writer = Callable[[Any], str]

_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKETS: Final = re.compile(r"[\[\]{}]")


class Mismatch(Exception):
    """A value has a type that its member cannot take; the path grows on the way up."""

    def __init__(self, value: Any, kind: str) -> None:
        super().__init__()
        self.value, self.kind, self.path = value, kind, ""

    def under(self, parent: str) -> "Mismatch":
        """Return the same within a member of that name."""
        self.path = f"{parent}.{self.path}" if self.path else parent
        return self


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decode: Final = json.JSONDecoder(parse_constant=_no_constant).raw_decode
_quote: Final = encode_basestring_ascii


def _string(value: Any) -> str:
    if value.__class__ is not str:
        raise Mismatch(value, "string")
    text: str = value
    return text


def _boolean(value: Any) -> bool:
    if value.__class__ is not bool:
        raise Mismatch(value, "boolean")
    truth: bool = value
    return truth


def _blob(value: Any) -> bytes:
    if value.__class__ is not str:
        raise Mismatch(value, "blob")
    try:
        return from_base64(value)
    except ValueError:
        raise Mismatch(value, "blob") from None


def _whole(kind: str, bits: int) -> Reader:
    low, high = -(1 << bits), 1 << bits

    def read(value: Any) -> int:
        if value.__class__ is not int or not low <= value < high:
            raise Mismatch(value, kind)
        number: int = value
        return number

    return read


def _real(kind: str, low: float, high: float) -> Reader:
    def read(value: Any) -> float:
        if value.__class__ not in (int, float) or not low <= value <= high:
            raise Mismatch(value, kind)
        return float(value)

    return read


#: What a float of 64 bits can hold; infinity is no JSON.
_REAL_MAX: Final = 1.7976931348623157e308

_SCALARS: Final[Mapping[str, Reader]] = {
    "string": _string,
    "boolean": _boolean,
    "blob": _blob,
    "integer": _whole("integer", INTEGER_BITS),
    "long": _whole("long", LONG_BITS),
    "float": _real("float", -_REAL_MAX, _REAL_MAX),
    "double": _real("double", -_REAL_MAX, _REAL_MAX),
    "timestamp": _real("timestamp", SECONDS_MIN, SECONDS_MAX),
}


#: How a scalar of an answer reads in JSON.
_TEXTS: Final[Mapping[str, Writer]] = {
    "string": _quote,
    "boolean": lambda value: "true" if value else "false",
    "blob": lambda value: f'"{to_base64(value)}"',
    "integer": repr,
    "long": repr,
    "float": repr,
    "double": repr,
    "timestamp": repr,
}


class JsonReaders:
    """Makes one reader per shape, on first need."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._made: dict[str, Reader] = {}

    def reader(self, name: str) -> Reader:
        """Return what reads a shape."""
        if name not in self._made:

            def itself(value: Any) -> Any:
                return self._made[name](value)

            self._made[name] = itself  # found by a shape that contains itself, while it is made
            self._made[name] = self._make(self._shapes[name])
        return self._made[name]

    def _make(self, shape: Shape) -> Reader:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        return _SCALARS[kind]

    def _structure(self, shape: Shape) -> Reader:
        members = {name: self.reader(to["shape"]) for name, to in shape["members"].items()}

        def read(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise Mismatch(value, "structure")
            found: dict[str, Any] = {}
            for name, item in value.items():
                if item is not None and name in members:
                    try:
                        found[name] = members[name](item)
                    except Mismatch as mismatch:
                        raise mismatch.under(lower(name)) from None
            return found

        return read

    def _list(self, shape: Shape) -> Reader:
        member = self.reader(shape["member"]["shape"])

        def read(value: Any) -> list[Any]:
            if value.__class__ is not list:
                raise Mismatch(value, "list")
            found = []
            for index, item in enumerate(value, start=1):
                try:
                    found.append(member(item))
                except Mismatch as mismatch:
                    raise mismatch.under(f"{index}.member") from None
            return found

        return read

    def _map(self, shape: Shape) -> Reader:
        member = self.reader(shape["value"]["shape"])

        def read(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise Mismatch(value, "map")
            found = {}
            for name, item in value.items():
                try:
                    found[name] = member(item)
                except Mismatch as mismatch:
                    raise mismatch.under(f"{name}.member") from None
            return found

        return read


class JsonWriters:
    """Makes one writer per shape, on first need."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._made: dict[str, Writer] = {}

    def writer(self, name: str) -> Writer:
        """Return what writes a shape."""
        if name not in self._made:

            def itself(value: Any) -> str:
                return self._made[name](value)

            self._made[name] = itself  # found by a shape that contains itself, while it is made
            self._made[name] = self._make(self._shapes[name])
        return self._made[name]

    def _make(self, shape: Shape) -> Writer:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            item = self.writer(shape["member"]["shape"])
            return lambda value: f"[{','.join([item(each) for each in value])}]"
        if kind == "map":
            return self._map(shape)
        return _TEXTS[kind]

    def _structure(self, shape: Shape) -> Writer:
        names = {name: f"{_quote(name)}:" for name in shape["members"]}
        members = {name: self.writer(to["shape"]) for name, to in shape["members"].items()}

        def write(value: Any) -> str:
            parts = [
                names[name] + members[name](item)
                for name, item in value.items()
                if item is not None
            ]
            return f"{{{','.join(parts)}}}"

        return write

    def _map(self, shape: Shape) -> Writer:
        item = self.writer(shape["value"]["shape"])

        def write(value: Any) -> str:
            parts = [f"{_quote(name)}:{item(each)}" for name, each in value.items()]
            return f"{{{','.join(parts)}}}"

        return write


def _bounded(text: str) -> None:
    """Refuse text whose brackets open more than DEPTH_MAX deep; strings are passed over."""
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEPTH_MAX:
            raise SerializationException


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body consists of.

    Raises:
      SerializationException: it is no JSON object in UTF-8, has half a surrogate pair in it, or
        is nested more than 100 deep.
    """
    try:
        text = body.decode("utf-8")
        if text.count("{") + text.count("[") > DEPTH_MAX:
            _bounded(text)
        text = text.strip(" \t\r\n")
        value, end = _decode(text)
        if end != len(text):
            raise SerializationException
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError:
        raise SerializationException from None
    if value.__class__ is list:
        raise SerializationException("Start of list found where not expected")
    if value.__class__ is not dict:
        raise SerializationException
    found: dict[str, Any] = value
    return found


class AwsJson(Protocol):
    """JSON 1.1 for one service.

    Args:
      prefixes: what may stand before ``.Action`` in X-Amz-Target.
    """

    def __init__(self, service: str, prefixes: tuple[str, ...]) -> None:
        model = model_of(service)
        self._service, self._prefixes = service, prefixes
        self._readers, self._writers = JsonReaders(model["shapes"]), JsonWriters(model["shapes"])
        self._operations: Mapping[str, Any] = model["operations"]
        self._targets: dict[str, str] = {
            f"{prefix}.{name}": name for name in self._operations for prefix in prefixes
        }
        self._inputs: dict[str, Reader] = {}
        self._outputs: dict[str, Writer] = {}

    def action_of(self, request: HttpRequest) -> str:
        """Return the action of the header X-Amz-Target.

        Raises:
          UnknownOperationException: there is none, or the service has no such action.
        """
        target = request.header("x-amz-target")
        action = self._targets.get(target)
        if action is None:
            if not target:
                raise UnknownOperationException(
                    f"{self._service} needs a header X-Amz-Target: {self._prefixes[0]}.ACTION"
                )
            raise UnknownOperationException(f"{target[:128]} is not modelled.")
        if request.method != "POST":
            raise UnknownOperationException(f"{request.method} is not POST.")
        return action

    def parse(self, request: HttpRequest) -> Parsed:
        """Return the action of the header and the parameters of the body.

        Raises:
          UnknownOperationException: no such action is modelled.
          SerializationException: the body is no JSON object, or a value has the wrong type.
        """
        action = self.action_of(request)
        read = self._inputs.get(action)
        if read is None:
            shape = self._operations[action]["input"]["shape"]
            read = self._inputs[action] = self._readers.reader(shape)
        value = read_object(request.body)
        try:
            return Parsed(action, read(value))
        except Mismatch as mismatch:
            refuse_type(mismatch.value, mismatch.path, mismatch.kind)

    def answer(self, action: str, body: dict[str, Any], request_id: str) -> HttpAnswer:
        """Return the body as JSON; an action without output answers with nothing."""
        headers = (("x-amzn-RequestId", request_id), ("Content-Type", CONTENT_TYPE))
        write = self._outputs.get(action)
        if write is None:
            output = self._operations[action].get("output")
            write = self._writers.writer(output["shape"]) if output else _nothing
            self._outputs[action] = write
        return HttpAnswer(200, headers, write(body).encode("ascii"))

    def error(
        self,
        error: ServiceError,
        request_id: str,
        action: str | None = None,  # noqa: ARG002 - the protocol writes all errors alike
        request: HttpRequest | None = None,  # noqa: ARG002 - the same
    ) -> HttpAnswer:
        """Return ``{"__type": code, "message": text}``, without message where there is none."""
        return json_error(error, request_id)


def _nothing(body: dict[str, Any]) -> str:
    assert not body, f"an action without output answered {sorted(body)}"
    return ""


def json_error(error: ServiceError, request_id: str) -> HttpAnswer:
    """Return an error as JSON 1.1 services write it."""
    message = f',"message":{_quote(error.message)}' if error.message else ""
    shown = f'{{"__type":{_quote(error.code)}{message}}}'
    headers = (("x-amzn-RequestId", request_id), ("Content-Type", CONTENT_TYPE))
    return HttpAnswer(error.status, headers, shown.encode("ascii"))
