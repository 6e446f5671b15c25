"""The exported key token: one backing key, wrapped under a domain key.

======  =====  ====================================
offset  bytes  field
======  =====  ====================================
0       3      magic ``EKT``
3       1      code of the kind of key (kinds.py); 1 of a symmetric key
4       8      number of the domain key, big-endian
12      32     id of the backing key (HBK)
44      36     key id, ASCII
80      12     GCM nonce
92      32     wrapped backing key; other kinds have other lengths
124     16     GCM tag
======  =====  ====================================

Bytes 0–79 are authenticated, so a token cannot be passed off as another key's, another
version's, another kind's or another day's.
What does not belong here: when tokens are made (vault.py).
Source: AWS KMS Cryptographic Details, "Key hierarchy" (EKT: an HBK encrypted under the domain
key, the only form in which it leaves an HSM); layout chosen.
"""

import hashlib
from typing import Final

from regions.crypto.aead import TAG_BYTES, Aes256Gcm
from regions.hsm.kinds import KINDS, KINDS_BY_CODE, SYMMETRIC_DEFAULT

MAGIC: Final = b"EKT"
BACKING_KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TOKEN_BYTES: Final = 140  #: of a symmetric key

#: Where fields end, in bytes.
_NUMBER_END: Final = 12
_HBK_ID_END: Final = 44
_HEADER_END: Final = 80
_IV_END: Final = 92
_OVERHEAD: Final = _IV_END + TAG_BYTES
#: The magic and the code of a symmetric key.
_SYMMETRIC: Final = MAGIC + bytes([KINDS[SYMMETRIC_DEFAULT].code])


def hbk_id_of(key_id: str, material: bytes) -> bytes:
    """Return the 32-byte name of a key's material, which tells nothing about it.

    Source: KMS API Reference, KeyMaterialId: 64 hex digits that depend on key and material.
    """
    return hashlib.sha256(key_id.encode("ascii") + material).digest()


def seal(
    material: bytes,
    *,
    number: int,
    domain_key: Aes256Gcm,
    hbk_id: bytes,
    key_id: bytes,
    iv: bytes,
    spec: str = SYMMETRIC_DEFAULT,
) -> bytes:
    """Return the token of a backing key.

    Args:
      material: 32 bytes of a symmetric key; of another kind its secret.
      number: of the domain key.
      domain_key: wraps at most 2**32 tokens, the limit for random nonces (SP 800-38D, 8.3).
      hbk_id: 32 bytes.
      key_id: 36 bytes of ASCII.
      iv: 12 random bytes.
      spec: KeySpec of its kind.
    """
    kind = KINDS[spec]
    assert len(material) in kind.secret_bytes, f"{spec} of {len(material)} bytes"
    code = bytes([kind.code])
    header = b"%b%b%b%b%b" % (MAGIC, code, number.to_bytes(8, "big"), hbk_id, key_id)
    assert len(header) == _HEADER_END, f"key token header of {len(header)} bytes"
    return header + iv + domain_key.seal(iv, material, header)


def number_of(token: bytes) -> int | None:
    """Return the number of the domain key that opens the token; None if it is no key token."""
    if spec(token) is None:
        return None
    return int.from_bytes(token[4:_NUMBER_END], "big")


def spec(token: bytes) -> str | None:
    """Return the KeySpec of the kind of a token; None if it is no key token."""
    if len(token) == TOKEN_BYTES and token[:4] == _SYMMETRIC:
        return SYMMETRIC_DEFAULT  # The way of almost every token.
    if token[:3] != MAGIC or len(token) < _OVERHEAD:
        return None
    kind = KINDS_BY_CODE.get(token[3])
    if kind is None or len(token) - _OVERHEAD not in kind.secret_bytes:
        return None
    return kind.spec


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
