"""Authenticated encryption: what was sealed opens unchanged under the same key and data, or not.

What does not belong here: choosing nonces; a nonce must never repeat under one key, and callers
draw it from their generator (drbg.py).
Source: NIST SP 800-38D (AES-GCM, 96-bit nonce, 128-bit tag).
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TAG_BYTES: Final = 16


class Unauthentic(Exception):
    """The bytes, the key, the nonce or the bound data are not those of the sealing."""


class Aes256Gcm:
    """AES-256-GCM under one key, reusable; it does not promise to hide the plaintext's length.

    Args:
      key: 32 bytes.
    """

    __slots__ = ("_gcm",)

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, f"key of {len(key)} bytes"
        self._gcm = AESGCM(key)

    def seal(self, iv: bytes, plaintext: bytes, bound: bytes) -> bytes:
        """Return ciphertext (as long as the plaintext) ‖ tag (16 bytes).

        Args:
          iv: 12 bytes, never used before under this key.
          plaintext: 0–2**31 - 1 bytes.
          bound: authenticated, not encrypted, not contained in the result.
        """
        return self._gcm.encrypt(iv, plaintext, bound)

    def open(self, iv: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Return the plaintext.

        Raises:
          Unauthentic: anything differs from what was sealed.
        """
        try:
            return self._gcm.decrypt(iv, sealed, bound)
        except InvalidTag:
            raise Unauthentic(f"sealed text of {len(sealed)} bytes does not authenticate") from None
