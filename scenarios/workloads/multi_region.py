"""Applications that stand in several regions and share a multi-Region key.

Each client makes a primary key where it stands and replicates it to the other regions of its list.
It seals in one of them and opens in another, whichever answers; now and then it rotates the key,
or moves the primary key to the region that it likes best that day.
What does not belong here: applications that stay in their region (envelope.py).
Source: AWS KMS Developer Guide, "Multi-Region keys": disaster recovery and global data management;
the mix is chosen.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import ServiceError
from scenarios.witness import Keepsake, digest
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.units import seconds

_SECRET: Final = b"what the regions of this client share"
_ALIVE: Final = "Enabled"
#: How often a new replica is looked for, and after how long each time; chosen: a minute in all.
_LOOKS: Final = 30
_LOOK_NS: Final = seconds(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiRegionSettings(CallerSettings):
    """Where each client stands, and how busy it is."""

    think_ns: int = seconds(10)  #: mean time between two actions; exponential
    replicas: tuple[str, ...] = ("us-east-1", "eu-west-1")  #: its own region is left out
    moves: bool = True  #: it moves the primary key now and then


class MultiRegionClient(SdkClient):
    """Applications in several regions that share a multi-Region key."""

    Settings: ClassVar[type[Any] | None] = MultiRegionSettings
    label: ClassVar[str] = "multi-region"

    def start(self) -> None:
        """Begin the working day."""
        self._key_id, self._primary = "", self.config.region
        self._regions = [self.config.region]  #: where the key is known to be
        self._blob = b""
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: MultiRegionSettings = self.config.settings
        dice = self.rng("day")
        await self.sleep(int(dice.random() * settings.think_ns))
        while not self._blob and self.open_for_business():
            with suppress(Unavailable, ServiceError):
                await self._make_key()
            await self.sleep(_LOOK_NS)
        for region in settings.replicas:
            if region != self.config.region and self.open_for_business():
                await self._replicate(region)
        rare = [self._rotate, *([self._move] if settings.moves else [])]
        actions = [*[self._share] * 20, *rare]
        while self.open_for_business():
            action = dice.choice(actions)
            if self.wanted():
                with suppress(Unavailable, ServiceError):  # The history has it; life goes on.
                    await action()
            await self.sleep(int(dice.expovariate(1 / settings.think_ns)))

    async def _make_key(self) -> None:
        if not self._key_id:
            wanted = {"MultiRegion": True, "Description": f"shared by {self.name}"}
            made = await self.api("CreateKey", wanted)
            self._key_id = made["KeyMetadata"]["KeyId"]
            self.key_made(self._key_id)
        sealed = await self.api("Encrypt", {"KeyId": self._key_id, "Plaintext": _SECRET})
        self._blob = sealed["CiphertextBlob"]
        self.must_open(self._key_id, self._blob, _SECRET)

    async def _replicate(self, region: str) -> None:
        """Have a replica made, and hold its region to it once it is there."""
        for _ in range(_LOOKS):
            with suppress(Unavailable, ServiceError):
                wanted = {"KeyId": self._key_id, "ReplicaRegion": region}
                await self.api("ReplicateKey", wanted, region=self._primary)
            with suppress(Unavailable, ServiceError):
                found = await self.api("DescribeKey", {"KeyId": self._key_id}, region=region)
                if found["KeyMetadata"]["KeyState"] == _ALIVE:
                    self._hold(region)
                    return
            if not self.open_for_business():
                return
            await self.sleep(_LOOK_NS)

    def _hold(self, region: str) -> None:
        """Expect of a replica what is expected of a key: the primary's first blob opens with it."""
        self._regions.append(region)
        witness = self.config.witness
        witness.key_acknowledged(region, self._key_id, self.world_ns)
        witness.keepsakes.append(
            Keepsake(
                region=region,
                key_id=self._key_id,
                principal=self.config.principal,
                blob=self._blob,
                context={},
                plaintext_digest=digest(_SECRET),
            )
        )

    async def _share(self) -> None:
        """Seal in one region and open in another."""
        dice = self.rng("places")
        here, there = dice.choice(self._regions), dice.choice(self._regions)
        secret = self.rng("secret").randbytes(32)
        wanted = {"KeyId": self._key_id, "Plaintext": secret}
        sealed = await self.api("Encrypt", wanted, region=here)
        opened = await self.api(
            "Decrypt", {"CiphertextBlob": sealed["CiphertextBlob"]}, region=there
        )
        self.opened(f"Decrypt in {there} for {here}", secret, opened["Plaintext"])

    async def _rotate(self) -> None:
        await self.api("RotateKeyOnDemand", {"KeyId": self._key_id}, region=self._primary)

    async def _move(self) -> None:
        """Learn where the primary key is, and move it."""
        place = self.rng("places").choice(self._regions)
        found = await self.api("DescribeKey", {"KeyId": self._key_id}, region=place)
        config = found["KeyMetadata"]["MultiRegionConfiguration"]
        self._primary = config["PrimaryKey"]["Region"]
        others = [region for region in self._regions if region != self._primary]
        if others:
            wanted = {"KeyId": self._key_id, "PrimaryRegion": self.rng("places").choice(others)}
            await self.api("UpdatePrimaryRegion", wanted, region=self._primary)
