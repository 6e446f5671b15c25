"""What goes on inside one HSM: every command, from wrapped tokens to wrapped tokens.

A backing key is in the clear only while one command runs; the domain keys stay in this object,
which dies with the power. What does not belong here: time, queues and messages (hsm.py), who may
use a key (kms/), or the layout of tokens (keytoken.py, domain.py) and blobs (kms/blob.py).
Source: AWS KMS Cryptographic Details, "Customer data operations", "Domains and domain state".
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from regions.crypto.aead import Aes256Gcm, Unauthentic
from regions.crypto.drbg import CtrDrbg
from regions.crypto.envelope import CHANCE_BYTES, seal_for
from regions.crypto.kdf import derive_key
from regions.crypto.rsa import RsaKey
from regions.crypto.stock import Stock
from regions.hsm import keytoken, keywork
from regions.hsm.commands import (
    GenerateKey,
    HsmBlob,
    HsmDataKey,
    HsmDataKeyMade,
    HsmDecrypt,
    HsmEncrypt,
    HsmPlaintext,
    HsmRandom,
    HsmReEncrypt,
    HsmSealedFor,
    HsmSealFor,
    KeyToken,
)
from regions.hsm.errors import (
    HsmCiphertextInvalid,
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
from regions.hsm.vault_domain import DomainVault
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


class Vault(DomainVault):
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
        super().__init__(serial=serial, drbg=drbg, announce=announce, battery=battery)
        self._veil = veil
        #: Of nonces of blobs: whoever has a blob sees them.
        self._nonces: Final = Stock(drbg.generate)
        self.maker: Final = SecretMaker(drbg, announce)

    def execute(self, command: Message) -> Message:
        """Carry out one command of commands.py and return its answer.

        Raises:
          HsmNotReady: a command that needs domain keys, before this HSM joined a domain.
          HsmCiphertextInvalid: a blob does not open.
          TokenUnreadable: a key token does not open.
          DomainTokenRejected: a domain command does not hold.
        """
        return self.handlers[type(command)](self, command)

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

    def _encrypt(self, command: HsmEncrypt) -> HsmBlob:
        drawn = self._nonces.draw(_DRAW_BYTES)
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
        drawn = self._nonces.draw(_DRAW_BYTES)
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
        drawn = self._nonces.draw(_DRAW_BYTES)
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
        drawn = self._nonces.draw(_DRAW_BYTES)
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
        **DomainVault.handlers,
        GenerateKey: _generate,
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
