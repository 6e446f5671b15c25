"""XML as text: safe reading of a request's body into elements, and quoting for answers.

No document type, so no entity of any kind, is accepted, and nesting is bounded.
What does not belong here: shapes (xml_shapes.py).
Source: XML 1.0, sections 2.2, 2.4 and 4; expat as the standard library has it.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

#: Elements within each other; chosen, the deepest body of S3 has seven.
DEPTH_MAX: Final = 32
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'

#: What may not stand in text as it is: markup, and all that XML 1.0 cannot say or would change.
_SPECIAL: Final = re.compile(r'[&<>"\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
_NAMED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


@dataclass(slots=True)
class Element:
    """One element: its name without a prefix, its text without its children's."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)


class _Builder:
    """Takes expat's events and keeps the elements that are open."""

    def __init__(self) -> None:
        self.root = Element("")
        self.open = [self.root]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > DEPTH_MAX:
            raise ValueError(f"elements are nested more than {DEPTH_MAX} deep")
        element = Element(name.rpartition(":")[2], attributes)
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, name: str) -> None:  # noqa: ARG002 - expat has checked that it fits
        self.open.pop()

    def text(self, data: str) -> None:
        self.open[-1].text += data

    def doctype(self, *_: object) -> None:
        raise ValueError("a document type is not accepted")


def read_xml(body: bytes) -> Element:
    """Return the root element of a document in UTF-8, whatever encoding it claims.

    Raises:
      ValueError: it is not well-formed, is nested more than 32 deep, or has a document type.
    """
    parser, builder = expat.ParserCreate("utf-8"), _Builder()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    return builder.root.children[0]


def read_root(body: bytes, name: str) -> Element:
    """Return the root element of a document, which must have this name.

    Raises:
      ValueError: as ``read_xml``, or it has another name.
    """
    root = read_xml(body)
    if root.name != name:
        raise ValueError(f"{root.name} is not {name}")
    return root


def _quoted(found: re.Match[str]) -> str:
    character = found.group()
    return _NAMED.get(character) or f"&#x{ord(character):X};"


def quote(text: str) -> str:
    """Return text as an element or attribute may hold it.

    Characters that XML 1.0 cannot say become references, as S3 writes them; strict readers refuse
    those, which is why lists of keys can be asked for with ``EncodingType=url``.
    """
    return _SPECIAL.sub(_quoted, text)
