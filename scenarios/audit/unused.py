"""Which keys nobody uses: known from records or from a list, and without a use lately or at all.

A use is a cryptographic operation that was accepted, as GetKeyLastUsage counts it; managing a key
is no use. What was before the first record is not known, and the report says when that was.
What does not belong here: which key an event means (naming.py).
Source: KMS API Reference, GetKeyLastUsage and ListKeys.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scenarios.audit.event import Event, moment_of, seconds_of
from scenarios.audit.naming import KMS, is_key, named
from scenarios.audit.uses import Question, UseBook

#: Days without a use after which a key counts as unused; chosen: as long as event history reaches.
DAYS: Final = 90
_DAY_SECONDS: Final = 86_400
CRYPTOGRAPHIC: Final = frozenset(
    {
        "Decrypt",
        "DeriveSharedSecret",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
#: Event -> the state in which it leaves a key.
_STATES: Final = {
    "CreateKey": "Enabled",
    "EnableKey": "Enabled",
    "DisableKey": "Disabled",
    "ScheduleKeyDeletion": "PendingDeletion",
    "CancelKeyDeletion": "Disabled",
    "DeleteKey": "deleted",
}


class KeyListError(ValueError):
    """A file that is no list of keys; one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """A key that nobody used in the time that counts."""

    key: str
    aliases: list[str]
    made: str  #: when CreateKey was accepted; "" when that was before the first record
    last: str  #: last use; "" when there is none in the records
    idle_days: int | None  #: since the last use; None when there is none
    state: str  #: as the last record that changed it left it; "" when none did


class UnusedKeys:
    """Remembers every key that records name, and when it was last used."""

    def __init__(self) -> None:
        self._book = UseBook(Question(details=False))
        self._made: dict[str, str] = {}
        self._state: dict[str, tuple[str, str]] = {}

    def see(self, event: Event) -> None:
        """Take in one record; what was refused shows no key to exist."""
        if event.service != KMS:
            return
        if event.error:
            self._book.aliases.learn(event)
            return
        self._book.see(event)
        state = _STATES.get(event.name)
        for key in named(event).arns if state else ():
            if event.name == "CreateKey":
                self._made[key] = event.time
            self._state[key] = max(self._state.get(key, ("", "")), (event.time, str(state)))

    def unused(self, now: str, days: int, listed: Iterable[str] = ()) -> list[Unused]:
        """Return the keys without a use in the days before a moment; deleted ones are left out.

        Args:
          listed: ARNs or ids of keys; when given, only these, whether a record names them or not.
        """
        since = moment_of(seconds_of(now) - days * _DAY_SECONDS) if now else ""
        uses = self._book.keys()
        known = {one.key: one for one in uses if is_key(one.key)}
        found = []
        for key in sorted(_wanted(known, listed)):
            one = known.get(key)
            counts = one.by_whom.items() if one else ()
            last = max((c.last for (_, _, name), c in counts if name in CRYPTOGRAPHIC), default="")
            state = self._state.get(key, ("", ""))[1]
            if (last and last >= since) or state == "deleted":
                continue
            idle = (seconds_of(now) - seconds_of(last)) // _DAY_SECONDS if last else None
            found.append(
                Unused(
                    key=key,
                    aliases=one.aliases if one else [],
                    made=self._made.get(key, ""),
                    last=last,
                    idle_days=idle,
                    state=state,
                )
            )
        return sorted(found, key=lambda one: (one.last, one.key))


def _wanted(known: Iterable[str], listed: Iterable[str]) -> set[str]:
    """Return the keys to judge; a listed id stands for the key of that id, where one is known."""
    names = list(listed)
    if not names:
        return set(known)
    by_id: dict[str, list[str]] = {}
    for key in known:
        by_id.setdefault(key.rpartition("/")[2], []).append(key)
    return {key for name in names for key in by_id.get(name, [name])}


def key_list(path: Path) -> list[str]:
    """Return the keys of a file: what `aws kms list-keys` prints, or one ARN or id a line.

    Raises:
      KeyListError: it cannot be read, or holds no key.
    """
    expected = "what `aws kms list-keys` prints, or one ARN or id of a key a line"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise KeyListError(
            f"file {str(path)!r} cannot be read ({why}); expected {expected}"
        ) from error
    found = _of_json(text) if text.lstrip().startswith("{") else text.split()
    if not found or not all(isinstance(name, str) and name for name in found):
        raise KeyListError(f"file {str(path)!r} holds no list of keys; expected {expected}")
    return found


def _of_json(text: str) -> list[Any]:
    try:
        keys = json.loads(text)["Keys"]
        return [key.get("KeyArn") or key["KeyId"] for key in keys]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []
