"""The ciphertext blob: a cleartext header that says which key opens it, then the sealed part.

========  =====  ==================================================
offset    bytes  field
========  =====  ==================================================
0         4      magic ``11N`` and format version 1
4         16     region code, ASCII, padded with zero bytes
20        36     key id, ASCII
56        32     id of the backing key (HBK)
88        16     derivation nonce N
104       12     GCM nonce (IV)
116       1–4096 ciphertext, as long as the plaintext
          16     GCM tag
========  =====  ==================================================

The header (bytes 0–115) is authenticated together with the encryption context. What does not
belong here: opening and sealing (hsm/vault.py).
Source: the real layout is unpublished; fields after A. Steele's observations (awsteele.com, 2020),
sizes chosen. A blob is 132 bytes longer than its plaintext, for every key and call.
"""

from dataclasses import dataclass
from typing import Final

MAGIC: Final = b"11N\x01"
REGION_BYTES: Final = 16
KEY_ID_BYTES: Final = 36
HBK_ID_BYTES: Final = 32
NONCE_BYTES: Final = 16
IV_BYTES: Final = 12
TAG_BYTES: Final = 16
#: AWS KMS API Reference, Encrypt: Plaintext 1–4096 bytes.
PLAINTEXT_BYTES_MAX: Final = 4096

HEADER_BYTES: Final = 116
OVERHEAD_BYTES: Final = HEADER_BYTES + TAG_BYTES


class InvalidBlob(ValueError):
    """The bytes are no ciphertext blob of this format."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob taken apart; nothing in it has been authenticated yet."""

    region: str
    key_id: str
    hbk_id: bytes  #: 32 bytes
    nonce: bytes  #: 16 bytes
    iv: bytes  #: 12 bytes
    header: bytes  #: 116 bytes, to be authenticated
    sealed: bytes  #: ciphertext ‖ tag


def header(*, region: str, key_id: str, hbk_id: bytes, nonce: bytes, iv: bytes) -> bytes:
    """Return the 116 header bytes.

    Args:
      region: 1–16 ASCII characters.
      key_id: 36 ASCII characters: a UUID, or ``mrk-`` and 32 hex digits.
      hbk_id: 32 bytes.
      nonce: 16 bytes.
      iv: 12 bytes.
    """
    built = b"%b%b%b%b%b%b" % (
        MAGIC,
        region.encode("ascii").ljust(REGION_BYTES, b"\0"),
        key_id.encode("ascii"),
        hbk_id,
        nonce,
        iv,
    )
    assert len(built) == HEADER_BYTES, f"header of region {region!r}, key id {key_id!r}"
    return built


def parse(blob: bytes) -> Blob:
    """Take a blob apart, without any key.

    Raises:
      InvalidBlob: it has another format, or is truncated.
    """
    size = len(blob)
    if not OVERHEAD_BYTES < size <= OVERHEAD_BYTES + PLAINTEXT_BYTES_MAX:
        raise InvalidBlob(f"blob of {size} bytes")
    if blob[:4] != MAGIC:
        raise InvalidBlob(f"blob begins with {blob[:4].hex()}")
    try:
        region = blob[4:20].rstrip(b"\0").decode("ascii")
        key_id = blob[20:56].decode("ascii")
    except UnicodeDecodeError:
        raise InvalidBlob("blob names a region or key in bytes that are not ASCII") from None
    return Blob(
        region,
        key_id,
        blob[56:88],
        blob[88:104],
        blob[104:116],
        blob[:HEADER_BYTES],
        blob[HEADER_BYTES:],
    )
