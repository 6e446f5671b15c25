"""Envelopes that only the holder of an RSA key opens: CMS EnvelopedData.

The content is under a fresh AES-256-CBC key, that key under RSAES-OAEP with SHA-256. All chance is
the caller's, so an envelope repeats from equal inputs. An envelope hides its content and does not
vouch for it: CBC has no tag.
What does not belong here: whose key it is (kms/attestation.py).
Source: RFC 5652, sections 6.1–6.3; RFC 4055, section 4.1 (RSAES-OAEP-params); RFC 3565 (AES-CBC);
RFC 8017, section 7.1 (OAEP); RFC 5280, section 4.2.1.2 (method 1 of key identifiers).
"""

import hashlib
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 16
_SEED_BYTES: Final = 32  # as long as SHA-256's digest
#: How much chance one envelope takes.
CHANCE_BYTES: Final = KEY_BYTES + _BLOCK_BYTES + _SEED_BYTES
_MODULUS_BITS: Final = (2048, 4096)

# Tags and object identifiers, DER (ITU-T X.690).
_SEQUENCE, _SET, _INTEGER, _OCTETS, _OID = 0x30, 0x31, 0x02, 0x04, 0x06
_ENVELOPED_DATA: Final = bytes.fromhex("2a864886f70d010703")
_DATA: Final = bytes.fromhex("2a864886f70d010701")
_RSAES_OAEP: Final = bytes.fromhex("2a864886f70d010107")
_MGF1: Final = bytes.fromhex("2a864886f70d010108")
_SHA256: Final = bytes.fromhex("608648016503040201")
_AES256_CBC: Final = bytes.fromhex("60864801650304012a")
_NULL: Final = b"\x05\x00"


class InvalidRecipientKey(ValueError):
    """The bytes are no public key that an envelope can be made for."""


def check_recipient_key(der: bytes) -> None:
    """Return if these bytes are the SubjectPublicKeyInfo of an RSA key of 2048–4096 bits.

    Raises:
      InvalidRecipientKey: they are not.
    """
    _loaded(der)


def seal_for(public_der: bytes, content: bytes, chance: bytes) -> bytes:
    """Return the envelope of some bytes, in DER.

    Args:
      public_der: SubjectPublicKeyInfo of the recipient.
      content: any number of bytes.
      chance: CHANCE_BYTES from the caller's generator: content key, initial vector, OAEP seed.

    Raises:
      InvalidRecipientKey: no envelope can be made for that key.
    """
    assert len(chance) == CHANCE_BYTES, f"{len(chance)} bytes of chance"
    public = _loaded(public_der)
    key, rest = chance[:KEY_BYTES], chance[KEY_BYTES:]
    vector, seed = rest[:_BLOCK_BYTES], rest[_BLOCK_BYTES:]
    padder = PKCS7(8 * _BLOCK_BYTES).padder()
    encryptor = Cipher(AES256(key), CBC(vector)).encryptor()
    sealed = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    sha256 = _der(_SEQUENCE, _der(_OID, _SHA256), _NULL)
    mgf1 = _der(_SEQUENCE, _der(_OID, _MGF1), sha256)
    recipient = _der(
        _SEQUENCE,
        _der(_INTEGER, b"\x02"),  # CMSVersion 2: named by its key identifier
        _der(0x80, _key_identifier(public)),
        _der(
            _SEQUENCE,
            _der(_OID, _RSAES_OAEP),
            _der(_SEQUENCE, _der(0xA0, sha256), _der(0xA1, mgf1)),
        ),
        _der(_OCTETS, _oaep(public, key, seed)),
    )
    encrypted = _der(
        _SEQUENCE,
        _der(_OID, _DATA),
        _der(_SEQUENCE, _der(_OID, _AES256_CBC), _der(_OCTETS, vector)),
        _der(0x80, sealed),
    )
    enveloped = _der(_SEQUENCE, _der(_INTEGER, b"\x02"), _der(_SET, recipient), encrypted)
    return _der(_SEQUENCE, _der(_OID, _ENVELOPED_DATA), _der(0xA0, enveloped))


def _loaded(der: bytes) -> RSAPublicKey:
    try:
        public = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidRecipientKey("public_key: expected a SubjectPublicKeyInfo in DER") from None
    least, most = _MODULUS_BITS
    if not isinstance(public, RSAPublicKey) or not least <= public.key_size <= most:
        raise InvalidRecipientKey(f"public_key: expected an RSA key of {least}–{most} bits")
    return public


def _key_identifier(public: RSAPublicKey) -> bytes:
    bits = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return hashlib.sha1(bits, usedforsecurity=False).digest()


def _oaep(public: RSAPublicKey, message: bytes, seed: bytes) -> bytes:
    numbers = public.public_numbers()
    size = (public.key_size + 7) // 8
    label = hashlib.sha256().digest()
    padding = bytes(size - len(message) - 2 * len(label) - 2)
    block = _masked(label + padding + b"\x01" + message, seed)
    encoded = _masked(seed, block) + block
    power = pow(int.from_bytes(encoded, "big"), numbers.e, numbers.n)
    return power.to_bytes(size, "big")


def _masked(data: bytes, seed: bytes) -> bytes:
    """XOR data with MGF1 of a seed (RFC 8017, appendix B.2.1)."""
    blocks = range(-(-len(data) // 32))
    mask = b"".join(hashlib.sha256(seed + n.to_bytes(4, "big")).digest() for n in blocks)
    return bytes(one ^ other for one, other in zip(data, mask, strict=False))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    length = len(body)
    if length < 128:
        return bytes((tag, length)) + body
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body
