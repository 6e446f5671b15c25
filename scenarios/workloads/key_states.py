"""People who work on the same few keys at once: they disable, enable, condemn, save and use them.

Each of the first callers makes one key and names it; all callers find the keys by these names and
then change, look at and use them without asking each other. So calls on one key overlap, which is
what makes the order of its changes worth checking.
What does not belong here: judging what they saw (invariants/).
Source: the mix is chosen: as many changes as a key takes, and looks in between.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import AlreadyExistsException, NotFoundException, ServiceError
from scenarios.witness import Keepsake, digest
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.units import ms, seconds

_RETRY_NS: Final = seconds(2)
_SECRET: Final = b"what everybody seals"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatesSettings(CallerSettings):
    """How many keys are fought over, and how hard."""

    think_ns: int = ms(500)  #: mean time between two calls of one caller; exponential
    keys: int = 2  #: shared by all callers of a region; at most one per caller is made


class KeyStatesClient(SdkClient):
    """People who disable, enable, condemn, save and use the same few keys at once."""

    Settings: ClassVar[type[Any] | None] = KeyStatesSettings
    label: ClassVar[str] = "shared"

    def start(self) -> None:
        """Begin the working day."""
        self._found: dict[str, str] = {}  #: alias -> key id
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: KeyStatesSettings = self.config.settings
        dice = self.rng("day")
        number = int(self.name.rpartition("-")[2])
        await self.sleep(int(dice.random() * settings.think_ns))
        if number < settings.keys:
            await self._insist(f"alias/{self.label}-{number}")
        names = [f"alias/{self.label}-{each}" for each in range(settings.keys)]
        while self._open_for_business():
            name, action = dice.choice(names), dice.choice(_ACTIONS)
            if self.wanted():
                with suppress(Unavailable, ServiceError):  # The history has it.
                    await self._turn(name, action)
            await self.sleep(int(dice.expovariate(1 / settings.think_ns)))

    def _open_for_business(self) -> bool:
        return self.kernel.clock.now_ns < self.config.stop_ns

    async def _insist(self, alias: str) -> None:
        """Make a key with a name, however often it takes."""
        key_id = ""
        while self._open_for_business():
            with suppress(Unavailable, ServiceError):
                if not key_id:
                    key_id = await self._make_key()
                await self._name(alias, key_id)
                return
            await self.sleep(_RETRY_NS)

    async def _name(self, alias: str, key_id: str) -> None:
        # An attempt that nobody answered may have named the key already.
        with suppress(AlreadyExistsException):
            await self.api("CreateAlias", {"AliasName": alias, "TargetKeyId": key_id})

    async def _make_key(self) -> str:
        made = await self.api("CreateKey", {"Description": f"shared, made by {self.name}"})
        key_id: str = made["KeyMetadata"]["KeyId"]
        region, witness = self.config.region, self.config.witness
        witness.key_acknowledged(region, key_id, self.kernel.clock.now_ns)
        with suppress(Unavailable, ServiceError):  # Not to be seen everywhere yet.
            sealed = await self.api("Encrypt", {"KeyId": key_id, "Plaintext": _SECRET})
            keepsake = Keepsake(
                region=region,
                key_id=key_id,
                principal=self.config.principal,
                blob=sealed["CiphertextBlob"],
                context={},
                plaintext_digest=digest(_SECRET),
            )
            witness.keepsakes.append(keepsake)
        return key_id

    async def _turn(self, alias: str, action: str) -> None:
        """Do one thing to one key."""
        if alias not in self._found:
            with suppress(NotFoundException):
                found = await self.api("DescribeKey", {"KeyId": alias})
                self._found[alias] = found["KeyMetadata"]["KeyId"]
            return
        key = {"KeyId": self._found[alias]}
        await self.api(action, {**key, **_PARAMETERS.get(action, {})})


#: Saving and enabling are as likely as harming, so that keys are usable about half the time.
_ACTIONS: Final = (
    *["DescribeKey"] * 4,
    *["Encrypt"] * 3,
    *["EnableKey"] * 3,
    *["DisableKey"] * 2,
    *["CancelKeyDeletion"] * 2,
    "ScheduleKeyDeletion",
)
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "Encrypt": {"Plaintext": _SECRET},
    "ScheduleKeyDeletion": {"PendingWindowInDays": 30},
}
