"""A statement as its caller wrote it: what of it is text, and which event data stores it names.

An event data store is named by its id, a UUID, which no SQL takes for a name unless it is quoted;
the service's callers do not quote it. So UUIDs outside texts and comments get quotes here.
What does not belong here: what the statement means (tree.py).
Source: CloudTrail User Guide, "CloudTrail Lake SQL constraints".
"""

import re
from typing import Final

_UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
#: Texts, quoted names and comments, which are left alone, or the bare id of a store.
_PARTS: Final = re.compile(
    rf"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\b(?P<store>{_UUID})\b", re.DOTALL
)
_STORE: Final = re.compile(_UUID)


def is_store_id(name: str) -> bool:
    """Say whether a table's name is the id of an event data store."""
    return _STORE.fullmatch(name) is not None


def quoted(text: str) -> str:
    """Return a statement in which every store's id is a quoted name in lower case."""

    def quote(found: re.Match[str]) -> str:
        store = found["store"]
        return found[0] if store is None else f'"{store.lower()}"'

    return _PARTS.sub(quote, text.strip().removesuffix(";"))
