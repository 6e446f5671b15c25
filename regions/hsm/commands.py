"""What an HSM can be asked, and what it answers.

An HSM takes wrapped tokens and returns wrapped tokens, blobs or customer plaintext; no command can
make it return a backing key or a domain key. What does not belong here: how tokens are sealed
(vault.py, domain.py).
Source: AWS KMS Cryptographic Details, "Domains and domain state", "Customer data operations".
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.hsm.kinds import SYMMETRIC_DEFAULT
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmIdentity(Message):
    """The public face of one HSM, as the domain state lists it."""

    serial: str  #: unique per power-on of an online HSM, such as ``use1-az1/hsm-1#3``
    signing_public: bytes  #: P-384 point, X9.62 uncompressed, 97 bytes
    agreement_public: bytes  #: P-384 point, X9.62 uncompressed, 97 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduce(Message):
    """Ask an HSM for its identity; answered with HsmIdentity even before it joined a domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDomain(Message):
    """Bring a domain into being inside one HSM, for the given first members (itself included)."""

    name: str  #: the region
    members: tuple[HsmIdentity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateDomainKey(Message):
    """Make a new active domain key; the oldest retained one falls out of the ring.

    Key tokens given along come back wrapped under the new key, so that a small region needs no
    second round; one that this HSM cannot open comes back as it is.
    """

    token: bytes  #: the current exported domain token
    tokens: tuple[bytes, ...] = ()  #: key tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifyMembers(Message):
    """Issue a domain token for another set of members; the domain keys stay the same."""

    token: bytes  #: the current exported domain token
    add: tuple[HsmIdentity, ...] = ()
    remove: tuple[str, ...] = ()  #: serials


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainTokenIssued(Message):
    """A new exported domain token; the issuing HSM has not changed its own state yet."""

    token: bytes
    version: int  #: grows by one with every state change
    active_key: int  #: number of the active domain key, from 1
    members: tuple[str, ...]  #: serials of the HSMs that can open it
    tokens: tuple[bytes, ...] = ()  #: of a rotation: the key tokens given along, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallDomain(Message):
    """Take over the domain state of a token, or refuse it; older versions are ignored."""

    token: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveDomain(Message):
    """Forget the domain and all its keys; answered with HsmIdentity.

    An HSM that was cut off for so long that no key and no member it knows is left in the newest
    token takes that token only after it has left.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainInstalled(Message):
    """The version and active domain key that the HSM now works under."""

    version: int
    active_key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateKey(Message):
    """Make one backing key of a kind and return it only as a key token."""

    key_id: str
    spec: str = SYMMETRIC_DEFAULT  #: KeySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyToken(Message):
    """One version of a key's material, wrapped under a domain key."""

    hbk_id: bytes  #: 32 bytes; names this material in blob headers, not secret
    token: bytes  #: exported key token
    material_id: str  #: 64 lower-case hex digits


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmEncrypt(Message):
    """Seal 1–4096 bytes under a key token."""

    region: str
    key_id: str
    token: bytes
    plaintext: bytes = field(repr=False)
    context: bytes  #: canonical encryption context


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmBlob(Message):
    """A ciphertext blob."""

    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmDecrypt(Message):
    """Open a blob under the key token that its header names."""

    token: bytes
    blob: bytes
    context: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmPlaintext(Message):
    """Bytes for the caller alone."""

    plaintext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmDataKey(Message):
    """Make 1–1024 random bytes and seal them; return the plaintext too when asked."""

    region: str
    key_id: str
    token: bytes
    number_of_bytes: int
    context: bytes
    with_plaintext: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmDataKeyMade(Message):
    """A data key; ``plaintext`` is empty when it was not asked for."""

    plaintext: bytes = field(repr=False)
    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmReEncrypt(Message):
    """Open a blob and seal its content under another key; the plaintext never leaves the HSM."""

    source_token: bytes
    blob: bytes
    source_context: bytes
    region: str
    key_id: str
    token: bytes
    context: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmRandom(Message):
    """Return 1–1024 bytes of the DRBG; answered with HsmPlaintext."""

    number_of_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrap(Message):
    """Wrap each token again under the active domain key; answered with Rewrapped."""

    tokens: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped(Message):
    """The tokens in the order asked, now under domain key ``active_key``.

    One that does not open is as it was.
    """

    tokens: tuple[bytes, ...]
    active_key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSealFor(Message):
    """Carry out a command, and seal the secret of its answer for a recipient."""

    command: Message
    public_key: bytes  #: SubjectPublicKeyInfo of an RSA key, DER


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSealedFor(Message):
    """An answer without its secret, and the secret as only the recipient can read it."""

    reply: Message
    envelope: bytes  #: CMS EnvelopedData, DER


#: Wire ids 50–79, 670 and 671; the refusals of errors.py have 80–89.
HSM_FRAMES: Final[dict[int, type[Any]]] = {
    50: HsmIdentity,
    51: Introduce,
    52: CreateDomain,
    53: RotateDomainKey,
    54: ModifyMembers,
    55: DomainTokenIssued,
    56: InstallDomain,
    57: DomainInstalled,
    58: GenerateKey,
    59: KeyToken,
    60: HsmEncrypt,
    61: HsmBlob,
    62: HsmDecrypt,
    63: HsmPlaintext,
    64: HsmDataKey,
    65: HsmDataKeyMade,
    66: HsmReEncrypt,
    67: HsmRandom,
    68: Rewrap,
    69: Rewrapped,
    70: LeaveDomain,
    670: HsmSealFor,
    671: HsmSealedFor,
}
