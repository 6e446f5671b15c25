"""What goes over the AWS wire, as plain values: one HTTP request and one HTTP answer.

What does not belong here: bytes on a socket, framing and limits (http/), or what the values mean
(route.py, protocols/).
Source: RFC 9110 for methods, targets, fields and content.
"""

from dataclasses import dataclass, field

from sim.quick import hastened

Headers = tuple[tuple[str, str], ...]


@hastened
@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request as it was received: nothing decoded, nothing believed yet."""

    method: str  #: as received, such as ``POST``
    target: str  #: raw path and query as received, such as ``/key?versions``
    headers: Headers = field(repr=False)  #: names in lower case, in order of arrival
    body: bytes = field(repr=False)  #: without any transfer coding
    source_ip: str  #: of the peer
    tls: tuple[str, str] = ("", "")  #: version and cipher suite; of plain HTTP, empty

    def header(self, name: str, default: str = "") -> str:
        """Return the first field of this lower-case name, or the default."""
        for field_name, value in self.headers:
            if field_name == name:
                return value
        return default


@hastened
@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer; who sends it adds Date, Connection and Content-Length."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
