"""The HSM actor: takes a command, spends its time, lets the vault answer.

The only actor that ever holds a plaintext key. What does not belong here: what commands do
(vault.py), and who carries domain tokens between HSMs (the availability zone and the operator).
Source: AWS KMS Cryptographic Details, "Domains and domain state" and "Durability protection":
an HSM's memory is volatile; offline HSMs in safes keep their identity while powered down.
"""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Final

from regions.crypto.drbg import CtrDrbg
from regions.hsm.commands import (
    CreateDomain,
    DomainInstalled,
    DomainTokenIssued,
    GenerateKey,
    InstallDomain,
    Introduce,
    ModifyMembers,
    Rewrap,
    RotateDomainKey,
)
from regions.hsm.vault import Vault
from regions.messages import HsmUp
from sim.actor import Actor, Request
from sim.rng import stream
from sim.units import ms, us
from sim.wire import Message

#: Commands that sign, verify or agree on P-384.
_ELLIPTIC: Final = (CreateDomain, RotateDomainKey, ModifyMembers, InstallDomain)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmConfig:
    """How one HSM is built.

    No vendor publishes per-command times of the KMS module. All are chosen: small beside the
    3–10 ms that a whole call takes, and in the order of what network HSMs are sold with
    (thousands of AES and hundreds of P-384 operations a second).
    """

    offline: bool = False  #: kept in a safe: its identity outlives power cycles, its domain not
    host: str = ""  #: the AZ actor that is told of each power-on; "" for an HSM in a safe
    introduce_ns: int = us(100)
    data_ns: int = us(250)  #: Encrypt, Decrypt, data keys, ReEncrypt, random
    generate_ns: int = us(500)
    rewrap_ns: int = us(50)  #: per token
    elliptic_ns: int = ms(2)  #: a domain command


class Hsm(Actor):
    """One hardware security module. It starts empty: domain keys arrive by InstallDomain.

    A power cut takes all it knew. An online HSM wakes as a new one, with a new serial
    ``NAME#INCARNATION``; an offline one is still ``NAME`` and can open domain tokens that were
    made for it before.
    """

    kind: ClassVar[str] = "hsm"
    workers: ClassVar[int] = 4  # chosen

    config: HsmConfig
    _vault: Vault

    def start(self) -> None:
        """Make the identity of this incarnation."""
        serial = self.name if self.config.offline else f"{self.name}#{self.incarnation}"
        battery = None
        if self.config.offline:
            # Battery-backed: drawn from a stream that does not know the incarnation. Nonces and
            # new keys still come from the incarnation's own, so that none repeats.
            lasting = stream(self.kernel.seed, "battery", self.name)
            battery = CtrDrbg(lasting.randbytes)
        drbg = CtrDrbg(
            self.rng("drbg").randbytes,
            personalization=hashlib.sha384(serial.encode()).digest(),
        )
        self._vault = Vault(serial=serial, drbg=drbg, announce=self.announce, battery=battery)
        if self.config.host:
            self.send(self.config.host, HsmUp(serial=serial))

    async def serve(self, request: Request) -> None:
        """Spend the command's time, then answer it."""
        await self.work(self._service_ns(request.body))
        answer = self._vault.execute(request.body)
        if isinstance(answer, DomainTokenIssued | DomainInstalled):
            self.note(type(answer).__name__, version=answer.version, active_key=answer.active_key)
        request.reply(answer)

    def _service_ns(self, command: Message) -> int:
        config = self.config
        if isinstance(command, Introduce):
            return config.introduce_ns
        if isinstance(command, GenerateKey):
            return config.generate_ns
        if isinstance(command, Rewrap):
            return config.rewrap_ns * len(command.tokens)
        if isinstance(command, _ELLIPTIC):
            return config.elliptic_ns
        return config.data_ns
