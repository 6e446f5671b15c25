"""How an owner's own key material gets into an HSM without anybody else seeing it.

The HSM makes an RSA key for one key of the owner and hands out its public half; the private one
comes back with the material, sealed in the import token. What does not belong here: which keys take
imports and whether the material is the right one (kms/import_rules.py).
Source: AWS KMS Developer Guide, "Importing key material" (wrapping algorithms, formats of the
material); RFC 8017, section 7.1; RFC 5649.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from regions.crypto.aead import Aes256Gcm, Unauthentic
from regions.crypto.keywrap import unwrap
from regions.crypto.rsa import InvalidPadding, RsaKey
from regions.hsm import import_token
from regions.hsm.commands import KeyToken
from regions.hsm.errors import HsmCiphertextInvalid, ImportTokenInvalid
from regions.hsm.formats import InvalidMaterial, secret_of
from sim.wire import Message

_HASHES: Final = {"SHA_1": "sha1", "SHA_256": "sha256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeImportKey(Message):
    """Make a wrapping key for the material of one key; answered with ImportKeyMade."""

    key_id: str
    spec: str  #: of the wrapping key: RSA_2048, RSA_3072 or RSA_4096
    algorithm: str  #: WrappingAlgorithm
    valid_to_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKeyMade(Message):
    """A wrapping key: its public half, and the private one for this region's HSMs alone."""

    public_key: bytes  #: SubjectPublicKeyInfo, DER
    token: bytes  #: import token


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMaterial(Message):
    """Unwrap material and keep it; answered with KeyToken."""

    spec: str  #: KeySpec of the key that it is for
    token: bytes  #: import token
    wrapped: bytes


#: Wire ids 653–655.
IMPORTING_FRAMES: Final[dict[int, type[Any]]] = {
    653: MakeImportKey,
    654: ImportKeyMade,
    655: ImportMaterial,
}


class Inside(Protocol):
    """What of an HSM's inside an import needs."""

    def domain_key(self, number: int | None = None) -> tuple[int, Aes256Gcm] | None:
        """Return a domain key, by default the active one; None if it is not kept."""

    def wrapping_key(self, spec: str) -> RsaKey:
        """Make an RSA key."""

    def keep(self, material: bytes, key_id: str, spec: str) -> KeyToken:
        """Return the key token of a backing key under the active domain key."""

    def announce(self, kind: str, secret: bytes) -> None:
        """Tell checkers of a secret."""

    def draw(self, size: int) -> bytes:
        """Return random bytes."""


def make_key(inside: Inside, command: MakeImportKey) -> ImportKeyMade:
    """Make a wrapping key."""
    active = inside.domain_key()
    assert active is not None, "an HSM in a domain has an active domain key"
    made = inside.wrapping_key(command.spec)
    number, domain_key = active
    token = import_token.seal(
        made.secret,
        number=number,
        domain_key=domain_key,
        key_id=command.key_id,
        valid_to_ns=command.valid_to_ns,
        algorithm=command.algorithm,
        iv=inside.draw(import_token.IV_BYTES),
    )
    return ImportKeyMade(public_key=made.public_der(), token=token)


def import_material(inside: Inside, command: ImportMaterial) -> KeyToken:
    """Unwrap material and keep it.

    Raises:
      ImportTokenInvalid: the token does not open.
      HsmCiphertextInvalid: what is wrapped does not open, or is no material of that kind.
    """
    inside.domain_key()  # Refuses on an HSM that is in no domain.
    try:
        token = import_token.parse(command.token)
    except import_token.InvalidImportToken as error:
        raise ImportTokenInvalid(str(error)) from None
    found = inside.domain_key(token.number)
    if found is None:
        raise ImportTokenInvalid(f"import token under domain key {token.number}")
    try:
        secret = found[1].open(token.iv, token.sealed, token.header)
    except Unauthentic:
        raise ImportTokenInvalid("the import token is damaged") from None
    try:
        material = _unwrapped(RsaKey.from_secret(secret), token.algorithm, command.wrapped)
        kept = secret_of(command.spec, material)
    except (InvalidPadding, Unauthentic, InvalidMaterial):
        raise HsmCiphertextInvalid from None
    made = inside.keep(kept, token.key_id, command.spec)
    inside.announce("imported-key", kept)
    inside.announce("imported-id", made.hbk_id)
    return made


def _unwrapped(key: RsaKey, algorithm: str, wrapped: bytes) -> bytes:
    """Return what was wrapped with a public key.

    Raises:
      InvalidPadding, Unauthentic: it does not open.
    """
    scheme, _, name = algorithm.partition("_SHA_")
    hashed = _HASHES[f"SHA_{name}"]
    if scheme == "RSAES_OAEP":
        return key.decrypt(wrapped, hashed)
    size = len(key.secret)  # As long as the modulus, and so as what OAEP makes.
    return unwrap(key.decrypt(wrapped[:size], hashed), wrapped[size:])


#: Command to what carries it out.
IMPORTS: Final[dict[type[Message], Callable[[Inside, Any], Message]]] = {
    MakeImportKey: make_key,
    ImportMaterial: import_material,
}
