"""A domain: which HSMs belong to it, and the keys that only they share.

The state with its keys exists inside HSMs only. Outside there is the exported domain token: a
header (name, version, members, numbers of the keys), one sealed copy of the keys per member, and
the signature of the member that issued it. HSMs never talk to each other; hosts carry tokens.
What does not belong here: commands and their refusal to strangers (vault.py). Operators, rules
and quorums are not modelled yet, so an empty HSM trusts any token that lists it.
Source: AWS KMS Cryptographic Details, "Domains and domain state"; layout chosen.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import msgpack

from regions.crypto.aead import Aes256Gcm, Unauthentic
from regions.crypto.curve import SCALAR_SEED_BYTES, InvalidPoint, KeyPair, verify
from regions.crypto.drbg import CtrDrbg
from regions.crypto.kdf import derive_key
from regions.hsm.commands import HsmIdentity
from regions.hsm.errors import DomainTokenRejected

#: The active domain key and the deactivated ones that can still open key tokens. The real number
#: is not public; chosen: with daily rotation, an AZ's copies stay readable for six days.
RETAINED_KEYS: Final = 7
DOMAIN_KEY_BYTES: Final = 32
#: An HSM remembers so many issuers' envelope keys; chosen, more than a region has HSMs.
ISSUERS_MAX: Final = 32

_FORMAT: Final = "domain-token-1"
_IV_BYTES: Final = 12
_ENVELOPE: Final = b"domain key envelope"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainKey:
    """One domain key; it wraps backing keys into key tokens."""

    number: int  #: from 1, one more with every rotation
    key: bytes = field(repr=False)  #: 32 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainState:
    """All that members share, keys in clear: it never leaves an HSM."""

    name: str  #: the region
    version: int  #: grows by one with every change
    members: tuple[HsmIdentity, ...]  #: in order of their serials
    keys: tuple[DomainKey, ...]  #: 1–7 with consecutive numbers; the last one is active

    @property
    def active(self) -> DomainKey:
        """The key that wraps new tokens."""
        return self.keys[-1]

    def rotated(self, key: bytes) -> "DomainState":
        """Return the next state: a new active key, the oldest one beyond the ring dropped."""
        fresh = DomainKey(number=self.active.number + 1, key=key)
        return DomainState(
            name=self.name,
            version=self.version + 1,
            members=self.members,
            keys=(*self.keys, fresh)[-RETAINED_KEYS:],
        )

    def with_members(self, add: tuple[HsmIdentity, ...], remove: tuple[str, ...]) -> "DomainState":
        """Return the next state with other members and the same keys."""
        members = {one.serial: one for one in self.members if one.serial not in remove}
        members.update({one.serial: one for one in add})
        return DomainState(
            name=self.name,
            version=self.version + 1,
            members=tuple(members[serial] for serial in sorted(members)),
            keys=self.keys,
        )


def first_state(name: str, members: tuple[HsmIdentity, ...], key: bytes) -> DomainState:
    """Return version 1 of a new domain, with domain key 1."""
    empty = DomainState(name=name, version=0, members=(), keys=(DomainKey(number=1, key=key),))
    return empty.with_members(members, ())


@dataclass(frozen=True, slots=True)
class DomainToken:
    """An exported domain token taken apart; nothing in it has been verified yet."""

    name: str
    version: int
    issuer: str  #: serial
    ephemeral: bytes  #: the issuer's public point of one-pass agreement
    numbers: tuple[int, ...]  #: of the domain keys, the last one active
    members: tuple[HsmIdentity, ...]
    header: bytes  #: bound into every envelope
    envelopes: tuple[bytes, ...]  #: nonce ‖ sealed keys, in the order of the members
    digest: bytes  #: SHA-384 of header and envelopes
    signature: bytes

    def member(self, serial: str) -> HsmIdentity | None:
        """Return the listed member of that serial."""
        for one in self.members:
            if one.serial == serial:
                return one
        return None


def _digest(header: bytes, envelopes: tuple[bytes, ...]) -> bytes:
    packed: bytes = msgpack.packb((header, envelopes))
    return hashlib.sha384(packed).digest()


def _header(state: DomainState, issuer: str, ephemeral: bytes) -> bytes:
    members = [(one.serial, one.signing_public, one.agreement_public) for one in state.members]
    numbers = [one.number for one in state.keys]
    packed: bytes = msgpack.packb(
        (_FORMAT, state.name, state.version, issuer, ephemeral, numbers, members)
    )
    return packed


def _is_well_formed(fields: Any, envelopes: Any, signature: Any) -> bool:
    """Say whether unpacked values have the types and numbers of a token."""
    _, name, version, issuer, ephemeral, numbers, members = fields
    ring = tuple(range(numbers[0], numbers[0] + len(numbers)))
    return (
        [type(one) for one in (name, version, issuer, ephemeral, envelopes, signature)]
        == [str, int, str, bytes, tuple, bytes]
        and numbers == ring
        and 1 <= len(numbers) <= RETAINED_KEYS
        and len(members) == len(envelopes)
        and all([type(part) for part in one] == [str, bytes, bytes] for one in members)
        and all(type(one) is bytes for one in envelopes)
    )


# Every member of a region parses the same public bytes; one process does it once.
@lru_cache(maxsize=64)
def parse_token(token: bytes) -> DomainToken:
    """Take a domain token apart, without any key.

    Raises:
      DomainTokenRejected: the bytes are no domain token.
    """
    try:
        header, envelopes, signature = msgpack.unpackb(token, use_list=False)
        fields = msgpack.unpackb(header, use_list=False)
        sound = fields[0] == _FORMAT and _is_well_formed(fields, envelopes, signature)
    except (ValueError, TypeError, LookupError, msgpack.UnpackException):
        sound, header, envelopes, signature, fields = False, b"", (), b"", ()
    if not sound:
        raise DomainTokenRejected(f"token of {len(token)} bytes is no domain token")
    _, name, version, issuer, ephemeral, numbers, members = fields
    identities = tuple(
        HsmIdentity(serial=serial, signing_public=signing, agreement_public=agreement)
        for serial, signing, agreement in members
    )
    digest = _digest(header, envelopes)
    return DomainToken(
        name, version, issuer, ephemeral, numbers, identities, header, envelopes, digest, signature
    )


class Member:
    """One HSM's own part in domains: its identity, and what only it can sign, seal or open.

    Args:
      serial: unique among all HSMs and power-ons.
      drbg: this HSM's generator.
      battery: the generator of the identity keys, if they outlive power cycles; else ``drbg``.
    """

    def __init__(self, serial: str, drbg: CtrDrbg, *, battery: CtrDrbg | None = None) -> None:
        source = battery or drbg
        self._drbg = drbg
        self._signing = KeyPair.from_seed(source.generate(SCALAR_SEED_BYTES))
        self._agreement = KeyPair.from_seed(source.generate(SCALAR_SEED_BYTES))
        self.identity: Final = HsmIdentity(
            serial=serial,
            signing_public=self._signing.public,
            agreement_public=self._agreement.public,
        )
        self._sealed_for: tuple[HsmIdentity, ...] = ()
        self._ephemeral = b""
        self._sealing: tuple[Aes256Gcm, ...] = ()
        self._opening: dict[bytes, Aes256Gcm] = {}

    def export(self, state: DomainState) -> bytes:
        """Return the signed domain token of a state.

        Raises:
          DomainTokenRejected: a member's agreement key is no point of P-384.
        """
        self._meet(state.members)
        header = _header(state, self.identity.serial, self._ephemeral)
        keys = b"".join([one.key for one in state.keys])
        ivs = self._drbg.generate(_IV_BYTES * len(state.members))
        envelopes = []
        for place, sealing in enumerate(self._sealing):
            iv = ivs[place * _IV_BYTES : (place + 1) * _IV_BYTES]
            envelopes.append(iv + sealing.seal(iv, keys, header))
        signature = self._signing.sign(_digest(header, tuple(envelopes)))
        token: bytes = msgpack.packb((header, envelopes, signature))
        return token

    def open(self, token: DomainToken, known: DomainState | None) -> DomainState:
        """Return the state in a token, once its issuer is known to be of the domain.

        The issuer must be a listed member and have signed the token. An HSM that is in the domain
        already must moreover know the issuer from its own state, or find a domain key of its own
        in the token: nobody outside could have put it there.

        Args:
          token: as parsed.
          known: the state that this HSM works under; None while it is empty.

        Raises:
          DomainTokenRejected: not so, or the token does not list this HSM.
        """
        issuer = token.member(token.issuer)
        if issuer is None:
            raise DomainTokenRejected(f"token of issuer {token.issuer}, who is no member")
        if not verify(issuer.signing_public, token.digest, token.signature):
            raise DomainTokenRejected(f"token whose signature is not that of {token.issuer}")
        state = self._unseal(token)
        if known is not None and not _continues(known, state, issuer):
            raise DomainTokenRejected(f"token of issuer {token.issuer}, a stranger to the domain")
        return state

    def _meet(self, members: tuple[HsmIdentity, ...]) -> None:
        """Agree with each member on the key of its envelope, unless that was done before.

        An issuer keeps one ephemeral pair until the membership changes: the keys that it agrees
        on then stay the same, and a daily rotation costs one signature and a few AES calls in
        place of one agreement (250 us) per member. Each envelope still has a nonce of its own,
        and a removed member never learns an envelope key of the others.
        """
        if members == self._sealed_for:
            return
        pair = KeyPair.from_seed(self._drbg.generate(SCALAR_SEED_BYTES))
        try:
            sealing = [
                _envelope_key(pair.agree(one.agreement_public), pair.public, one) for one in members
            ]
        except InvalidPoint as error:
            raise DomainTokenRejected(f"member without a valid agreement key: {error}") from None
        self._sealed_for, self._ephemeral, self._sealing = members, pair.public, tuple(sealing)

    def _unseal(self, token: DomainToken) -> DomainState:
        try:
            place = token.members.index(self.identity)
        except ValueError:
            raise DomainTokenRejected(
                f"token version {token.version} does not list {self.identity.serial}"
            ) from None
        envelope = token.envelopes[place]
        try:
            opening = self._opening_key(token.ephemeral)
            keys = opening.open(envelope[:_IV_BYTES], envelope[_IV_BYTES:], token.header)
        except (InvalidPoint, Unauthentic) as error:
            raise DomainTokenRejected(f"token whose envelope does not open: {error}") from None
        size = DOMAIN_KEY_BYTES
        if len(keys) != size * len(token.numbers):
            raise DomainTokenRejected(f"token with {len(keys)} bytes of domain keys")
        ring = tuple(
            DomainKey(number=number, key=keys[place * size : (place + 1) * size])
            for place, number in enumerate(token.numbers)
        )
        return DomainState(name=token.name, version=token.version, members=token.members, keys=ring)

    def _opening_key(self, ephemeral: bytes) -> Aes256Gcm:
        found = self._opening.get(ephemeral)
        if found is None:
            shared = self._agreement.agree(ephemeral)
            found = _envelope_key(shared, ephemeral, self.identity)
            if len(self._opening) >= ISSUERS_MAX:
                del self._opening[next(iter(self._opening))]
            self._opening[ephemeral] = found
        return found


def _envelope_key(shared: bytes, ephemeral: bytes, member: HsmIdentity) -> Aes256Gcm:
    """Return the key of a member's envelope; both points are bound into it (SP 800-56C)."""
    bound = ephemeral + member.agreement_public + member.serial.encode()
    return Aes256Gcm(derive_key(shared, _ENVELOPE, bound))


def _continues(known: DomainState, state: DomainState, issuer: HsmIdentity) -> bool:
    """Say whether a state comes out of the domain that this HSM knows."""
    if state.name != known.name:
        return False
    if issuer in known.members:
        return True
    own = {one.number: one.key for one in known.keys}
    shared = [one.key == own[one.number] for one in state.keys if one.number in own]
    return bool(shared) and all(shared)
