"""Says in a few words what a frame carries: names and numbers, never bytes, plaintexts or bodies.

What does not belong here: which frames are worth telling of (chain.py).
"""

import dataclasses
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from regions.calls import ApiAnswer, ApiCall
from regions.kms.changes import LOG_CODEC
from regions.replication.messages import Entry
from regions.trail.record import AuditRecord
from sim.wire import Codec, FrameError, Refusal

#: Fields that say nothing of what happened, or more than a line should.
_UNSAID: Final = frozenset(
    {"policy", "round", "nonce", "sleep", "previous_index", "previous_term", "stored_ns"}
)
#: What a request names things by; its other parameters stay unsaid.
_NAMED_BY: Final = ("KeyId", "TargetKeyId", "DestinationKeyId", "AliasName", "Name")
#: Digits of a long id that a line shows; chosen, as version control does.
_DIGITS: Final = 8
UUID: Final = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
_LONG_ID: Final = re.compile(rf"{UUID}|\b[0-9a-f]{{16,64}}\b")
_WORDS_MAX: Final = 100
#: Names of a list that a line shows; chosen.
_NAMED_MAX: Final = 3


def shorten(text: str) -> str:
    """Return a text with every long id cut to its first digits."""
    return _LONG_ID.sub(lambda found: found[0][:_DIGITS], text)


def ids_in(text: str) -> tuple[str, ...]:
    """Return the UUIDs and long hexadecimal ids of a text, each once, in order."""
    return tuple(dict.fromkeys(_LONG_ID.findall(text)))


def words(codec: Codec, frame: bytes) -> tuple[str, str]:
    """Return the name of a frame's message and what it is about, in one line."""
    name = codec.name(frame)
    try:
        message = codec.decode(frame)
    except FrameError:
        return name, "does not decode with the newest table"  # An older version sent it.
    return name, _cut(shorten(_about(message)))


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS_MAX else text[: _WORDS_MAX - 3] + "..."


def _about(message: Any) -> str:
    if isinstance(message, ApiCall):
        named = [f"{n} {message.parameters[n]}" for n in _NAMED_BY if n in message.parameters]
        return " ".join((message.action, f"request {message.request_id}", *named))
    if isinstance(message, ApiAnswer):
        made = message.body.get("KeyMetadata")
        key = f" of key {made['KeyId']}" if isinstance(made, dict) and "KeyId" in made else ""
        return f"to request {message.request_id}{key}"
    if isinstance(message, Refusal):
        return " ".join(str(part) for part in message.args if isinstance(part, str | int))
    return ", ".join(_fields(message))


def _fields(message: Any) -> Iterable[str]:
    for spec in dataclasses.fields(message):
        if spec.name in _UNSAID:
            continue
        said = _SAID.get(spec.name, _plain)(getattr(message, spec.name))
        if said:
            yield f"{spec.name} {said}"


def _plain(value: Any) -> str:
    """Return a value that may be shown; nothing for bytes, bodies, and what is empty."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, AuditRecord):
        return _record(value)
    return _several(value) if isinstance(value, tuple) and value else ""


def _several(values: tuple[Any, ...]) -> str:
    if all(isinstance(value, AuditRecord) for value in values):
        rest = f" and {len(values) - 1} more" if len(values) > 1 else ""
        return _record(values[0]) + rest
    if all(isinstance(value, str | int) for value in values):
        return " ".join(map(str, values[:_NAMED_MAX])) + (
            " ..." if len(values) > _NAMED_MAX else ""
        )
    return ""


def _record(record: AuditRecord) -> str:
    return f"of {record.name} {record.request_id}".rstrip()


def _entries(entries: tuple[Entry, ...]) -> str:
    """Return places and changes of log entries."""
    if not entries:
        return "none"
    first, last = entries[0].index, entries[-1].index
    place = str(first) if first == last else f"{first}–{last}"
    kinds = dict.fromkeys(_change(entry.data) for entry in entries)
    return f"{place} ({' '.join(kinds)})"


def _change(data: bytes) -> str:
    if not data:
        return "a term begins"
    try:
        stored = LOG_CODEC.decode(data)
    except FrameError:
        return "?"
    if isinstance(stored, AuditRecord):
        return _record(stored)
    change = getattr(stored, "change", stored)
    subject = getattr(change, "key", change)
    about = " ".join(
        str(getattr(subject, name)) for name in ("key_id", "name") if hasattr(subject, name)
    )
    return f"{type(change).__name__} {about}".rstrip()


def _bytes(data: bytes) -> str:
    """Return what a log entry on its way changes; else only how long the data are."""
    change = _change(data) if data else "?"
    return change if change != "?" else f"{len(data)} bytes"


_SAID: Final[dict[str, Callable[[Any], str]]] = {"entries": _entries, "data": _bytes}
