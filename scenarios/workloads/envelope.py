"""Applications that use envelope encryption all day.

Each client makes a key of its own, fetches data keys, encrypts locally, and later asks for the
data key back and checks what it opens; now and then it does what else applications do, and
sometimes somebody without permission tries.
What does not belong here: retries and timeouts (sdk.py).
Source: AWS KMS Developer Guide, "Envelope encryption"; the mix is chosen: data keys and
decryption make up most of real KMS traffic.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from regions.calls import Principal
from regions.crypto.aead import KEY_BYTES, Aes256Gcm, Unauthentic
from regions.errors import NotFoundException, ServiceError
from scenarios.witness import Keepsake, digest
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.units import ms, seconds

#: Envelopes that a client remembers; chosen.
_REMEMBERED: Final = 64
_IV: Final = bytes(12)  # Each data key encrypts one document, so one nonce is enough.
_DOCUMENT_BYTES: Final = 256
_VISIBLE_TRIES: Final = 40
_VISIBLE_RETRY_NS: Final = ms(500)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSettings(CallerSettings):
    """How busy a client is."""

    think_ns: int = seconds(4)  #: mean time between two actions; exponential
    intruder: Principal | None = None  #: someone without permission


@dataclass(frozen=True, slots=True)
class _Envelope:
    blob: bytes
    context: dict[str, str]
    sealed: bytes  #: the document under the data key
    plaintext_digest: bytes


def _open_document(data_key: bytes, sealed: bytes) -> bytes:
    """Open a document locally; empty when the data key is not the one it was sealed with."""
    if len(data_key) != KEY_BYTES:
        return b""
    try:
        return Aes256Gcm(data_key).open(_IV, sealed, b"")
    except Unauthentic:
        return b""


class EnvelopeClient(SdkClient):
    """Applications that make data keys, encrypt locally, and decrypt later."""

    Settings: ClassVar[type[Any] | None] = EnvelopeSettings

    @classmethod
    def equip(cls, settings: EnvelopeSettings, stranger: Principal) -> EnvelopeSettings:
        """Return settings with someone who tries without permission."""
        return replace(settings, intruder=stranger)

    def start(self) -> None:
        """Begin the working day."""
        self._key_id = ""
        self._spare_ids: list[str] = []  #: keys besides the one that everything is sealed under
        self._envelopes: deque[_Envelope] = deque(maxlen=_REMEMBERED)
        self._count = 0
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: EnvelopeSettings = self.config.settings
        dice = self.rng("day")
        await self.sleep(int(dice.random() * settings.think_ns))
        while not self._key_id and self._open_for_business():
            try:
                await self._make_key()
            except (Unavailable, ServiceError):
                await self.sleep(seconds(5))
        actions = (
            *[self._seal] * 27,
            *[self._open] * 24,
            *[self._small_secret] * 3,
            *[self._reencrypt] * 3,
            *[self._look_around] * 3,
            *[self._without_plaintext] * 3,
            *[self._intrude] * 3,
            self._make_key,
            self._switch_off_and_on,
            self._repent,
        )
        while self._open_for_business():
            action = dice.choice(actions)
            if self.wanted():
                with suppress(Unavailable, ServiceError):  # The history has it; life goes on.
                    await action()
            await self.sleep(int(dice.expovariate(1 / settings.think_ns)))

    def _open_for_business(self) -> bool:
        return self.kernel.clock.now_ns < self.config.stop_ns

    def _context(self) -> dict[str, str]:
        self._count += 1
        return {"app": self.name.rpartition("/")[2], "document": str(self._count)}

    async def _make_key(self) -> None:
        made = await self.api("CreateKey", {"Description": f"documents of {self.name}"})
        key_id = made["KeyMetadata"]["KeyId"]
        self.config.witness.key_acknowledged(
            self.config.region, key_id, self.kernel.clock.now_ns
        )
        if self._key_id:
            self._spare_ids.append(key_id)
        else:
            # Its own from now on, whatever becomes of the calls below.
            self._key_id = key_id
            alias = "alias/" + self.name.rpartition("/")[2]
            await self._once_visible("CreateAlias", {"AliasName": alias, "TargetKeyId": key_id})
        context = self._context()
        secret = self.rng("secret").randbytes(32)
        parameters = {"KeyId": key_id, "Plaintext": secret, "EncryptionContext": context}
        sealed = await self._once_visible("Encrypt", parameters)
        self.config.witness.keepsakes.append(
            Keepsake(
                region=self.config.region,
                key_id=key_id,
                principal=self.config.principal,
                blob=sealed["CiphertextBlob"],
                context=context,
                plaintext_digest=digest(secret),
            )
        )

    async def _once_visible(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Call until the new key is known everywhere: the service is eventually consistent."""
        for _ in range(_VISIBLE_TRIES):
            try:
                return await self.api(action, parameters)
            except NotFoundException:
                await self.sleep(_VISIBLE_RETRY_NS)
        return await self.api(action, parameters)

    async def _seal(self) -> None:
        context = self._context()
        answer = await self.api(
            "GenerateDataKey",
            {"KeyId": self._key_id, "KeySpec": "AES_256", "EncryptionContext": context},
        )
        document = self.rng("document").randbytes(_DOCUMENT_BYTES)
        sealed = Aes256Gcm(answer["Plaintext"]).seal(_IV, document, b"")
        self._envelopes.append(
            _Envelope(answer["CiphertextBlob"], context, sealed, digest(document))
        )

    async def _open(self) -> None:
        if not self._envelopes:
            await self._seal()
            return
        envelope = self.rng("open").choice(self._envelopes)
        parameters = {"CiphertextBlob": envelope.blob, "EncryptionContext": envelope.context}
        answer = await self.api("Decrypt", parameters)
        self.config.witness.compare(
            self.kernel.clock.now_ns,
            f"Decrypt for {self.name}",
            envelope.plaintext_digest,
            _open_document(answer["Plaintext"], envelope.sealed),
        )

    async def _small_secret(self) -> None:
        context, secret = self._context(), self.rng("secret").randbytes(24)
        sealed = await self.api(
            "Encrypt",
            {"KeyId": self._key_id, "Plaintext": secret, "EncryptionContext": context},
        )
        parameters = {"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": context}
        answer = await self.api("Decrypt", parameters)
        self.config.witness.compare(
            self.kernel.clock.now_ns,
            f"Decrypt for {self.name}",
            digest(secret),
            answer["Plaintext"],
        )

    async def _reencrypt(self) -> None:
        if not self._envelopes:
            return
        old = self._envelopes.popleft()
        context = self._context()
        answer = await self.api(
            "ReEncrypt",
            {
                "CiphertextBlob": old.blob,
                "SourceEncryptionContext": old.context,
                "DestinationKeyId": self._key_id,
                "DestinationEncryptionContext": context,
            },
        )
        self._envelopes.append(
            _Envelope(answer["CiphertextBlob"], context, old.sealed, old.plaintext_digest)
        )

    async def _look_around(self) -> None:
        alias = "alias/" + self.name.rpartition("/")[2]
        await self.api("DescribeKey", {"KeyId": alias})
        await self.api("ListAliases", {"KeyId": self._key_id})
        await self.api("GenerateRandom", {"NumberOfBytes": 32})

    async def _without_plaintext(self) -> None:
        await self.api(
            "GenerateDataKeyWithoutPlaintext",
            {"KeyId": self._key_id, "KeySpec": "AES_256", "EncryptionContext": self._context()},
        )

    async def _switch_off_and_on(self) -> None:
        if self._spare_ids:
            spare = {"KeyId": self._spare_ids[-1]}
            await self.api("DisableKey", spare)
            await self.api("EnableKey", spare)

    async def _repent(self) -> None:
        """Schedule a key's deletion, and think better of it."""
        if self._spare_ids:
            spare = {"KeyId": self._spare_ids[-1]}
            await self.api("ScheduleKeyDeletion", {**spare, "PendingWindowInDays": 30})
            await self.api("CancelKeyDeletion", spare)
            await self.api("EnableKey", spare)

    async def _intrude(self) -> None:
        intruder = self.config.settings.intruder
        if intruder is not None and self._envelopes:
            envelope = self._envelopes[-1]
            parameters = {"CiphertextBlob": envelope.blob, "EncryptionContext": envelope.context}
            await self.api("Decrypt", parameters, principal=intruder)
