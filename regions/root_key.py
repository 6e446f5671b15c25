"""The root key of a data folder: under it lies sealed whatever a live world keeps secret at rest.

It lies in a file of its own, or is given by the environment and then lies nowhere. A check value
in the folder tells whether a key is the folder's, so a wrong one is refused before anything is
opened with it. What does not belong here: what is sealed under derived keys, and how.
Source: HKDF, RFC 5869; names and check value chosen.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_bytes
from typing import Final

from regions.crypto.kdf import hkdf_sha384
from sim.data_folder import write_durably

KEY_BYTES: Final = 32
KEY_FILE: Final = "root.key"
CHECK_FILE: Final = "root.check"
VARIABLE: Final = "NINES_ROOT_KEY"
#: Bytes of the check value; chosen: nobody meets it by accident, and it tells nothing.
_CHECK_BYTES: Final = 16
_CHECK: Final = b"key check value"
#: Permissions of others, which a key's file must not have.
_OTHERS: Final = 0o077


class RootKeyError(Exception):
    """There is no root key that opens the folder; the text says what was found."""


class RootKey:
    """32 secret bytes from which keys for purposes are derived.

    Args:
      key: 32 bytes.
      source: where it came from, for errors.
    """

    __slots__ = ("_key", "source")

    def __init__(self, key: bytes, source: str) -> None:
        assert len(key) == KEY_BYTES, f"root key of {len(key)} bytes"
        self._key = key
        self.source = source

    def __repr__(self) -> str:
        return f"RootKey(source={self.source!r})"

    def derive(self, purpose: bytes, size: int = KEY_BYTES) -> bytes:
        """Return a key for one purpose; other purposes' keys tell nothing about it.

        Args:
          purpose: 1 or more bytes, public.
          size: 1–12,240 bytes.
        """
        return hkdf_sha384(self._key, salt=b"", info=b"nines root key: " + purpose, size=size)


def open_root_key(
    folder: Path,
    environment: Mapping[str, str] = os.environ,
    *,
    draw: Callable[[int], bytes] = token_bytes,
) -> RootKey:
    """Return the root key of a data folder: the environment's, the file's, or a new one.

    A new one is drawn for a folder that has none yet, and lies in ``root.key``, readable by its
    owner only.

    Args:
      folder: locked by this process.
      draw: returns so many bytes that nobody can guess.

    Raises:
      RootKeyError: the key is missing, malformed, not the folder's, or others may read it.
    """
    path, check = folder / KEY_FILE, folder / CHECK_FILE
    try:
        given = environment.get(VARIABLE, "").strip()
        if given:
            key = RootKey(_parse(given), f"in {VARIABLE}")
        elif path.exists():
            key = RootKey(_read(path), f"in {path}")
        elif check.exists():
            raise RootKeyError(
                f"the keys in {folder} do not open without their root key: {path} is missing "
                f"and {VARIABLE} is not set"
            )
        else:
            key = _make(path, draw)
        value = key.derive(_CHECK, _CHECK_BYTES).hex().encode()
        if not check.exists():
            write_durably(check, value + b"\n")
        elif not hmac.compare_digest(check.read_bytes().strip(), value):
            raise RootKeyError(f"the root key {key.source} does not open this data folder")
    except OSError as error:
        raise RootKeyError(
            f"the root key of {folder} cannot be used: {error.filename or path}: {error.strerror}"
        ) from error
    return key


def _parse(text: str) -> bytes:
    """Read 64 hexadecimal digits, or the base64 of 32 bytes."""
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != KEY_BYTES:
        # The value itself is a secret, even a mistyped one.
        raise RootKeyError(
            f"{VARIABLE} has {len(text)} characters that are neither 64 hexadecimal digits nor "
            f"the base64 of {KEY_BYTES} bytes"
        )
    return found


def _read(path: Path) -> bytes:
    found = path.stat()
    if found.st_mode & _OTHERS:
        raise RootKeyError(
            f"the root key in {path} has mode {found.st_mode & 0o7777:04o}, so others may use it; "
            f"expected 0600: chmod 600 {path}"
        )
    if found.st_size != KEY_BYTES:
        raise RootKeyError(
            f"the root key in {path} has {found.st_size} bytes; expected {KEY_BYTES}"
        )
    return path.read_bytes()


def _make(path: Path, draw: Callable[[int], bytes]) -> RootKey:
    secret = draw(KEY_BYTES)
    write_durably(path, secret)  # Made with O_EXCL and 0600, and never there in part.
    return RootKey(secret, f"in {path}")
