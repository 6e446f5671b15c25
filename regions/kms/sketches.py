"""One key of a replica, with all that decides about its use, for whoever looks from outside.

What does not belong here: what is told of it (explained.py).
"""

from regions.errors import ServiceError
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.messages import KeySketch, SketchKey
from regions.names import parse_key_name


def sketch(keyring: Keyring, asked: SketchKey) -> KeySketch:
    """Return the key that somebody names, as a keyring of its own; an empty one if none."""
    key = _named(keyring, asked.name, asked.account)
    return KeySketch(
        key_id="" if key is None else key.key_id,
        data=b"" if key is None else keyring.excerpt(key),
    )


def unfolded(region: str, found: KeySketch) -> tuple[Keyring, Key | None]:
    """Return a sketch as a keyring, and its key; None if there was none."""
    keyring = Keyring(region)
    if found.data:
        keyring.restore(found.data)
    return keyring, keyring.key(found.key_id)


def _named(keyring: Keyring, text: str, account: str) -> Key | None:
    try:
        name = parse_key_name(text)
    except ServiceError:
        return None
    if name.region not in ("", keyring.region):
        return None
    if not name.is_alias:
        return keyring.key(name.name)
    alias = keyring.alias(name.account or account, name.name)
    return None if alias is None else keyring.key(alias.key_id)
