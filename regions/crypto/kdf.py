"""Key derivation: a key and a public value in, an independent key out.

What does not belong here: which keys are derived, and under which label (hsm/).
Source: NIST SP 800-108r1, section 4.1, counter mode, PRF HMAC-SHA256, 32-bit counter before the
fixed input; HKDF: RFC 5869, with SHA-384.
"""

import hmac
from typing import Final

_BLOCK_BYTES: Final = 32
_SHA384_BYTES: Final = 48
_FIRST: Final = (1).to_bytes(4, "big")


def counter_kdf(key: bytes, fixed: bytes, size: int) -> bytes:
    """Return ``size`` bytes derived from ``key`` and the fixed input.

    Args:
      key: 1 or more bytes; secret.
      fixed: the whole fixed input data; public.
      size: 1–8160 bytes.
    """
    assert 1 <= size <= 255 * _BLOCK_BYTES, f"size {size}"
    if size <= _BLOCK_BYTES:
        return hmac.digest(key, _FIRST + fixed, "sha256")[:size]
    blocks = -(-size // _BLOCK_BYTES)
    output = [
        hmac.digest(key, number.to_bytes(4, "big") + fixed, "sha256")
        for number in range(1, blocks + 1)
    ]
    return b"".join(output)[:size]


def derive_key(key: bytes, label: bytes, context: bytes) -> bytes:
    """Return a 32-byte key for one purpose (label) and one use (context).

    Fixed input: label ‖ 00 ‖ context ‖ output length in bits (4 bytes). A label must not contain
    a zero byte, or two purposes could share an input.
    """
    return hmac.digest(key, b"%b%b\0%b\0\0\1\0" % (_FIRST, label, context), "sha256")


def hkdf_sha384(key: bytes, *, salt: bytes, info: bytes, size: int) -> bytes:
    """Return ``size`` bytes extracted from a key and expanded for one purpose.

    Args:
      key: 1 or more bytes; secret.
      salt: not secret; empty stands for 48 zero bytes.
      info: names the purpose; public.
      size: 1–12,240 bytes.
    """
    assert 1 <= size <= 255 * _SHA384_BYTES, f"size {size}"
    extracted = hmac.digest(salt or bytes(_SHA384_BYTES), key, "sha384")
    output = block = b""
    for number in range(1, -(-size // _SHA384_BYTES) + 1):
        block = hmac.digest(extracted, block + info + bytes([number]), "sha384")
        output += block
    return output[:size]
