"""The requests that nearly all clients send, read and answered in one step each.

A plain request is one of HTTP/1.1 with a common method, one Host, printable ASCII in its head and a
body of a stated length. Whatever else it may say of its framing (chunks, 100-continue, upgrades,
the end of the connection) makes it a case for h11, which would read a plain one as this does; a
test compares them. It costs a fifth of a small call to let h11 read and write everything.
What does not belong here: sockets, and every other request (connection.py).
Source: RFC 9112, sections 2 to 6; RFC 9110, sections 5.5 and 5.6.2.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_NAME: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_LINE: Final = re.compile(r"(GET|POST|PUT|HEAD|DELETE) ([!-~]++) HTTP/1\.1\r\n")
_FIELDS: Final = re.compile(rf"(?:{_NAME}:[\t -~]*+\r\n)++")
_FIELD: Final = re.compile(rf"({_NAME}):([\t -~]*+)\r\n")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
#: Fields that change how a message is framed or what becomes of the connection.
_FRAMING: Final = frozenset({"transfer-encoding", "expect", "connection", "upgrade"})


class PlainHead(NamedTuple):
    """The head of a plain request."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]  #: names in lower case
    body_at: int  #: where its body begins in the bytes that were read
    length: int  #: of the body, in bytes


def plain_head(data: bytes) -> PlainHead | None:
    """Return the head at the beginning of bytes; None if it is not whole, or not plain."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    text = data[: end + 2].decode("latin-1")
    line = _LINE.match(text)
    if line is None or _FIELDS.fullmatch(text, line.end()) is None:
        return None
    headers = tuple(
        [(name.lower(), value.strip()) for name, value in _FIELD.findall(text, line.end())]
    )
    length, hosts, lengths = 0, 0, 0
    for name, value in headers:
        if name == "host":
            hosts += 1
        elif name == "content-length":
            if _LENGTH.fullmatch(value) is None:
                return None
            length, lengths = int(value), lengths + 1
        elif name in _FRAMING:
            return None
    if hosts != 1 or lengths > 1:
        return None
    return PlainHead(line[1], line[2], headers, end + 4, length)


def plain_answer(
    status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes
) -> bytes:
    """Return an answer as it goes over the wire.

    Args:
      headers: with Content-Length, if there is one.
      body: as it is to be sent; empty for HEAD.

    Raises:
      ValueError: a header would end its line and begin another one.
    """
    lines = [f"HTTP/1.1 {status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append("\r\n")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) or head.count("\r") != len(lines):
        raise ValueError(f"an answer's headers break a line: {head!r}")
    return head.encode("latin-1") + body
