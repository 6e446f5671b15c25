"""What a rule about one key needs to know of the keyring that the key is in.

What does not belong here: any rule (rotation_rules.py, import_rules.py, family_rules.py).
"""

from typing import Any, Protocol

from regions.errors import UnsupportedOperationException
from regions.kms.changes import KeyGone
from regions.kms.key import Key
from regions.kms.material import Family
from sim.quick import changed


class Ring(Protocol):
    """The keyring, as its rules see it."""

    @property
    def region(self) -> str:
        """The region of its keys."""

    def allow(self, action: str, key: Key) -> None:
        """Raise the error with which the key's state forbids an action, if it does."""

    def opens(self, token: bytes) -> bool:
        """Say whether the HSMs still keep the domain key that wraps a token."""


def held(key: Key | None, key_id: str) -> Key:
    """Return the key that a change is about.

    Raises:
      KeyGone: it was purged meanwhile.
    """
    if key is None:
        raise KeyGone(key_id)
    return key


def the_primary(region: str, key: Key) -> Family:
    """Return the family of a primary key.

    Raises:
      UnsupportedOperationException: the key is a replica, or no multi-Region key.
    """
    if key.family is None or key.family.primary != region:
        text = f"{key.arn(region)} is not a multi-region primary key."
        raise UnsupportedOperationException(text)
    return key.family


def share(key: Key, **fields: Any) -> Key:
    """Return a key after a change that its relatives are to know; others have none to tell.

    Args:
      fields: of its family.
    """
    if key.family is None:
        return key
    version = key.family.version + 1
    return changed(key, family=changed(key.family, version=version, **fields))
