"""The aliases of one region's keys: names by account, and the names of each key.

A name stands at the place where it was last given: of one key, oldest first.
What does not belong here: whether a key may be named in its state (keyring.py), and what an alias
is called in messages (names.py).
Source: AWS KMS Developer Guide, "Aliases in AWS KMS".
"""

from bisect import bisect_right, insort
from collections.abc import Iterator

from regions.kms.changes import Alias


class Aliases:
    """All aliases of a region; a name is unique in its account."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Alias] = {}
        self._of_account: dict[str, list[str]] = {}  # sorted
        self._of_key: dict[str, tuple[str, ...]] = {}  # key id to its names, oldest first

    def __iter__(self) -> Iterator[Alias]:
        return iter(self._all.values())

    def find(self, account: str, name: str) -> Alias | None:
        """Return an alias by account and name (with its ``alias/``), or None."""
        return self._all.get((account, name))

    def of_key(self, key_id: str) -> tuple[str, ...]:
        """Return all names of a key, oldest first."""
        return self._of_key.get(key_id, ())

    def after(self, account: str, name: str, limit: int) -> list[Alias]:
        """Return at most ``limit`` aliases of an account whose names sort behind ``name``."""
        names = self._of_account.get(account, [])
        start = bisect_right(names, name)
        return [self._all[account, found] for found in names[start : start + limit]]

    def add(self, alias: Alias) -> Alias:
        """Add an alias whose name is free."""
        self._all[alias.account, alias.name] = alias
        insort(self._of_account.setdefault(alias.account, []), alias.name)
        self._of_key[alias.key_id] = (*self.of_key(alias.key_id), alias.name)
        return alias

    def drop(self, alias: Alias) -> None:
        """Forget an alias."""
        del self._all[alias.account, alias.name]
        self._of_account[alias.account].remove(alias.name)
        names = tuple(name for name in self.of_key(alias.key_id) if name != alias.name)
        if names:
            self._of_key[alias.key_id] = names
        else:
            del self._of_key[alias.key_id]

    def drop_key(self, account: str, key_id: str) -> None:
        """Forget all names of a key."""
        for name in self.of_key(key_id):
            self.drop(self._all[account, name])
