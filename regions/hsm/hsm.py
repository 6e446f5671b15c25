"""The HSM actor: takes a command, spends its time, lets the vault answer.

The only actor that ever holds a plaintext key. What does not belong here: what commands do
(vault.py), and who carries domain tokens between HSMs (the availability zone and the operator).
Ailments: ``tampered``, ``misses-tokens`` and ``gray`` of regions/ailments.py.
Source: AWS KMS Cryptographic Details, "Domains and domain state" and "Durability protection":
an HSM's memory is volatile; offline HSMs in safes keep their identity while powered down.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.ailments import DEVICE, GRAY, MISSES_TOKENS, TAMPERED
from regions.crypto.drbg import REQUESTS_PER_SEED_MAX, CtrDrbg
from regions.crypto.rsa import Primes, find_primes
from regions.hsm.commands import (
    CreateDomain,
    DomainInstalled,
    DomainTokenIssued,
    GenerateKey,
    HsmDataKey,
    HsmDecrypt,
    HsmEncrypt,
    HsmReEncrypt,
    HsmSealFor,
    InstallDomain,
    Introduce,
    ModifyMembers,
    Rewrap,
    RotateDomainKey,
)
from regions.hsm.errors import HsmTampered
from regions.hsm.exchange import EXCHANGES
from regions.hsm.importing import IMPORTS
from regions.hsm.key_commands import HsmConvert, HsmDataKeyPair
from regions.hsm.keywork import WORK
from regions.hsm.rsa_stock import RsaStock, bits_wanted
from regions.hsm.vault import Vault
from regions.messages import HsmUp
from sim.actor import Actor, Request
from sim.units import ms, us
from sim.wire import Message

#: Command to the time in the configuration that it takes; all others take ``data_ns``.
_TIMES: Final[dict[type[Message], str]] = {
    Introduce: "introduce_ns",
    GenerateKey: "generate_ns",
    # They sign, verify or agree on P-384.
    **dict.fromkeys((CreateDomain, RotateDomainKey, ModifyMembers, InstallDomain), "elliptic_ns"),
    **dict.fromkeys(EXCHANGES, "elliptic_ns"),
    **dict.fromkeys((*WORK, *IMPORTS, HsmDataKeyPair, HsmConvert), "key_pair_ns"),
}
#: Answers that tell of a domain's state.
_STATES: Final = (DomainTokenIssued, DomainInstalled)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmConfig:
    """How one HSM is built.

    No vendor publishes per-command times of the KMS module. All are chosen: small beside the
    3–10 ms that a whole call takes, and in the order of what network HSMs are sold with
    (thousands of AES and hundreds of P-384 operations a second).
    """

    offline: bool = False  #: kept in a safe: its identity outlives power cycles, its domain not
    host: str = ""  #: who is told of each power-on: the AZ actor, or the operator of a safe
    requests_per_seed: int = REQUESTS_PER_SEED_MAX  #: then its generator draws new entropy
    introduce_ns: int = us(100)
    data_ns: int = us(250)  #: Encrypt, Decrypt, data keys, ReEncrypt, random
    generate_ns: int = us(500)
    rewrap_ns: int = us(50)  #: per token
    elliptic_ns: int = ms(2)  #: a domain command
    key_pair_ns: int = ms(2)  #: a command on an asymmetric or HMAC key
    rsa_2048_ns: int = ms(150)  #: the search for the primes of one key
    rsa_3072_ns: int = ms(500)
    rsa_4096_ns: int = ms(1_500)


class Hsm(Actor):
    """One hardware security module. It starts empty: domain keys arrive by InstallDomain.

    A power cut takes all it knew. An online HSM wakes as a new one, with a new serial
    ``NAME#INCARNATION``; an offline one is still ``NAME`` and can open domain tokens that were
    made for it before. One that noticed tampering has erased even that: what stands there after
    its service is a new device, ``NAME#DEVICE`` in a safe.
    """

    kind: ClassVar[str] = "hsm"
    workers: ClassVar[int] = 4  # chosen

    config: HsmConfig
    _vault: Vault | None = None  #: None once it was tampered with
    _stock: RsaStock

    def start(self) -> None:
        """Make the identity of this incarnation; an erased HSM makes none and greets nobody."""
        if TAMPERED in self.cell.ails:
            return
        device = self.cell.ails.get(DEVICE, 0)
        lasts = self.config.offline or self.resumes
        number = device if lasts else self.incarnation
        serial = f"{self.name}#{number}" if number else self.name
        battery = None
        if lasts:
            # Battery-backed: drawn from what does not know the incarnation. Nonces and new keys
            # still come from the incarnation's own, so that none repeats.
            battery = CtrDrbg(self.battery("battery", serial))
        drbg = CtrDrbg(
            self.entropy("drbg"),
            requests_per_seed=self.config.requests_per_seed,
            personalization=hashlib.sha384(serial.encode()).digest(),
        )
        self._vault = Vault(
            serial=serial, drbg=drbg, announce=self.announce, veil=self.veil, battery=battery
        )
        config, seed = self.config, self._vault.maker.prime_seed
        self._stock = RsaStock(
            lambda bits: self.aside(find_primes, bits, seed()),
            {2048: config.rsa_2048_ns, 3072: config.rsa_3072_ns, 4096: config.rsa_4096_ns},
        )
        self._greet()

    def _greet(self) -> None:
        assert self._vault is not None, "an erased HSM greets nobody"
        if self.config.host:
            self.send(self.config.host, HsmUp(serial=self._vault.identity.serial))

    def on_ail(self, ailment: str, value: Any) -> None:
        """Erase everything when tampered with; ask for what was missed when that is over."""
        if ailment == TAMPERED and value is not None:
            self._vault = None
        elif ailment == MISSES_TOKENS and value is None and self._vault is not None:
            self._greet()

    async def serve(self, request: Request) -> None:
        """Spend the command's time, then answer it; a gray HSM may lose it."""
        ails = self.cell.ails
        service_ns = self._service_ns(request.body)
        grayed_ns = self._grayed_ns(service_ns, request.body) if ails else service_ns
        if grayed_ns is None:
            request.lose()
            return
        bits = bits_wanted(request.body)
        primes = await self._primes(bits) if bits and self._vault is not None else None
        await self.work(grayed_ns)
        if self._vault is None:
            raise HsmTampered(f"HSM {self.name} was tampered with and holds nothing")
        if MISSES_TOKENS in ails and isinstance(request.body, InstallDomain):
            request.reply(self._vault.installed)
            return
        if primes is not None:
            self._vault.maker.stock(primes)
        answer = self._vault.execute(request.body)
        if isinstance(answer, _STATES):
            self.note(type(answer).__name__, version=answer.version, active_key=answer.active_key)
        request.reply(answer)

    async def _primes(self, bits: int) -> Primes:
        """Take primes that were found ahead, or wait until they are."""
        coming = self._stock.take(bits, self.now_ns)
        if coming.ready_ns > self.now_ns:
            await self.sleep(coming.ready_ns - self.now_ns)
        primes: Primes = await coming.search.result()
        return primes

    def _grayed_ns(self, service_ns: int, command: Message) -> int | None:
        """Return the time of a command on an HSM that is not well; None: it loses the command."""
        factor, lost = 1.0, False
        for gray in self.cell.ails.get(GRAY, ()):
            hit = gray.share >= 1 or self.rng("fault", "gray").random() < gray.share
            if hit and _carried_bytes(command) >= gray.at_least:
                factor *= 1.0 if gray.lossy else gray.factor
                lost = lost or gray.lossy
        return None if lost else int(service_ns * factor)

    def _service_ns(self, command: Message) -> int:
        config = self.config
        if isinstance(command, HsmSealFor):
            return config.data_ns + self._service_ns(command.command)
        if isinstance(command, Rewrap):
            return config.rewrap_ns * len(command.tokens)
        service_ns: int = getattr(config, _TIMES.get(type(command), "data_ns"))
        return service_ns


def _carried_bytes(command: Message) -> int:
    """Return how much data of its caller a command works on."""
    if isinstance(command, HsmSealFor):
        return _carried_bytes(command.command)
    if isinstance(command, HsmEncrypt):
        return len(command.plaintext)
    if isinstance(command, HsmDecrypt | HsmReEncrypt):
        return len(command.blob)
    if isinstance(command, HsmDataKey):
        return command.number_of_bytes
    if isinstance(command, Rewrap):
        return sum(len(token) for token in command.tokens)
    return 0
