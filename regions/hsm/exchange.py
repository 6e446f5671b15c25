"""How the material of a multi-Region key crosses from one region's HSMs to another's.

The HSM that lacks it makes a key pair for this one transfer and signs the public half (offer); one
that has it makes another pair, agrees on a wrapping key and seals the material (wrap); any HSM of
the first region opens it (unwrap), for the private half of the offer was kept as a key token of
that region. Each signature is made with the region's own signing key, which is one more backing
key. No HSM of one region talks to one of another: hosts carry what is here (border.py).
What does not belong here: which keys may be transferred (kms/family_rules.py) and which signing
keys of other regions are trusted (kms/abroad.py).
Source: AWS KMS Cryptographic Details, "Multi-Region keys" (RSK, RAK and RWK; ECDH and ECDSA on
P-384); encodings chosen.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgpack

from regions.crypto.aead import Aes256Gcm, Unauthentic
from regions.crypto.curve import SCALAR_SEED_BYTES, InvalidPoint, KeyPair, verify
from regions.crypto.kdf import hkdf_sha384
from regions.hsm import keytoken
from regions.hsm.commands import KeyToken
from regions.hsm.errors import TransferRejected
from regions.hsm.kinds import KINDS
from sim.wire import Message

#: Key ids of multi-Region keys begin so; an HSM transfers the material of no other key.
MULTI_REGION_PREFIX: Final = "mrk-"
#: Key ids of what only regions themselves use: signing keys, and agreement keys of one transfer.
SIGNING_PREFIX: Final = "rsk-"
AGREEMENT_PREFIX: Final = "rak-"

_IV_BYTES: Final = 12
_WRAP: Final = b"multi-region wrapping key"
_SIGN: Final = b"multi-region signing key"
_AGREE: Final = b"multi-region agreement key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Message):
    """Which material goes where; every signature and the sealing are bound to it."""

    key_id: str
    spec: str  #: KeySpec
    hbk_id: bytes  #: 32 bytes
    source: str  #: the region that has the material
    target: str  #: the region that wants it


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeSigner(Message):
    """Return the public half of a region's signing key; answered with SignerPublic."""

    token: bytes  #: key token of the signing key


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerPublic(Message):
    """The public half of a region's signing key."""

    public: bytes  #: P-384 point, 97 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAgreement(Message):
    """Begin a transfer in the target region; answered with AgreementOffered."""

    transfer: Transfer
    signer: bytes  #: key token of this region's signing key


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementOffered(Message):
    """The public half of an agreement key, and the private one for this region's HSMs alone."""

    public: bytes  #: P-384 point, 97 bytes
    signature: bytes  #: 96 bytes
    token: bytes  #: key token of the private half; it stays in the region


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapMaterial(Message):
    """Seal material for another region; answered with MaterialWrapped."""

    transfer: Transfer
    token: bytes  #: key token of the material
    offered: bytes  #: the public half that the target region offers
    offer_signature: bytes
    peer: bytes  #: public half of the target region's signing key
    signer: bytes  #: key token of this region's signing key


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialWrapped(Message):
    """Material under a wrapping key that only the HSMs of two regions can derive."""

    public: bytes  #: P-384 point, 97 bytes
    sealed: bytes  #: nonce ‖ material ‖ tag
    signature: bytes  #: 96 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwrapMaterial(Message):
    """Take over material from another region; answered with KeyToken."""

    transfer: Transfer
    offer: bytes  #: key token of the private half that was offered
    public: bytes
    sealed: bytes
    signature: bytes
    peer: bytes  #: public half of the source region's signing key


#: Wire ids 640–647.
EXCHANGE_FRAMES: Final[dict[int, type[Any]]] = {
    640: Transfer,
    641: DescribeSigner,
    642: SignerPublic,
    643: OfferAgreement,
    644: AgreementOffered,
    645: WrapMaterial,
    646: MaterialWrapped,
    647: UnwrapMaterial,
}


class Inside(Protocol):
    """What of an HSM's inside a transfer needs."""

    def open(self, token: bytes) -> bytes:
        """Return the backing key of a key token."""

    def keep(self, material: bytes, key_id: str, spec: str) -> KeyToken:
        """Return the key token of a backing key under the active domain key."""

    def fresh(self, key_id: str) -> KeyToken:
        """Make a backing key and return its key token."""

    def draw(self, size: int) -> bytes:
        """Return random bytes."""


def describe_signer(inside: Inside, command: DescribeSigner) -> SignerPublic:
    """Return the public half of a signing key."""
    return SignerPublic(public=_pair(inside.open(command.token), _SIGN).public)


def offer(inside: Inside, command: OfferAgreement) -> AgreementOffered:
    """Make an agreement key for one transfer, and sign its public half."""
    _check(command.transfer)
    made = inside.fresh(_agreement_id(command.transfer))
    public = _pair(inside.open(made.token), _AGREE).public
    signature = _pair(inside.open(command.signer), _SIGN).sign(_offer_digest(command, public))
    return AgreementOffered(public=public, signature=signature, token=made.token)


def wrap(inside: Inside, command: WrapMaterial) -> MaterialWrapped:
    """Seal material for the region whose signing key made the offer.

    Raises:
      TransferRejected: the offer is not that region's, or the token is of another material.
    """
    _check(command.transfer)
    material = inside.open(command.token)
    if not verify(command.peer, _offer_digest(command, command.offered), command.offer_signature):
        raise TransferRejected(f"offer of {command.transfer.target} is not signed by its key")
    _check_token(command.token, command.transfer)
    own = KeyPair.from_seed(inside.draw(SCALAR_SEED_BYTES))
    iv = inside.draw(_IV_BYTES)
    bound = _bound(command.transfer, command.offered, own.public)
    try:
        wrapping = _wrapping(own, command.offered, bound)
    except InvalidPoint as error:
        raise TransferRejected(str(error)) from None
    sealed = iv + wrapping.seal(iv, material, bound)
    signature = _pair(inside.open(command.signer), _SIGN).sign(_sealed_digest(bound, sealed))
    return MaterialWrapped(public=own.public, sealed=sealed, signature=signature)


def unwrap(inside: Inside, command: UnwrapMaterial) -> KeyToken:
    """Keep the material that another region has sealed for an offer of this one.

    Raises:
      TransferRejected: it was not sealed by that region, for this offer, or is another material.
    """
    _check(command.transfer)
    own = _pair(inside.open(command.offer), _AGREE)
    bound = _bound(command.transfer, own.public, command.public)
    if not verify(command.peer, _sealed_digest(bound, command.sealed), command.signature):
        text = f"material from {command.transfer.source} is not signed by its key"
        raise TransferRejected(text)
    iv, sealed = command.sealed[:_IV_BYTES], command.sealed[_IV_BYTES:]
    try:
        material = _wrapping(own, command.public, bound).open(iv, sealed, bound)
    except (InvalidPoint, Unauthentic):
        raise TransferRejected("the sealed material does not open") from None
    if len(material) not in KINDS[command.transfer.spec].secret_bytes:
        raise TransferRejected(f"the sealed material is none of kind {command.transfer.spec}")
    kept = inside.keep(material, command.transfer.key_id, command.transfer.spec)
    if kept.hbk_id != command.transfer.hbk_id:
        raise TransferRejected("the sealed material is not the one that was asked for")
    return kept


def _check(transfer: Transfer) -> None:
    if not transfer.key_id.startswith(MULTI_REGION_PREFIX) or transfer.spec not in KINDS:
        raise TransferRejected(f"key {transfer.key_id} is no multi-Region key")


def _check_token(token: bytes, transfer: Transfer) -> None:
    named = keytoken.key_id(token), keytoken.hbk_id(token), keytoken.spec(token)
    if named != (transfer.key_id.encode("ascii"), transfer.hbk_id, transfer.spec):
        raise TransferRejected(f"token belongs to another material of {transfer.key_id}")


def _agreement_id(transfer: Transfer) -> str:
    return AGREEMENT_PREFIX + transfer.key_id.removeprefix(MULTI_REGION_PREFIX)


def _pair(material: bytes, purpose: bytes) -> KeyPair:
    """Return the key pair that a backing key stands for."""
    return KeyPair.from_seed(hkdf_sha384(material, salt=b"", info=purpose, size=SCALAR_SEED_BYTES))


def _wrapping(own: KeyPair, other: bytes, bound: bytes) -> Aes256Gcm:
    """Return the wrapping key (RWK) of one transfer."""
    return Aes256Gcm(hkdf_sha384(own.agree(other), salt=b"", info=_WRAP + bound, size=32))


def _packed(*parts: Any) -> bytes:
    packed: bytes = msgpack.packb(parts)
    return packed


def _named(transfer: Transfer) -> tuple[Any, ...]:
    return transfer.key_id, transfer.spec, transfer.hbk_id, transfer.source, transfer.target


def _offer_digest(command: OfferAgreement | WrapMaterial, public: bytes) -> bytes:
    return hashlib.sha384(_packed("offer", *_named(command.transfer), public)).digest()


def _bound(transfer: Transfer, offered: bytes, public: bytes) -> bytes:
    return _packed("wrap", *_named(transfer), offered, public)


def _sealed_digest(bound: bytes, sealed: bytes) -> bytes:
    return hashlib.sha384(_packed(bound, sealed)).digest()


#: Command to what carries it out.
EXCHANGES: Final[dict[type[Message], Callable[[Inside, Any], Message]]] = {
    DescribeSigner: describe_signer,
    OfferAgreement: offer,
    WrapMaterial: wrap,
    UnwrapMaterial: unwrap,
}
