"""Envelope encryption with a cache of data keys, each wrapped under a key of two regions.

An order can be read as long as KMS answers in one of them, and a data key in the cache serves for
some minutes even if it answers nowhere.
What does not belong here: orders (service.py).
Source: AWS KMS Developer Guide, "Envelope encryption"; AWS Encryption SDK, "Data key caching".
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
#: A data key serves so long, for so many orders; chosen.
CACHE_SECONDS: Final = 300.0
CACHE_USES: Final = 100
_SERVER_ERROR: Final = 500


class Unreadable(Exception):
    """No region could be asked for a data key; the text has each region's error."""


@dataclass(frozen=True)
class Sealed:
    """One encrypted order, as it is stored."""

    customer: str
    wrapped: Mapping[str, bytes]  #: region -> the data key under that region's KMS key
    text: bytes  #: nonce (12 bytes) and ciphertext


@dataclass
class _Cached:
    plaintext: bytes
    wrapped: Mapping[str, bytes]
    until: float
    uses: int = 0


class Keyring:
    """Data keys of customers.

    Args:
      clients: region -> boto3 client of KMS, in the order in which they are asked.
      keys: region -> id of the KMS key there.
      now: seconds on a clock that never goes back.
    """

    def __init__(
        self,
        clients: Mapping[str, Any],
        keys: Mapping[str, str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clients, self._keys, self._now = clients, keys, now
        self._fresh: dict[str, _Cached] = {}  #: customer -> the key that new orders are sealed with
        self._opened: dict[tuple[str, bytes], _Cached] = {}

    def seal(self, customer: str, text: bytes) -> Sealed:
        """Encrypt one order.

        Raises:
          Unreadable: no region makes a data key, and the cache has none.
        """
        cached = self._fresh.get(customer)
        if cached is None or cached.until <= self._now() or cached.uses >= CACHE_USES:
            cached = self._fresh[customer] = self._new(customer)
        cached.uses += 1
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(cached.plaintext).encrypt(nonce, text, customer.encode())
        return Sealed(customer, cached.wrapped, nonce + sealed)

    def open(self, sealed: Sealed) -> bytes:
        """Decrypt one order.

        Raises:
          Unreadable: no region that holds its data key answers.
        """
        nonce, rest = sealed.text[:NONCE_BYTES], sealed.text[NONCE_BYTES:]
        key = self._data_key(sealed)
        return AESGCM(key).decrypt(nonce, rest, sealed.customer.encode())

    def _new(self, customer: str) -> _Cached:
        """Make a data key where KMS answers, and wrap it elsewhere as well."""
        context = context_of(customer)

        def make(region: str, kms: Any) -> tuple[str, bytes, bytes]:
            made = kms.generate_data_key(
                KeyId=self._keys[region], KeySpec="AES_256", EncryptionContext=context
            )
            return region, made["Plaintext"], made["CiphertextBlob"]

        home, plaintext, blob = self._first(make)
        wrapped = {home: blob}
        for region, kms in self._clients.items():
            if region == home:
                continue
            try:
                answer = kms.encrypt(
                    KeyId=self._keys[region], Plaintext=plaintext, EncryptionContext=context
                )
            except (BotoCoreError, ClientError) as error:
                if not passing(error):
                    raise
                continue  # One region has the key; the other is asked again with the next one.
            wrapped[region] = answer["CiphertextBlob"]
        return _Cached(plaintext, wrapped, self._now() + CACHE_SECONDS)

    def _data_key(self, sealed: Sealed) -> bytes:
        name = sealed.customer, next(iter(sealed.wrapped.values()))
        cached = self._opened.get(name)
        if cached is None or cached.until <= self._now():

            def unwrap(region: str, kms: Any) -> bytes:
                answer = kms.decrypt(
                    CiphertextBlob=sealed.wrapped[region],
                    EncryptionContext=context_of(sealed.customer),
                )
                found: bytes = answer["Plaintext"]
                return found

            plaintext = self._first(unwrap, sealed.wrapped)
            until = self._now() + CACHE_SECONDS
            cached = self._opened[name] = _Cached(plaintext, sealed.wrapped, until)
        return cached.plaintext

    def _first(
        self, ask: Callable[[str, Any], Any], wrapped: Mapping[str, bytes] | None = None
    ) -> Any:
        """Ask region after region, and return the first answer."""
        problems = []
        for region, kms in self._clients.items():
            if wrapped is not None and region not in wrapped:
                continue
            try:
                return ask(region, kms)
            except (BotoCoreError, ClientError) as error:
                if not passing(error):
                    raise
                problems.append(f"{region}: {error}")
        raise Unreadable("; ".join(problems) or "no region holds the data key")


def context_of(customer: str) -> dict[str, str]:
    """Return the encryption context of a customer's data keys."""
    return {"app": "orders", "customer": customer}


def passing(error: Exception) -> bool:
    """Say whether an error is the service's or the network's, so that another region may do."""
    if isinstance(error, ClientError):
        status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return status >= _SERVER_ERROR
    return True
