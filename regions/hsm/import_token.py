"""The import token: the private half of a wrapping key, sealed for the HSMs of its region alone.

======  =====  ====================================
offset  bytes  field
======  =====  ====================================
0       4      magic ``IMP`` and format version 1
4       8      number of the domain key, big-endian
12      36     key id, ASCII
48      8      end of validity, calendar ns, big-endian
56      1      wrapping algorithm, its place in ALGORITHMS
57      12     GCM nonce
69             sealed primes of the wrapping key, as long as its modulus
        16     GCM tag
======  =====  ====================================

The first 57 bytes are authenticated. So the region keeps nothing of a wrapping key: any of its HSMs
opens the token as long as it keeps the domain key, which is longer than a token is valid.
What does not belong here: unwrapping material (importing.py).
Source: AWS KMS API Reference, GetParametersForImport (valid for 24 hours, at most 6,144 bytes);
layout chosen.
"""

from dataclasses import dataclass
from typing import Final

from regions.crypto.aead import TAG_BYTES, Aes256Gcm

MAGIC: Final = b"IMP\x01"
IV_BYTES: Final = 12
#: AWS KMS API Reference, GetParametersForImport, WrappingAlgorithm; those of them that are in use.
ALGORITHMS: Final = (
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
)
_HEADER_BYTES: Final = 57
_SECRET_BYTES: Final = (256, 384, 512)


@dataclass(frozen=True, slots=True)
class ImportToken:
    """An import token taken apart; nothing in it has been authenticated yet."""

    number: int  #: of the domain key
    key_id: str
    valid_to_ns: int  #: calendar
    algorithm: str
    header: bytes
    iv: bytes
    sealed: bytes


class InvalidImportToken(ValueError):
    """The bytes are no import token."""


def seal(
    secret: bytes,
    *,
    number: int,
    domain_key: Aes256Gcm,
    key_id: str,
    valid_to_ns: int,
    algorithm: str,
    iv: bytes,
) -> bytes:
    """Return the import token of a wrapping key."""
    header = b"%b%b%b%b%b" % (
        MAGIC,
        number.to_bytes(8, "big"),
        key_id.encode("ascii"),
        valid_to_ns.to_bytes(8, "big"),
        bytes([ALGORITHMS.index(algorithm)]),
    )
    assert len(header) == _HEADER_BYTES, f"import token header of {len(header)} bytes"
    return header + iv + domain_key.seal(iv, secret, header)


def parse(token: bytes) -> ImportToken:
    """Take an import token apart, without any key.

    Raises:
      InvalidImportToken: the bytes are none.
    """
    size = len(token) - _HEADER_BYTES - IV_BYTES - TAG_BYTES
    if token[:4] != MAGIC or size not in _SECRET_BYTES or token[56] >= len(ALGORITHMS):
        raise InvalidImportToken(f"{len(token)} bytes are no import token")
    try:
        key_id = token[12:48].decode("ascii")
    except UnicodeDecodeError:
        raise InvalidImportToken("import token names a key in bytes that are not ASCII") from None
    return ImportToken(
        number=int.from_bytes(token[4:12], "big"),
        key_id=key_id,
        valid_to_ns=int.from_bytes(token[48:56], "big"),
        algorithm=ALGORITHMS[token[56]],
        header=token[:_HEADER_BYTES],
        iv=token[_HEADER_BYTES : _HEADER_BYTES + IV_BYTES],
        sealed=token[_HEADER_BYTES + IV_BYTES :],
    )
