"""Where SNS may carry messages to: HTTP servers on this machine, and files of JSON lines.

=========  ==========================  ============================================================
Protocol   Endpoint                    confirmed
=========  ==========================  ============================================================
``http``   ``http://127.0.0.1:80/x``   by whoever gets the token at the endpoint
``http``   ``file:///tmp/mail.jsonl``  at once: who can name the file on this machine owns it
=========  ==========================  ============================================================

Files are a way of our own: the real service has none. Their names end in ``.jsonl``, so that no
subscription can append to a file of another kind. Other protocols, and other machines, are not
modelled.
What does not belong here: carrying (live/courier.py).
Source: SNS API Reference, Subscribe: protocols.
"""

import ipaddress
from typing import Final
from urllib.parse import unquote, urlsplit

from regions.errors import UnsupportedOperationException
from regions.sns.errors import InvalidParameterException

FILE_SUFFIX: Final = ".jsonl"
_UNMODELLED: Final = (
    *("https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"),
)
_MISMATCH: Final = "Invalid parameter: Endpoint must match the specified protocol"


def check_endpoint(protocol: str, endpoint: str) -> None:
    """Refuse an endpoint that no message can be carried to.

    Raises:
      InvalidParameterException: the protocol or the endpoint is malformed.
      UnsupportedOperationException: it is not modelled.
    """
    if protocol in _UNMODELLED:
        raise UnsupportedOperationException(
            f"protocol {protocol} is not modelled; expected http, to a server on this machine or"
            f" to file:///PATH{FILE_SUFFIX}"
        )
    if protocol != "http":
        raise InvalidParameterException(
            f"Invalid parameter: Does not support this protocol string: {protocol}"
        )
    if is_file(endpoint):
        file_of(endpoint)
    else:
        address_of(endpoint)


def is_file(endpoint: str) -> bool:
    """Tell whether an endpoint is a file."""
    return endpoint.startswith("file:")


def file_of(endpoint: str) -> str:
    """Return the absolute path that an endpoint names.

    Raises:
      InvalidParameterException: it is none, or not of a file of JSON lines.
    """
    parts = urlsplit(endpoint)
    path = unquote(parts.path)
    steps = path.split("/")[1:]
    plain = not parts.netloc and not parts.query and not parts.fragment and "\0" not in path
    if not plain or not path.startswith("/") or any(step in ("", ".", "..") for step in steps):
        raise InvalidParameterException(
            f"Invalid parameter: Endpoint {endpoint}: expected file:///ABSOLUTE/PATH{FILE_SUFFIX}"
        )
    if not path.endswith(FILE_SUFFIX) or len(steps[-1]) == len(FILE_SUFFIX):
        raise InvalidParameterException(
            f"Invalid parameter: Endpoint {endpoint}: expected a name that ends in {FILE_SUFFIX}"
        )
    return path


def address_of(endpoint: str) -> tuple[str, int, str]:
    """Return host, port and target of an HTTP endpoint on this machine.

    Raises:
      InvalidParameterException: it is no HTTP URL.
      UnsupportedOperationException: it is on another machine.
    """
    if not endpoint.startswith("http://") or not endpoint.isprintable() or " " in endpoint:
        raise InvalidParameterException(_MISMATCH)
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidParameterException(_MISMATCH) from None
    if not host or not endpoint.isascii() or parts.username is not None:
        raise InvalidParameterException(_MISMATCH)
    if not is_loopback(host):
        raise UnsupportedOperationException(
            f"endpoint {endpoint} is not modelled; expected a server on this machine"
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host, 80 if port is None else port, target


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, whatever names are resolved to."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
