"""Whether a signature of a digest of log files is its region's: RSA with nothing but integers.

What validates shares no code with what signs, so the two cannot agree on an error.
What does not belong here: which text was signed, and by which key (log_chain.py).
Source: RFC 8017, section 8.2.2 (RSASSA-PKCS1-v1_5), appendix A.1.1 (RSAPublicKey) and section 9.2
(the DigestInfo of SHA-256); X.690 (DER).
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
#: DER of a DigestInfo of SHA-256 up to the hash itself.
_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")
#: Padding bytes of a signature's block, at least.
_PADDING_MIN: Final = 8


class NotAKey(ValueError):
    """The bytes are no RSA public key in PKCS #1 DER."""


class NotKeys(ValueError):
    """The text is no list of public keys; it says what was expected."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Modulus and exponent."""

    n: int
    e: int

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Say whether this key's private half has signed the text."""
        size = (self.n.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.n:
            return False
        info = _SHA256 + sha256(text).digest()
        padding = size - len(info) - 3
        if padding < _PADDING_MIN:
            return False
        block = b"\0\1" + b"\xff" * padding + b"\0" + info
        return pow(number, self.e, self.n).to_bytes(size, "big") == block


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the DER element that data begins with, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise NotAKey(f"no DER element of type {tag:#04x}")
    length, begin = data[1], 2
    if length >= 0x80:
        begin += length & 0x7F
        length = int.from_bytes(data[2:begin], "big")
    content = data[begin : begin + length]
    if len(content) != length:
        raise NotAKey("a DER element that ends too early")
    return content, data[begin + length :]


def read_public_key(der: bytes) -> PublicKey:
    """Return the key of an RSAPublicKey in DER.

    Raises:
      NotAKey: it is none.
    """
    content, rest = _element(der, _SEQUENCE)
    modulus, behind = _element(content, _INTEGER)
    exponent, more = _element(behind, _INTEGER)
    if rest or more or not modulus or not exponent:
        raise NotAKey("more or less than a modulus and an exponent")
    return PublicKey(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))


def read_key_list(text: str) -> dict[str, bytes]:
    """Return fingerprint -> DER, as ``aws cloudtrail list-public-keys`` prints them.

    Raises:
      NotKeys: it is no such list.
    """
    expected = "expected JSON as 'aws cloudtrail list-public-keys' prints it"
    try:
        found = json.loads(text)["PublicKeyList"]
        return key_table(
            (each["Fingerprint"], base64.b64decode(each["Value"], validate=True)) for each in found
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise NotKeys(expected) from error


def key_table(pairs: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Return fingerprint -> DER."""
    table = dict(pairs)
    if not all(isinstance(name, str) for name in table):
        raise TypeError("a fingerprint that is no text")
    return table


def signature_of(metadata: Mapping[str, str]) -> bytes | None:
    """Return the signature of an object's user metadata; None if there is none.

    One that is no hexadecimal text is empty, which nothing has signed.
    """
    if "signature" not in metadata or "signature-algorithm" not in metadata:
        return None
    try:
        return binascii.unhexlify(metadata["signature"])
    except (ValueError, TypeError):
        return b""
