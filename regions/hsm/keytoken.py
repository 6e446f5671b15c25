"""The exported key token: one backing key, wrapped under a domain key.

======  =====  ====================================
offset  bytes  field
======  =====  ====================================
0       4      magic ``EKT`` and format version 1
4       8      number of the domain key, big-endian
12      32     id of the backing key (HBK)
44      36     key id, ASCII
80      12     GCM nonce
92      32     wrapped backing key
124     16     GCM tag
======  =====  ====================================

Bytes 0–79 are authenticated, so a token cannot be passed off as another key's, another
version's or another day's. What does not belong here: when tokens are made (vault.py).
Source: AWS KMS Cryptographic Details, "Key hierarchy" (EKT: an HBK encrypted under the domain
key, the only form in which it leaves an HSM); layout chosen.
"""

import hashlib
from typing import Final

from regions.crypto.aead import Aes256Gcm

MAGIC: Final = b"EKT\x01"
BACKING_KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TOKEN_BYTES: Final = 140

#: Where fields end, in bytes.
_NUMBER_END: Final = 12
_HBK_ID_END: Final = 44
_HEADER_END: Final = 80
_IV_END: Final = 92


def hbk_id_of(key_id: str, material: bytes) -> bytes:
    """Return the 32-byte name of a key's material, which tells nothing about it.

    Source: KMS API Reference, KeyMaterialId: 64 hex digits that depend on key and material.
    """
    return hashlib.sha256(key_id.encode("ascii") + material).digest()


def seal(
    material: bytes, *, number: int, domain_key: Aes256Gcm, hbk_id: bytes, key_id: bytes, iv: bytes
) -> bytes:
    """Return the token of a backing key.

    Args:
      material: 32 bytes.
      number: of the domain key.
      domain_key: wraps at most 2**32 tokens, the limit for random nonces (SP 800-38D, 8.3).
      hbk_id: 32 bytes.
      key_id: 36 bytes of ASCII.
      iv: 12 random bytes.
    """
    header = b"%b%b%b%b" % (MAGIC, number.to_bytes(8, "big"), hbk_id, key_id)
    assert len(header) == _HEADER_END, f"key token header of {len(header)} bytes"
    return header + iv + domain_key.seal(iv, material, header)


def number_of(token: bytes) -> int | None:
    """Return the number of the domain key that opens the token; None if it is no key token."""
    if len(token) != TOKEN_BYTES or token[:4] != MAGIC:
        return None
    return int.from_bytes(token[4:_NUMBER_END], "big")


def hbk_id(token: bytes) -> bytes:
    """Return the id of the backing key in a token of the right size."""
    return token[_NUMBER_END:_HBK_ID_END]


def key_id(token: bytes) -> bytes:
    """Return the key id in a token of the right size, as ASCII bytes."""
    return token[_HBK_ID_END:_HEADER_END]


def unseal(token: bytes, domain_key: Aes256Gcm) -> bytes:
    """Return the backing key of a token.

    Raises:
      Unauthentic: the token is damaged, or was sealed under another domain key.
    """
    return domain_key.open(token[_HEADER_END:_IV_END], token[_IV_END:], token[:_HEADER_END])
