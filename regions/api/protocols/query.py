"""The query protocol: sts, sns and iam; a form or query string in, XML out.

What does not belong here: XML of shapes (xml_shapes.py).
Source: Smithy, "AWS query protocol"; IAM and STS API References, "Common errors"; service models.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from regions.api.errors import (
    InvalidAction,
    MalformedQueryString,
    MissingAction,
    NoSuchApiVersion,
)
from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.models import Shape, model_of, resolved
from regions.api.protocols.protocol import Parsed, Protocol
from regions.api.protocols.values import query_pairs, split_target
from regions.api.protocols.words import QUERY_WORDS, fault_side, in_words
from regions.api.protocols.xml_shapes import Writer, XmlWriters, text_to_value
from regions.api.protocols.xml_text import quote
from regions.errors import SerializationException, ServiceError

CONTENT_TYPE: Final = "text/xml"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
#: Parts of one name; chosen, the deepest of these services has six.
PARTS_MAX: Final = 16
#: Names and values of one request; chosen, far beyond every list of these services.
PAIRS_MAX: Final = 10_000

UNEXPECTED: Final = "Start of structure or map found where not expected."
EXPECTED: Final = "Unexpected text where a structure, list or map is expected."


@dataclass(slots=True)
class Node:
    """What stands under one part of a name: a value, further parts, or both."""

    value: str | None = None
    children: dict[str, "Node"] = field(default_factory=dict)

    def numbered(self) -> list["Node"]:
        """Return the children with decimal numbers for names, in the order of these."""
        numbers = [name for name in self.children if name.isascii() and name.isdigit()]
        return [self.children[name] for name in sorted(numbers, key=lambda n: (len(n), n))]


Reader = Callable[[Node], Any]


def _unread(text: str) -> str:
    return f"{text[:64]!r} can not be read"


class _Readers:
    """Makes one reader per shape, on first need."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._made: dict[str, Reader] = {}

    def reader(self, reference: Shape) -> Reader:
        name = reference["shape"]
        if name not in self._made:  # No shape of these services contains itself.
            self._made[name] = self._make(resolved(self._shapes, reference))
        return self._made[name]

    def _make(self, shape: Shape) -> Reader:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        return _scalar(shape)

    def _structure(self, shape: Shape) -> Reader:
        members = {
            to.get("locationName", member): (member, self.reader(to))
            for member, to in shape["members"].items()
        }

        def read(node: Node) -> dict[str, Any]:
            if node.value:
                raise SerializationException(EXPECTED)
            return {
                members[name][0]: members[name][1](child)
                for name, child in node.children.items()
                if name in members
            }

        return read

    def _list(self, shape: Shape) -> Reader:
        item = self.reader(shape["member"])
        name = shape["member"].get("locationName", "member")

        def read(node: Node) -> list[Any]:
            if node.value:
                raise SerializationException(EXPECTED)
            inside = node.children.get(name)
            return [item(child) for child in inside.numbered()] if inside else []

        return read

    def _map(self, shape: Shape) -> Reader:
        key, part = self.reader(shape["key"]), self.reader(shape["value"])
        key_name = shape["key"].get("locationName", "key")
        part_name = shape["value"].get("locationName", "value")

        def read(node: Node) -> dict[str, Any]:
            if node.value:
                raise SerializationException(EXPECTED)
            inside = node.children.get("entry")
            found = {}
            for entry in inside.numbered() if inside else []:
                if key_name in entry.children and part_name in entry.children:
                    found[key(entry.children[key_name])] = part(entry.children[part_name])
            return found

        return read


def _scalar(shape: Shape) -> Reader:
    convert = text_to_value(shape)

    def read(node: Node) -> Any:
        if node.children or node.value is None:
            raise SerializationException(UNEXPECTED)
        try:
            return convert(node.value)
        except ValueError:
            raise SerializationException(_unread(node.value)) from None

    return read


def read_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """Return names and values of query string and form, in this order.

    Raises:
      MalformedQueryString: they are not UTF-8, or more than 10,000.
    """
    text = split_target(request.target)[1]
    try:
        if request.body:
            form = request.body.decode("utf-8")
            text = f"{text}&{form}" if text else form
        if text.count("&") >= PAIRS_MAX:
            raise MalformedQueryString(f"more than {PAIRS_MAX} parameters")
        return list(query_pairs(text))
    except ValueError:
        raise MalformedQueryString("The query string is not UTF-8 in percent-encoding.") from None


def _tree(pairs: list[tuple[str, str]]) -> Node:
    """Return the parameters by the parts of their names; the first of equal names counts."""
    root = Node()
    for name, value in pairs:
        parts = name.split(".", PARTS_MAX)
        if len(parts) > PARTS_MAX:
            continue  # No member lies so deep: unknown, and so ignored.
        node = root
        for part in parts:
            node = node.children.setdefault(part, Node())
        if node.value is None:
            node.value = value
    return root


class AwsQuery(Protocol):
    """The query protocol for one service."""

    def __init__(self, service: str) -> None:
        model = model_of(service)
        self._version: str = model["metadata"]["apiVersion"]
        self._namespace: str = model["metadata"]["xmlNamespace"]
        self._operations: Mapping[str, Any] = model["operations"]
        self._readers = _Readers(model["shapes"])
        self._writers = XmlWriters(model["shapes"], always_milliseconds=False)
        self._outputs: dict[str, Writer] = {}

    def action_of(self, request: HttpRequest) -> str:
        """Return the parameter Action.

        Raises:
          MalformedQueryString: the parameters cannot be read.
          MissingAction: there is none.
          NoSuchApiVersion: the parameter Version names another version.
          InvalidAction: the service has no such action.
        """
        return self._action(_tree(read_pairs(request)))

    def _action(self, tree: Node) -> str:
        action = (tree.children.get("Action") or Node()).value
        version = (tree.children.get("Version") or Node()).value
        if not action:
            raise MissingAction("The request must contain the parameter Action.")
        if version is not None and version != self._version:
            raise NoSuchApiVersion(f"The requested version ( {version[:64]} ) does not exist")
        if action not in self._operations:
            raise InvalidAction(
                f"Could not find operation {action[:128]} for version {self._version}"
            )
        return action

    def parse(self, request: HttpRequest) -> Parsed:
        """Return what a query string and form ask for.

        Raises:
          ServiceError: as ``action_of``; SerializationException for values that cannot be read.
        """
        tree = _tree(read_pairs(request))
        action = self._action(tree)
        operation = self._operations[action]
        if "input" not in operation:
            return Parsed(action, {})
        tree.value = None
        parameters: dict[str, Any] = self._readers.reader(operation["input"])(tree)
        return Parsed(action, parameters)

    def answer(self, action: str, body: dict[str, Any], request_id: str) -> HttpAnswer:
        """Return the body in ``<ActionResponse><ActionResult>``, with the request id behind."""
        out = [f'<{action}Response xmlns="{self._namespace}">']
        output = self._operations[action].get("output")
        if output:
            if action not in self._outputs:
                self._outputs[action] = self._writers.content(output["shape"])
            wrapper = output.get("resultWrapper", f"{action}Result")
            out.append(f"<{wrapper}>")
            self._outputs[action](body, out)
            out.append(f"</{wrapper}>")
        out.append(
            f"<ResponseMetadata><RequestId>{quote(request_id)}</RequestId></ResponseMetadata>"
            f"</{action}Response>"
        )
        return _xml(200, "".join(out), request_id)

    def error(
        self,
        error: ServiceError,
        request_id: str,
        action: str | None = None,  # noqa: ARG002 - the protocol writes all errors alike
        request: HttpRequest | None = None,  # noqa: ARG002 - the same
    ) -> HttpAnswer:
        """Return ``<ErrorResponse>`` with type, code and message."""
        return query_error(error, request_id, self._namespace)


def query_error(error: ServiceError, request_id: str, namespace: str) -> HttpAnswer:
    """Return an error as query services write it."""
    code, status = in_words(QUERY_WORDS, error)
    text = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{fault_side(status)}</Type>'
        f"<Code>{quote(code)}</Code><Message>{quote(error.message)}</Message></Error>"
        f"<RequestId>{quote(request_id)}</RequestId></ErrorResponse>"
    )
    return _xml(status, text, request_id)


def _xml(status: int, text: str, request_id: str) -> HttpAnswer:
    headers = (("x-amzn-RequestId", request_id), ("Content-Type", CONTENT_TYPE))
    return HttpAnswer(status, headers, text.encode("utf-8"))
