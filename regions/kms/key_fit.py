"""Whether a key is made for what a call wants of it: its usage, its algorithms, sizes, contexts.

What does not belong here: which keys there can be (key_specs.py), and the states of keys (key.py).
Source: AWS KMS API Reference, "InvalidKeyUsageException"; texts as observed from the service unless
they are marked chosen.
"""

from collections.abc import Mapping
from typing import Any

from regions.errors import InvalidKeyUsageException, ValidationException
from regions.kms.key import Key
from regions.kms.key_specs import RAW, SIGNING, oaep_bytes_max, too_long


def check_usage(key: Key, region: str, action: str, usage: str) -> None:
    """Refuse a key of another usage.

    Raises:
      InvalidKeyUsageException: it has one.
    """
    if key.usage != usage:
        raise InvalidKeyUsageException(
            f"{key.arn(region)} key usage is {key.usage} which is not valid for {action}."
        )


def check_algorithm(key: Key, algorithm: str) -> None:
    """Refuse an algorithm that the key does not have.

    Raises:
      InvalidKeyUsageException: it does not.
    """
    if algorithm not in key.algorithms:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.spec}."
        )


def check_symmetric(key: Key) -> None:
    """Refuse a key that makes no data keys (text as users report it).

    Raises:
      InvalidKeyUsageException: it is an RSA key.
    """
    if not key.is_symmetric:
        raise InvalidKeyUsageException("You cannot generate a data key with an asymmetric CMK")


def check_context(key: Key, context: Mapping[str, Any] | None) -> None:
    """Refuse an encryption context for a key that binds none (text chosen).

    Raises:
      ValidationException: there is one, and the key is asymmetric.
    """
    if context and not key.is_symmetric:
        raise ValidationException("EncryptionContext is not supported for asymmetric KMS keys.")


def check_plaintext(key: Key, algorithm: str, plaintext: bytes) -> None:
    """Refuse more bytes than an RSA key encrypts.

    Raises:
      ValidationException: these are more.
    """
    if not key.is_symmetric and len(plaintext) > oaep_bytes_max(key.spec, algorithm):
        raise ValidationException(too_long(key.spec, algorithm))


def check_message(algorithm: str, message_type: str, message: bytes) -> None:
    """Refuse what an algorithm does not sign.

    Raises:
      ValidationException: it takes no such type (text chosen), or no digest of that length.
    """
    sizes = SIGNING[algorithm].sizes
    if message_type not in sizes:
        raise ValidationException(
            f"MessageType {message_type} is not valid for algorithm {algorithm}."
        )
    if message_type != RAW and len(message) != sizes[message_type]:
        raise ValidationException(f"Digest is invalid length for algorithm {algorithm}.")
