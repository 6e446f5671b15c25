"""A Nitro Enclave for tests: it attests what it is told to, and opens what was sealed for it.

Its encoder of CBOR and its reader of CMS share no code with what they test.
"""

from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MODULE = "i-1234567890abcdef0-enc0123456789abcdef"
IMAGE = bytes(range(48))


def head(kind: int, argument: int) -> bytes:
    """Return the head of a CBOR item of a major type."""
    if argument < 24:
        return bytes([kind << 5 | argument])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 256**size:
            return bytes([kind << 5 | info]) + argument.to_bytes(size, "big")
    raise AssertionError(argument)


def cbor(value: Any) -> bytes:
    """Return a plain value in CBOR."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    pairs = b"".join(cbor(name) + cbor(one) for name, one in value.items())
    return head(5, len(value)) + pairs


@lru_cache
def private_key(bits: int) -> rsa.RSAPrivateKey:
    """Return the enclave's key; it differs from run to run, and no result shows it."""
    return rsa.generate_private_key(65537, bits)


def public_key(bits: int = 2048) -> bytes:
    """Return the public half as SubjectPublicKeyInfo."""
    public = private_key(bits).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def contents(**changed: Any) -> dict[str, Any]:
    """Return the members of a document, some of them changed."""
    return {
        "module_id": MODULE,
        "digest": "SHA384",
        "timestamp": 1_767_268_800_000,
        "pcrs": {0: IMAGE, 1: bytes(48), 4: b"\x04" * 48},
        "certificate": b"leaf",
        "cabundle": [b"root", b"intermediate"],
        "public_key": public_key(),
        "user_data": None,
        "nonce": b"n",
        **changed,
    }


def signed(payload: Any, *, header: Any = None, signature: bytes = bytes(96)) -> bytes:
    """Return a COSE_Sign1 around a payload."""
    return cbor([cbor({1: -35} if header is None else header), {}, cbor(payload), signature])


def recipient(**changed: Any) -> dict[str, Any]:
    """Return a Recipient with a document, some of whose members are changed."""
    return {
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
        "AttestationDocument": signed(contents(**changed)),
    }


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """Return the tags and contents of DER items that follow each other."""
    found = []
    while data:
        tag, length, begin = data[0], data[1], 2
        if length >= 128:
            begin += length - 128
            length = int.from_bytes(data[2:begin], "big")
        found.append((tag, data[begin : begin + length]))
        data = data[begin + length :]
    return found


def opened(envelope: bytes, bits: int = 2048) -> bytes:
    """Return what an envelope holds, as the enclave reads it."""
    [(_, content_info)] = _items(envelope)
    [_, (_, explicit)] = _items(content_info)
    [(_, enveloped)] = _items(explicit)
    [_, (_, recipients), (_, encrypted)] = _items(enveloped)
    [(_, one)] = _items(recipients)
    sealed_key = _items(one)[-1][1]
    [_, (_, algorithm), (_, sealed)] = _items(encrypted)
    vector = _items(algorithm)[-1][1]
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    key = private_key(bits).decrypt(sealed_key, oaep)
    decryptor = Cipher(AES256(key), CBC(vector)).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    return padded[: -padded[-1]]
