"""Names of actors and of their files as names on the host, and back.

What does not belong here: opening anything.
Source: percent-encoding as in RFC 3986, section 2.1; 255 bytes a name: NAME_MAX of limits.h.
"""

from typing import Final
from urllib.parse import quote, unquote

#: Beside letters, digits and ``_.-~``, which ``quote`` keeps anyway.
_KEPT: Final = ":@+=,"
NAME_MAX: Final = 255


def host_name(name: str) -> str:
    """Return one name on the host for any text but an empty one, always the same.

    Slashes are encoded, and so is a dot at the beginning: no name leads out of its folder, and
    none is hidden or the host's own.

    Raises:
      ValueError: it is empty, or longer than 255 bytes when encoded.
    """
    found = quote(name, safe=_KEPT, errors="surrogatepass")
    if found.startswith("."):
        found = f"%2E{found[1:]}"
    if not 0 < len(found) <= NAME_MAX:
        raise ValueError(f"the name {name[:40]!r} has {len(found)} bytes; expected 1–{NAME_MAX}")
    return found


def given_name(found: str) -> str | None:
    """Return the name that a name on the host stands for; None: it is not one of ours."""
    name = unquote(found, errors="surrogatepass")
    try:
        return name if host_name(name) == found else None
    except ValueError:
        return None
