"""Keys of every kind, as tests of the KMS actions make them."""

import re
from collections.abc import Mapping
from typing import Any

from Crypto.Hash import SHA1, SHA256, SHA384, SHA512
from fixture_keys import known

ARN = "arn:aws:kms:us-east-1:111122223333:key/"
SIGN = {"KeyUsage": "SIGN_VERIFY"}
MAC = {"KeyUsage": "GENERATE_VERIFY_MAC"}
AGREE = {"KeyUsage": "KEY_AGREEMENT"}
KEM = {"KeyUsage": "ENCAPSULATE_DECAPSULATE"}
SEAL = {"KeyUsage": "ENCRYPT_DECRYPT"}
HASHES: dict[str, Any] = {"sha1": SHA1, "sha256": SHA256, "sha384": SHA384, "sha512": SHA512}
MESSAGE = b"pay bob 7"


def refused(text: str) -> Any:
    """A pattern for exactly this text, as str(ServiceError) shows it behind the code."""
    return f"^[A-Za-z]+: {re.escape(text)}$"


def make(desk: Any, spec: str, usage: Mapping[str, str], place: int = 0) -> str:
    """Create a key; an RSA one is a known one, so that no primes are searched for."""
    if spec.startswith("RSA_"):
        desk.vault.maker.stock(known(int(spec[4:]))[place][1])
    key_id: str = desk.create_key(KeySpec=spec, **usage)
    return key_id


def public(desk: Any, key_id: str) -> bytes:
    der: bytes = desk.call("GetPublicKey", KeyId=key_id)["PublicKey"]
    return der
