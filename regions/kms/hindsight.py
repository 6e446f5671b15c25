"""What one AZ shows of keys and aliases while it has not "heard" of their latest changes.

A replica applies every change at once, for replicas must agree; callers of an AZ with a lag see a
key or alias as it was before a change until the lag of that change is over (visibility.py). So a
new key is not found for a moment, and a disabled one still encrypts, in one AZ and not in another.
What does not belong here: grants, which have their own lag (grants.py). Listings show what the
replica holds, and what belongs to AWS is seen at once.
Source: AWS KMS API Reference, "eventual consistency", in every action.
"""

from typing import Any, Final, cast

from regions.kms.changes import Alias, AliasCreated, AliasDeleted, AliasMoved, KeyCreated
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.visibility import lag_ns
from regions.names import RESERVED_ALIAS_PREFIX
from sim.wire import Message

_OF_ALIASES: Final = (AliasCreated, AliasMoved, AliasDeleted)
_Before = tuple[int, Any]  # until when a change is not seen, and what stood there before it


class Hindsight:
    """What an AZ still shows in place of what its replica holds.

    Args:
      keyring: the replica.
      place: the AZ, whose lags are its own.
    """

    def __init__(self, keyring: Keyring, place: str) -> None:
        self._keyring, self._place = keyring, place
        self._keys: dict[str, list[_Before]] = {}
        self._aliases: dict[tuple[str, str], list[_Before]] = {}

    def note(self, index: int, change: Message, now_ns: int) -> None:
        """Remember what an entry is about to change; to be called before it is applied."""
        until_ns = now_ns + lag_ns(self._place, f"entry {index}")
        if isinstance(change, _OF_ALIASES):
            account = self._account_of(change)
            if account:
                before = self._keyring.alias(account, change.name)
                self._aliases.setdefault((account, change.name), []).append((until_ns, before))
            return
        created = isinstance(change, KeyCreated)
        key_id = change.key.key_id if isinstance(change, KeyCreated) else _key_id(change)
        key = self._keyring.key(key_id)
        if created or (key is not None and not key.service):
            self._keys.setdefault(key_id, []).append((until_ns, key))

    def _account_of(self, change: AliasCreated | AliasMoved | AliasDeleted) -> str:
        if isinstance(change, AliasDeleted):
            return change.account
        key = self._keyring.key(change.key_id)
        return "" if key is None else key.account

    def forget(self) -> None:
        """Show all that the replica holds: a snapshot took its place."""
        self._keys.clear()
        self._aliases.clear()

    def seen_at(self, now_ns: int) -> Keyring:
        """Return the keyring as callers see it now."""
        return cast("Keyring", _Seen(self._keyring, self, now_ns))

    def key(self, key_id: str, now_ns: int) -> Key | None:
        """Return a key as it is shown."""
        before = self._standing(self._keys, key_id, now_ns)
        return self._keyring.key(key_id) if before is None else before[1]

    def alias(self, account: str, name: str, now_ns: int) -> Alias | None:
        """Return an alias as it is shown."""
        before = self._standing(self._aliases, (account, name), now_ns)
        if before is None or name.startswith(RESERVED_ALIAS_PREFIX):
            return self._keyring.alias(account, name)
        found: Alias | None = before[1]
        return found

    def _standing(self, of: dict[Any, list[_Before]], what: Any, now_ns: int) -> _Before | None:
        """Return what stood before the earliest change that is not seen; None if all are."""
        noted = of.get(what)
        if noted is None:
            return None
        while noted and noted[0][0] <= now_ns:
            del noted[0]
        if not noted:
            del of[what]
            return None
        return noted[0]


class _Seen:
    """A keyring that tells of some keys and aliases what they were like."""

    def __init__(self, keyring: Keyring, hindsight: Hindsight, now_ns: int) -> None:
        self._keyring, self._hindsight, self._now_ns = keyring, hindsight, now_ns

    def key(self, key_id: str) -> Key | None:
        return self._hindsight.key(key_id, self._now_ns)

    def alias(self, account: str, name: str) -> Alias | None:
        return self._hindsight.alias(account, name, self._now_ns)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keyring, name)


def _key_id(change: Message) -> str:
    key_id: str = getattr(change, "key_id", "")
    return key_id
