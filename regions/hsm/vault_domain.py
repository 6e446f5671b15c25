"""The domain half of an HSM's inside: membership, the domain keys, and what they wrap.

What does not belong here: what is done with the keys in tokens (vault.py), and the layout of domain
tokens (domain.py) and key tokens (keytoken.py).
Source: AWS KMS Cryptographic Details, "Domains and domain state".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from regions.crypto.aead import Aes256Gcm, Unauthentic
from regions.crypto.drbg import CtrDrbg
from regions.hsm import keytoken
from regions.hsm.commands import (
    CreateDomain,
    DomainInstalled,
    DomainTokenIssued,
    HsmIdentity,
    InstallDomain,
    Introduce,
    LeaveDomain,
    ModifyMembers,
    Rewrap,
    Rewrapped,
    RotateDomainKey,
)
from regions.hsm.domain import (
    DOMAIN_KEY_BYTES,
    DomainState,
    Member,
    first_state,
    parse_token,
)
from regions.hsm.errors import (
    DomainTokenOutdated,
    DomainTokenRejected,
    HsmNotReady,
    TokenUnreadable,
)
from regions.hsm.kinds import SYMMETRIC_DEFAULT
from regions.hsm.secret_maker import Announce
from sim.wire import Message


class DomainVault:
    """What one HSM keeps of its domain. It starts empty: domain keys arrive by InstallDomain."""

    def __init__(
        self, *, serial: str, drbg: CtrDrbg, announce: Announce, battery: CtrDrbg | None
    ) -> None:
        self._drbg = drbg
        self._announce = announce
        self._member = Member(serial, drbg, battery=battery)
        self._state: DomainState | None = None
        self._installed = b""
        self._wrapping: dict[int, Aes256Gcm] = {}

    @property
    def identity(self) -> HsmIdentity:
        """The public face of this HSM."""
        return self._member.identity

    @property
    def installed(self) -> DomainInstalled:
        """The domain state that this HSM works under.

        Raises:
          HsmNotReady: it has joined no domain.
        """
        state = self._ready()
        return DomainInstalled(version=state.version, active_key=state.active.number)

    def _introduce(self, _: Introduce) -> HsmIdentity:
        return self._member.identity

    def _create(self, command: CreateDomain) -> DomainTokenIssued:
        if self._state is not None:
            raise DomainTokenRejected(f"HSM {self._serial} is in domain {self._state.name} already")
        key = self._new_domain_key()
        return self._issue(first_state(command.name, command.members, key))

    def _rotate(self, command: RotateDomainKey) -> DomainTokenIssued:
        state = self._current(command.token).rotated(self._new_domain_key())
        issued = self._issue(state)
        if not command.tokens:
            return issued
        wrapping = Aes256Gcm(state.active.key)
        tokens = tuple(self._saved(one, state.active.number, wrapping) for one in command.tokens)
        return replace(issued, tokens=tokens)

    def _saved(self, token: bytes, number: int, wrapping: Aes256Gcm) -> bytes:
        """Return a token under another domain key; as it is when it does not open."""
        try:
            return self._wrapped(token, number, wrapping)
        except TokenUnreadable:
            return token  # Damaged: that must not keep others from what they need.

    def _modify(self, command: ModifyMembers) -> DomainTokenIssued:
        return self._issue(self._current(command.token).with_members(command.add, command.remove))

    def _install(self, command: InstallDomain) -> DomainInstalled:
        token = parse_token(command.token)
        if self._state is None or token.version > self._state.version:
            state = self._member.open(token, self._state)
            # Expanding a key costs more than looking it up, and six of seven stay the same.
            held = {one.number: one.key for one in self._state.keys} if self._state else {}
            self._wrapping = {
                one.number: self._wrapping[one.number]
                if held.get(one.number) == one.key
                else Aes256Gcm(one.key)
                for one in state.keys
            }
            self._state, self._installed = state, command.token
        return self.installed

    def _leave(self, _: LeaveDomain) -> HsmIdentity:
        self._state, self._installed, self._wrapping = None, b"", {}
        return self._member.identity

    def _current(self, token: bytes) -> DomainState:
        """Return the state that a management command starts from.

        The host may hold a newer token than this HSM has installed, never an older one: a change
        made from an old state would undo later ones.
        """
        own = self._ready()
        if token == self._installed:
            return own
        parsed = parse_token(token)
        if parsed.version < own.version:
            raise DomainTokenOutdated(
                f"token version {parsed.version} is older than version {own.version}"
            )
        return self._member.open(parsed, own)

    def _issue(self, state: DomainState) -> DomainTokenIssued:
        serials = tuple(one.serial for one in state.members)
        if self._member.identity not in state.members:
            raise DomainTokenRejected(f"issuer {self._serial} would not be a member")
        return DomainTokenIssued(
            token=self._member.export(state),
            version=state.version,
            active_key=state.active.number,
            members=serials,
        )

    def _new_domain_key(self) -> bytes:
        key = self._drbg.generate(DOMAIN_KEY_BYTES)
        self._announce("domain-key", key)
        return key

    def domain_key(self, number: int | None = None) -> tuple[int, Aes256Gcm] | None:
        """Return a domain key, by default the active one; None if it is not kept."""
        active = self._ready().active.number
        wanted = active if number is None else number
        found = self._wrapping.get(wanted)
        return None if found is None else (wanted, found)

    def _rewrap(self, command: Rewrap) -> Rewrapped:
        active = self._ready().active.number
        wrapping = self._wrapping[active]
        tokens = tuple(self._saved(token, active, wrapping) for token in command.tokens)
        return Rewrapped(tokens=tokens, active_key=active)

    def _wrapped(self, token: bytes, number: int, wrapping: Aes256Gcm) -> bytes:
        """Return a token under a domain key.

        A job may repeat a batch: what is wrapped under that key already stays, byte for byte.
        """
        material = self._open(token)
        if keytoken.number_of(token) == number:
            return token
        return keytoken.seal(
            material,
            number=number,
            domain_key=wrapping,
            hbk_id=keytoken.hbk_id(token),
            key_id=keytoken.key_id(token),
            iv=self._drbg.generate(keytoken.IV_BYTES),
            spec=keytoken.spec(token) or SYMMETRIC_DEFAULT,
        )

    @property
    def _serial(self) -> str:
        return self._member.identity.serial

    def _ready(self) -> DomainState:
        if self._state is None:
            raise HsmNotReady(f"HSM {self._serial} has joined no domain")
        return self._state

    def _open(self, token: bytes) -> bytes:
        """Return the backing key of a key token."""
        state = self._ready()
        number = keytoken.number_of(token)
        if number is None:
            raise TokenUnreadable(f"token of {len(token)} bytes is no key token")
        domain_key = self._wrapping.get(number)
        if domain_key is None:
            held = f"{state.keys[0].number}–{state.active.number}"
            raise TokenUnreadable(f"token under domain key {number}, held are {held}")
        try:
            return keytoken.unseal(token, domain_key)
        except Unauthentic:
            raise TokenUnreadable(f"token under domain key {number} is damaged") from None

    #: Which method carries out which command.
    handlers: ClassVar[dict[type[Message], Callable[[Any, Any], Message]]] = {
        Introduce: _introduce,
        CreateDomain: _create,
        RotateDomainKey: _rotate,
        ModifyMembers: _modify,
        InstallDomain: _install,
        LeaveDomain: _leave,
        Rewrap: _rewrap,
    }
