"""Secret access keys at rest: sealed under a key that lies nowhere beside them.

What does not belong here: who holds a key (directory.py), or secrets of sessions (sts/token.py).
Source: NIST SP 800-38D; the form of a secret as AWS has it, 40 characters of base 64.
"""

import base64
from collections.abc import Callable
from typing import Final

from regions.crypto.aead import IV_BYTES, Aes256Gcm

#: What makes 40 characters of base 64.
SECRET_BYTES: Final = 30


def spelled(secret: bytes) -> str:
    """Return 30 secret bytes as the 40 characters of a secret access key."""
    assert len(secret) == SECRET_BYTES, f"secret of {len(secret)} bytes"
    return base64.b64encode(secret).decode()


class Vault:
    """Makes secrets, and keeps them sealed.

    Args:
      key: 32 bytes.
      draw: returns so many bytes that nobody can guess.
    """

    def __init__(self, key: bytes, draw: Callable[[int], bytes]) -> None:
        self._aead = Aes256Gcm(key)
        self._draw = draw

    def draw(self, size: int) -> bytes:
        """Return so many bytes that nobody can guess."""
        return self._draw(size)

    def new_secret(self) -> str:
        """Return a secret that there never was."""
        return spelled(self._draw(SECRET_BYTES))

    def seal(self, secret: str, access_key_id: str) -> bytes:
        """Return nonce (12 bytes) ‖ ciphertext (40 bytes) ‖ tag (16 bytes), bound to the key id."""
        iv = self._draw(IV_BYTES)
        return iv + self._aead.seal(iv, secret.encode(), access_key_id.encode())

    def open(self, sealed: bytes, access_key_id: str) -> str:
        """Return a secret.

        Raises:
          Unauthentic: it was not sealed here, or for another key.
        """
        iv, rest = sealed[:IV_BYTES], sealed[IV_BYTES:]
        return self._aead.open(iv, rest, access_key_id.encode()).decode()
