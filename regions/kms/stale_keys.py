"""Keys with a token under an older domain key: they wait to be wrapped under the active one.

What does not belong here: wrapping (jobs/rewrap_tokens.py), and when it is due.
"""

from collections.abc import Iterable, Mapping

from regions.hsm import keytoken
from regions.kms.key import Key


class StaleKeys:
    """Ids of keys in the order in which they became stale."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        #: Of these, what was tried in vain. It is this host's alone, and no part of the state.
        self._aside: set[str] = set()

    def note(self, key: Key, active: int) -> None:
        """Remember or forget a key by its tokens and the number of the active domain key."""
        if any((keytoken.number_of(token) or 0) < active for token in key.tokens if token):
            self._waiting[key.key_id] = None
        else:
            self.drop(key.key_id)

    def drop(self, key_id: str) -> None:
        """Forget a key."""
        self._waiting.pop(key_id, None)
        self._aside.discard(key_id)

    def first(self, keys: Mapping[str, Key], limit: int) -> list[Key]:
        """Return keys that can be wrapped, until they have ``limit`` tokens."""
        found: list[Key] = []
        tokens = 0
        for key_id in self._waiting:
            if tokens >= limit:
                break
            if key_id not in self._aside:
                found.append(keys[key_id])
                tokens += len(found[-1].tokens)
        return found

    def set_aside(self, key_ids: Iterable[str]) -> None:
        """Name keys that nothing can wrap now, so that others need not wait behind them."""
        self._aside.update(key_ids)

    def retry(self) -> None:
        """Try everything once more: there is another domain key."""
        self._aside.clear()
