"""Vaults of one region: made, joined and kept apart, without actors or time."""

from collections.abc import Callable

import pytest

from regions.crypto.drbg import CtrDrbg
from regions.hsm.commands import (
    CreateDomain,
    DomainTokenIssued,
    GenerateKey,
    HsmBlob,
    HsmDecrypt,
    HsmEncrypt,
    HsmPlaintext,
    InstallDomain,
    KeyToken,
    RotateDomainKey,
)
from regions.hsm.vault import Vault
from sim.rng import stream

REGION = "us-east-1"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


class Fleet:
    """Some vaults of one domain, and the host that carries tokens between them."""

    def __init__(self, size: int, *, seed: int = 7, joined: bool = True) -> None:
        self.seed = seed
        self.secrets: list[tuple[str, bytes]] = []
        self.vaults = [self.new_vault(f"az{place}/hsm-1#1") for place in range(size)]
        self.token = b""
        if joined:
            members = tuple(vault.identity for vault in self.vaults)
            self.issued(self.vaults[0].execute(CreateDomain(name=REGION, members=members)))

    def new_vault(self, serial: str) -> Vault:
        """Return one more, empty vault."""
        return Vault(
            serial=serial,
            drbg=CtrDrbg(stream(self.seed, serial).randbytes),
            announce=lambda kind, secret: self.secrets.append((kind, secret)),
        )

    def issued(self, answer: object, *, to: list[Vault] | None = None) -> DomainTokenIssued:
        """Take over an issued token and have it installed."""
        assert isinstance(answer, DomainTokenIssued)
        self.token = answer.token
        for vault in self.vaults if to is None else to:
            vault.execute(InstallDomain(token=self.token))
        return answer

    def rotate(self, place: int = 0) -> DomainTokenIssued:
        """Rotate the domain key through one member and install it everywhere."""
        return self.issued(self.vaults[place].execute(RotateDomainKey(token=self.token)))

    def new_key(self, key_id: str = KEY) -> KeyToken:
        """Return the token of a new backing key."""
        made = self.vaults[0].execute(GenerateKey(key_id=key_id))
        assert isinstance(made, KeyToken)
        return made


def encrypt(vault: Vault, token: bytes, plaintext: bytes, context: bytes = b"") -> bytes:
    """Return the blob of a plaintext under the key of the tests."""
    answer = vault.execute(
        HsmEncrypt(region=REGION, key_id=KEY, token=token, plaintext=plaintext, context=context)
    )
    assert isinstance(answer, HsmBlob)
    return answer.blob


def decrypt(vault: Vault, token: bytes, blob: bytes, context: bytes = b"") -> bytes:
    """Return the plaintext of a blob."""
    answer = vault.execute(HsmDecrypt(token=token, blob=blob, context=context))
    assert isinstance(answer, HsmPlaintext)
    return answer.plaintext


# Session scope, because Hypothesis runs one test function many times over one fixture value.
@pytest.fixture(scope="session")
def new_fleet() -> Callable[..., Fleet]:
    return Fleet


@pytest.fixture(scope="session")
def encrypted() -> Callable[..., bytes]:
    return encrypt


@pytest.fixture(scope="session")
def decrypted() -> Callable[..., bytes]:
    return decrypt
