"""What goes on inside one HSM: every command, from wrapped tokens to wrapped tokens.

A backing key is in the clear only while one command runs; the domain keys stay in this object,
which dies with the power. What does not belong here: time, queues and messages (hsm.py), who may
use a key (kms/), or the layout of tokens (keytoken.py, domain.py) and blobs (kms/blob.py).
Source: AWS KMS Cryptographic Details, "Customer data operations", "Domains and domain state".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Final

from regions.crypto.aead import Aes256Gcm, Unauthentic
from regions.crypto.drbg import CtrDrbg
from regions.crypto.envelope import CHANCE_BYTES, seal_for
from regions.crypto.kdf import derive_key
from regions.crypto.rsa import RsaKey
from regions.hsm import keytoken, keywork
from regions.hsm.commands import (
    CreateDomain,
    DomainInstalled,
    DomainTokenIssued,
    GenerateKey,
    HsmBlob,
    HsmDataKey,
    HsmDataKeyMade,
    HsmDecrypt,
    HsmEncrypt,
    HsmIdentity,
    HsmPlaintext,
    HsmRandom,
    HsmReEncrypt,
    HsmSealedFor,
    HsmSealFor,
    InstallDomain,
    Introduce,
    KeyToken,
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
    HsmCiphertextInvalid,
    HsmNotReady,
    TokenUnreadable,
)
from regions.hsm.exchange import EXCHANGES
from regions.hsm.importing import IMPORTS
from regions.hsm.key_commands import (
    HsmCiphertext,
    HsmConvert,
    HsmDataKeyPair,
    HsmDataKeyPairMade,
    HsmEncapsulated,
    HsmSigned,
)
from regions.hsm.kinds import KINDS, SYMMETRIC_DEFAULT
from regions.hsm.secret_maker import Announce, SecretMaker
from regions.kms import blob as blobs
from sim.quick import changed
from sim.wire import Message

#: AWS KMS API Reference, GenerateDataKey and GenerateRandom: NumberOfBytes 1–1024.
RANDOM_BYTES_MAX: Final = 1024

_NONCE_BYTES: Final = blobs.NONCE_BYTES
#: Each encryption draws its derivation nonce and its GCM nonce at once.
_DRAW_BYTES: Final = blobs.NONCE_BYTES + blobs.IV_BYTES
_ENCRYPT: Final = b"kms encrypt"

#: What an answer calls the bytes that are for its caller alone.
SECRET_FIELDS: Final = ("plaintext", "secret")


class Vault:
    """One HSM's volatile inside. It starts empty: domain keys arrive by InstallDomain.

    Args:
      serial: unique among all HSMs and power-ons.
      drbg: the generator of all keys and nonces made here.
      announce: told of each secret as it comes into being, as ``announce(kind, secret)`` with
        kind ``backing-key``, ``domain-key`` or ``data-key``.
      veil: told of each result with chance in it that is not the generator's, before it leaves.
      battery: the generator of the identity keys, if they outlive power cycles.
    """

    def __init__(
        self,
        *,
        serial: str,
        drbg: CtrDrbg,
        announce: Announce,
        veil: Callable[[bytes], None] | None = None,
        battery: CtrDrbg | None = None,
    ) -> None:
        self._drbg = drbg
        self._announce = announce
        self._veil = veil
        self.maker: Final = SecretMaker(drbg, announce)
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

    def execute(self, command: Message) -> Message:
        """Carry out one command of commands.py and return its answer.

        Raises:
          HsmNotReady: a command that needs domain keys, before this HSM joined a domain.
          HsmCiphertextInvalid: a blob does not open.
          TokenUnreadable: a key token does not open.
          DomainTokenRejected: a domain command does not hold.
        """
        return self.handlers[type(command)](self, command)

    # Domain commands.

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
            return token  # Damaged: that must not keep the domain key from rotating.

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

    # Key commands.

    def _generate(self, command: GenerateKey) -> KeyToken:
        return self.fresh(command.key_id, command.spec)

    def fresh(self, key_id: str, spec: str = SYMMETRIC_DEFAULT) -> KeyToken:
        """Make a backing key and return its key token."""
        self._ready()
        return self.keep(self.maker.make(spec, "backing-key"), key_id, spec)

    def keep(self, material: bytes, key_id: str, spec: str) -> KeyToken:
        """Return the key token of a backing key under the active domain key."""
        active = self._ready().active.number
        hbk_id = keytoken.hbk_id_of(key_id, material)
        token = keytoken.seal(
            material,
            number=active,
            domain_key=self._wrapping[active],
            hbk_id=hbk_id,
            key_id=key_id.encode("ascii"),
            iv=self._drbg.generate(keytoken.IV_BYTES),
            spec=spec,
        )
        # Not secret, but it may not leave the region either: checkers look for it at the border.
        self._announce("key-token", token)
        return KeyToken(hbk_id=hbk_id, token=token, material_id=hbk_id.hex())

    def open(self, token: bytes) -> bytes:
        """Return the backing key of a key token; only what goes on in here may ask.

        Raises:
          TokenUnreadable: it does not open.
        """
        return self._open(token)

    def draw(self, size: int) -> bytes:
        """Return random bytes."""
        return self._drbg.generate(size)

    def domain_key(self, number: int | None = None) -> tuple[int, Aes256Gcm] | None:
        """Return a domain key, by default the active one; None if it is not kept."""
        wanted = self._ready().active.number if number is None else number
        self._ready()
        found = self._wrapping.get(wanted)
        return None if found is None else (wanted, found)

    def wrapping_key(self, spec: str) -> RsaKey:
        """Make an RSA key for the material of an owner."""
        return RsaKey.from_secret(self.maker.make(spec, "backing-key"))

    def announce(self, kind: str, secret: bytes) -> None:
        """Tell checkers of a secret."""
        self._announce(kind, secret)

    def _import(self, command: Message) -> Message:
        return IMPORTS[type(command)](self, command)

    def _exchange(self, command: Message) -> Message:
        return EXCHANGES[type(command)](self, command)

    def _rewrap(self, command: Rewrap) -> Rewrapped:
        active = self._ready().active.number
        wrapping = self._wrapping[active]
        tokens = tuple(self._wrapped(token, active, wrapping) for token in command.tokens)
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

    def _encrypt(self, command: HsmEncrypt) -> HsmBlob:
        drawn = self._drbg.generate(_DRAW_BYTES)
        return HsmBlob(
            blob=self._seal(
                command.plaintext,
                command.token,
                command.region,
                command.key_id,
                command.context,
                drawn,
            )
        )

    def _decrypt(self, command: HsmDecrypt) -> HsmPlaintext:
        return HsmPlaintext(plaintext=self._unseal(command.blob, command.token, command.context))

    def _data_key(self, command: HsmDataKey) -> HsmDataKeyMade:
        size = command.number_of_bytes
        assert 1 <= size <= RANDOM_BYTES_MAX, f"data key of {size} bytes"
        drawn = self._drbg.generate(size + _DRAW_BYTES)
        plaintext = drawn[:size]
        blob = self._seal(
            plaintext,
            command.token,
            command.region,
            command.key_id,
            command.context,
            drawn[size:],
        )
        self._announce("data-key", plaintext)
        return HsmDataKeyMade(plaintext=plaintext if command.with_plaintext else b"", blob=blob)

    def _re_encrypt(self, command: HsmReEncrypt) -> HsmBlob:
        plaintext = self._unseal(command.blob, command.source_token, command.source_context)
        drawn = self._drbg.generate(_DRAW_BYTES)
        return HsmBlob(
            blob=self._seal(
                plaintext,
                command.token,
                command.region,
                command.key_id,
                command.context,
                drawn,
            )
        )

    def _work(self, command: Any) -> Message:
        """Carry out a command of key_commands.py that needs one key."""
        secret = self._open(command.token)
        spec = keytoken.spec(command.token)
        assert spec is not None, "_open() has read it"
        answer = keywork.WORK[type(command)](spec, secret, command, self._drbg.generate)
        if isinstance(answer, HsmEncapsulated):
            self._hide(answer.secret, answer.ciphertext)
            self._announce("data-key", answer.secret)
        elif isinstance(answer, HsmSigned) and KINDS[spec].family == "ml-dsa":
            self._hide(answer.signature)
        return answer

    def _hide(self, *values: bytes) -> None:
        """Veil what the library has drawn the chance of."""
        if self._veil is not None:
            for value in values:
                self._veil(value)

    def _data_key_pair(self, command: HsmDataKeyPair) -> HsmDataKeyPairMade:
        self._ready()
        secret = self.maker.make(command.spec, "data-key")
        pair = keywork.opened(command.spec, secret)
        private = pair.private_der()
        drawn = self._drbg.generate(_DRAW_BYTES)
        blob = self._seal(
            private, command.token, command.region, command.key_id, command.context, drawn
        )
        return HsmDataKeyPairMade(
            plaintext=private if command.with_plaintext else b"",
            blob=blob,
            public_key=pair.public_der(),
        )

    def _convert(self, command: HsmConvert) -> HsmBlob | HsmCiphertext:
        source, algorithm = command.source_token, command.source_algorithm
        if keytoken.spec(source) == SYMMETRIC_DEFAULT:
            content = self._unseal(command.source_ciphertext, source, command.source_context)
        else:
            content = keywork.rsa_decrypt(
                keytoken.spec(source) or "",
                self._open(source),
                algorithm,
                command.source_ciphertext,
            )
        spec, draw = keytoken.spec(command.token), self._drbg.generate
        if spec != SYMMETRIC_DEFAULT:
            secret = self._open(command.token)
            return keywork.rsa_encrypt(spec or "", secret, command.algorithm, content, draw)
        drawn = draw(_DRAW_BYTES)
        return HsmBlob(
            blob=self._seal(
                content, command.token, command.region, command.key_id, command.context, drawn
            )
        )

    def _random(self, command: HsmRandom) -> HsmPlaintext:
        self._ready()
        assert 1 <= command.number_of_bytes <= RANDOM_BYTES_MAX
        return HsmPlaintext(plaintext=self._drbg.generate(command.number_of_bytes))

    def _seal_for(self, command: HsmSealFor) -> HsmSealedFor:
        reply: Any = self.execute(command.command)
        [name] = [one for one in SECRET_FIELDS if hasattr(reply, one)]
        chance = self._drbg.generate(CHANCE_BYTES)
        envelope = seal_for(command.public_key, getattr(reply, name), chance)
        return HsmSealedFor(reply=changed(reply, **{name: b""}), envelope=envelope)

    # Inside.

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

    def _open_symmetric(self, token: bytes) -> bytes:
        material = self._open(token)
        if keytoken.spec(token) != SYMMETRIC_DEFAULT:
            raise TokenUnreadable(f"token of kind {keytoken.spec(token)} seals no blobs")
        return material

    def _seal(
        self, plaintext: bytes, token: bytes, region: str, key_id: str, context: bytes, drawn: bytes
    ) -> bytes:
        """Return the blob of a plaintext, under a key derived for this one call."""
        assert 1 <= len(plaintext) <= blobs.PLAINTEXT_BYTES_MAX, f"{len(plaintext)} bytes"
        material = self._open_symmetric(token)
        if keytoken.key_id(token) != key_id.encode("ascii"):
            raise TokenUnreadable(f"token belongs to another key than {key_id}")
        nonce, iv = drawn[:_NONCE_BYTES], drawn[_NONCE_BYTES:]
        header = blobs.header(
            region=region, key_id=key_id, hbk_id=keytoken.hbk_id(token), nonce=nonce, iv=iv
        )
        once = Aes256Gcm(derive_key(material, _ENCRYPT, nonce))
        return header + once.seal(iv, plaintext, header + context)

    def _unseal(self, blob: bytes, token: bytes, context: bytes) -> bytes:
        """Return the plaintext of a blob."""
        material = self._open_symmetric(token)
        try:
            parts = blobs.parse(blob)
        except blobs.InvalidBlob:
            raise HsmCiphertextInvalid from None
        # GCM alone would let a crafted blob open under two keys; the header commits it to one.
        named = (parts.key_id.encode("ascii"), parts.hbk_id)
        if named != (keytoken.key_id(token), keytoken.hbk_id(token)):
            raise HsmCiphertextInvalid
        once = Aes256Gcm(derive_key(material, _ENCRYPT, parts.nonce))
        try:
            return once.open(parts.iv, parts.sealed, parts.header + context)
        except Unauthentic:
            raise HsmCiphertextInvalid from None

    #: Which method carries out which command.
    handlers: ClassVar[dict[type[Message], Callable[[Any, Any], Message]]] = {
        Introduce: _introduce,
        CreateDomain: _create,
        RotateDomainKey: _rotate,
        ModifyMembers: _modify,
        InstallDomain: _install,
        LeaveDomain: _leave,
        GenerateKey: _generate,
        Rewrap: _rewrap,
        HsmEncrypt: _encrypt,
        HsmDecrypt: _decrypt,
        HsmDataKey: _data_key,
        HsmReEncrypt: _re_encrypt,
        HsmRandom: _random,
        **dict.fromkeys(EXCHANGES, _exchange),
        **dict.fromkeys(IMPORTS, _import),
        **dict.fromkeys(keywork.WORK, _work),
        HsmDataKeyPair: _data_key_pair,
        HsmConvert: _convert,
        HsmSealFor: _seal_for,
    }


#: Every command that an HSM takes.
COMMANDS: Final = tuple(Vault.handlers)
