"""Values of a service model as XML elements, both ways; converters are made once per shape.

What does not belong here: members that travel in headers, paths or query strings (rest_xml.py).
Source: Smithy, "XML bindings"; service models of botocore.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from regions.api.models import Shape, resolved
from regions.api.protocols.values import (
    INTEGER_BITS,
    LONG_BITS,
    from_base64,
    from_http_date,
    from_iso8601,
    to_base64,
    to_http_date,
    to_iso8601,
    whole,
)
from regions.api.protocols.xml_text import Element, quote

#: Takes a value and appends its XML.
Writer = Callable[[Any, list[str]], None]
#: Takes the elements of one name, of which there may be several in a flattened list.
Reader = Callable[[list[Element]], Any]


def text_to_value(shape: Shape, default_time: str = "iso8601") -> Callable[[str], Any]:
    """Return what reads a scalar of this shape from text.

    The reader raises ValueError for text that is none.
    """
    kind = shape["type"]
    if kind == "timestamp":
        form = shape.get("timestampFormat", default_time)
        return from_http_date if form == "rfc822" else from_iso8601
    readers: dict[str, Callable[[str], Any]] = {
        "string": str,
        "blob": from_base64,
        "boolean": _truth,
        "integer": lambda text: whole(text, INTEGER_BITS),
        "long": lambda text: whole(text, LONG_BITS),
        "float": _finite,
        "double": _finite,
    }
    return readers[kind]


def value_to_text(
    shape: Shape, default_time: str = "iso8601", *, always_milliseconds: bool = False
) -> Callable[[Any], str]:
    """Return what writes a scalar of this shape as text, not yet quoted for XML."""
    kind = shape["type"]
    if kind == "timestamp":
        if shape.get("timestampFormat", default_time) == "rfc822":
            return to_http_date
        return lambda value: to_iso8601(value, always_milliseconds=always_milliseconds)
    if kind == "boolean":
        return lambda value: "true" if value else "false"
    return to_base64 if kind == "blob" else str


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def _finite(text: str) -> float:
    value = float(text)
    if not abs(value) < float("inf"):
        raise ValueError(f"{text!r} is no finite number")
    return value


def element_name(member: str, shape: Shape) -> str:
    """Return the element of a structure's member; its items' element if they stand there flat."""
    if shape["type"] == "list" and shape.get("flattened") and "locationName" in shape["member"]:
        flat: str = shape["member"]["locationName"]
        return flat
    name: str = shape.get("locationName", member)
    return name


def opening(name: str, shape: Shape) -> str:
    """Return an element's start up to its attributes, namespace included."""
    space = shape.get("xmlNamespace")
    if space is None:
        return f"<{name}"
    uri = space if isinstance(space, str) else space["uri"]
    prefix = "" if isinstance(space, str) else space.get("prefix", "")
    return f'<{name} xmlns{":" if prefix else ""}{prefix}="{uri}"'


class XmlWriters:
    """Makes writers of one model's shapes.

    Args:
      always_milliseconds: write times as ``00:00:00.000Z``, as S3 does.
    """

    def __init__(self, shapes: Mapping[str, Shape], *, always_milliseconds: bool) -> None:
        self._shapes, self._always_milliseconds = shapes, always_milliseconds
        self._made: dict[tuple[str, str], Writer] = {}

    def content(self, name: str, skipped: frozenset[str] = frozenset()) -> Writer:
        """Return what writes a structure's members, without an element around them."""
        members = {
            member: (resolved(self._shapes, to), self._element(member, to))
            for member, to in self._shapes[name].get("members", {}).items()
            if "location" not in to and member not in skipped
        }
        writers = {
            member: write for member, (to, write) in members.items() if not to.get("xmlAttribute")
        }

        def write(value: Any, out: list[str]) -> None:
            for member, write_member in writers.items():
                if value.get(member) is not None:
                    write_member(value[member], out)

        return write

    def element(self, name: str, reference: Shape) -> Writer:
        """Return what writes a value in an element of this name."""
        return self._element(name, reference)

    def _element(self, member: str, reference: Shape) -> Writer:
        key = (member, repr(reference))
        if key not in self._made:

            def itself(value: Any, out: list[str]) -> None:
                self._made[key](value, out)

            self._made[key] = itself  # found by a shape that contains itself, while it is made
            self._made[key] = self._make(member, resolved(self._shapes, reference))
        return self._made[key]

    def _make(self, member: str, shape: Shape) -> Writer:
        name = element_name(member, shape)
        kind = shape["type"]
        if kind == "structure":
            return self._structure(name, shape)
        if kind == "list":
            return self._list(name, shape)
        if kind == "map":
            return self._map(name, shape)
        text = value_to_text(shape, always_milliseconds=self._always_milliseconds)
        start, end = f"{opening(name, shape)}>", f"</{name}>"
        return lambda value, out: out.append(f"{start}{quote(text(value))}{end}")

    def _structure(self, name: str, shape: Shape) -> Writer:
        start, end = opening(name, shape), f"</{name}>"
        attributes = {
            member: to["locationName"]
            for member, to in shape["members"].items()
            if to.get("xmlAttribute")
        }
        content = self.content(shape["shape"])

        def write(value: Any, out: list[str]) -> None:
            out.append(start)
            for member, attribute in attributes.items():
                if value.get(member) is not None:
                    out.append(f' {attribute}="{quote(value[member])}"')
            out.append(">")
            content(value, out)
            out.append(end)

        return write

    def _list(self, name: str, shape: Shape) -> Writer:
        if shape.get("flattened"):
            item = self._element(name, {**shape["member"], "locationName": name})
            start, end = "", ""
        else:
            item = self._element("member", shape["member"])
            start, end = f"{opening(name, shape)}>", f"</{name}>"

        def write(value: Any, out: list[str]) -> None:
            out.append(start)
            for each in value:
                item(each, out)
            out.append(end)

        return write

    def _map(self, name: str, shape: Shape) -> Writer:
        assert not shape.get("flattened"), f"no model here has a flattened map: {name}"
        key = self._element("key", shape["key"])
        part = self._element("value", shape["value"])
        start, end = f"{opening(name, shape)}>", f"</{name}>"

        def write(value: Any, out: list[str]) -> None:
            out.append(start)
            for each, item in value.items():
                out.append("<entry>")
                key(each, out)
                part(item, out)
                out.append("</entry>")
            out.append(end)

        return write


#: Attributes that say nothing about a value.
_NO_VALUE: Final = ("xmlns", "xsi:schemaLocation")


class XmlReaders:
    """Makes readers of one model's shapes; a reader raises ValueError for what does not fit."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._made: dict[str, Reader] = {}

    def reader(self, reference: Shape) -> Reader:
        """Return what reads a value of a shape from its elements."""
        key = repr(reference)
        if key not in self._made:

            def itself(elements: list[Element]) -> Any:
                return self._made[key](elements)

            self._made[key] = itself  # found by a shape that contains itself, while it is made
            self._made[key] = self._make(resolved(self._shapes, reference))
        return self._made[key]

    def _make(self, shape: Shape) -> Reader:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        assert kind != "map", "no request of these models has a map in XML"
        read = text_to_value(shape)

        def scalar(elements: list[Element]) -> Any:
            element = _only(elements)
            if element.children:
                raise ValueError(f"{element.name} has elements inside")
            return read(element.text if kind in {"string", "blob"} else element.text.strip())

        return scalar

    def _structure(self, shape: Shape) -> Reader:
        members, attributes = {}, {}
        for member, to in shape["members"].items():
            whole_shape = resolved(self._shapes, to)
            if to.get("xmlAttribute"):
                attributes[to["locationName"]] = member
            else:
                name = whole_shape.get("locationName", member)
                members[name] = (member, self.reader(to))

        def read(elements: list[Element]) -> dict[str, Any]:
            element = _only(elements)
            if element.text.strip():
                raise ValueError(f"{element.name} has text inside")
            grouped: dict[str, list[Element]] = {}
            for child in element.children:
                grouped.setdefault(child.name, []).append(child)
            found: dict[str, Any] = _attributes(element, attributes)
            for name, children in grouped.items():
                if name not in members:
                    raise ValueError(f"{element.name} has no {name}")
                member, read_member = members[name]
                found[member] = read_member(children)
            return found

        return read

    def _list(self, shape: Shape) -> Reader:
        item = self.reader(shape["member"])
        if shape.get("flattened"):
            return lambda elements: [item([element]) for element in elements]
        name = shape["member"].get("locationName", "member")

        def read(elements: list[Element]) -> list[Any]:
            element = _only(elements)
            for child in element.children:
                if child.name != name:
                    raise ValueError(f"{element.name} has no {child.name}")
            return [item([child]) for child in element.children]

        return read


def _attributes(element: Element, known: Mapping[str, str]) -> dict[str, Any]:
    """Return members that stand in attributes; namespaces are none of them."""
    found: dict[str, Any] = {}
    for name, text in element.attributes.items():
        if name in known:
            found[known[name]] = text
        elif not name.startswith(_NO_VALUE):
            raise ValueError(f"{element.name} has no attribute {name}")
    return found


def _only(elements: list[Element]) -> Element:
    if len(elements) != 1:
        raise ValueError(f"{elements[0].name} stands there {len(elements)} times")
    return elements[0]
