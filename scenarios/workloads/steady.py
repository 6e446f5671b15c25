"""Applications under a load that does not wait for the service: so many calls a second, always.

An open loop: a call begins when its time has come, whether or not earlier ones were answered, as
with callers who are many and know nothing of each other. Each client makes one key of its own and
then calls at random times, at a mean rate.
What does not belong here: retries and timeouts (sdk.py), or catching up after an outage (herd.py).
Source: Schroeder et al., "Open Versus Closed: A Cautionary Tale", NSDI 2006; the rate is chosen.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import ServiceError
from scenarios.options import OptionError
from scenarios.witness import Keepsake, digest
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.units import ms, seconds

_SECOND_NS: Final = seconds(1)
#: What every call of these clients is about.
SECRET: Final = b"what every call of this client is about"
#: Clients begin one by one, within this; chosen: all keys at once would be a load of its own.
_BEGIN_NS: Final = seconds(10)
#: A new key is asked for again after this; chosen.
_KEY_RETRY_NS: Final = ms(500)
CALLS: Final = ("Encrypt", "Decrypt", "GenerateDataKey")


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadySettings(CallerSettings):
    """How much each client asks for."""

    calls_per_second: float = 1.0  #: of each client, in the mean; above 0
    calls: tuple[str, ...] = CALLS  #: drawn from with equal chances


class SteadyClient(SdkClient):
    """Applications that call at a steady mean rate, come what may."""

    Settings: ClassVar[type[Any] | None] = SteadySettings
    label: ClassVar[str] = "steady"

    @classmethod
    def settings(cls, options: Mapping[str, Any]) -> Any:
        """Return the settings that a scenario file's options stand for.

        Raises:
          OptionError: a key is unknown, or its value is none; the error knows which.
        """
        found = super().settings(options)
        if not found.calls_per_second:
            raise OptionError(("calls_per_second",), "expected a number above 0, not 0")
        unknown = [call for call in found.calls if call not in CALLS]
        if unknown or not found.calls:
            said = repr(unknown[0]) if unknown else "an empty list"
            raise OptionError(("calls",), f"expected some of {', '.join(CALLS)}, not {said}")
        return found

    def start(self) -> None:
        """Make a key, and begin to call."""
        self.key_id, self.blob = "", b""
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: SteadySettings = self.config.settings
        dice = self.rng("day")
        await self.sleep(int(dice.random() * _BEGIN_NS))
        while not self.blob and self.open_for_business():
            try:
                await self.prepare()
            except (Unavailable, ServiceError):
                await self.sleep(_KEY_RETRY_NS)
        while self.open_for_business():
            await self.sleep(int(dice.expovariate(settings.calls_per_second) * _SECOND_NS))
            action = dice.choice(settings.calls)
            if self.wanted():
                self.spawn(self.one_call, action)

    async def prepare(self) -> None:
        """Make the key, and the blob that is decrypted all day.

        Raises:
          ServiceError: the service refused, and a retry would not help.
          Unavailable: every attempt failed.
        """
        witness, region = self.config.witness, self.config.region
        if not self.key_id:
            made = await self.api("CreateKey", {"Description": f"steady work of {self.name}"})
            self.key_id = made["KeyMetadata"]["KeyId"]
            witness.key_acknowledged(region, self.key_id, self.kernel.clock.now_ns)
        sealed = await self.api("Encrypt", {"KeyId": self.key_id, "Plaintext": SECRET})
        self.blob = sealed["CiphertextBlob"]
        witness.keepsakes.append(
            Keepsake(
                region=region,
                key_id=self.key_id,
                principal=self.config.principal,
                blob=self.blob,
                context={},
                plaintext_digest=digest(SECRET),
            )
        )

    async def one_call(self, action: str) -> None:
        """Make one call; whether it succeeds is the history's business."""
        with suppress(Unavailable, ServiceError):
            await self.perform(action)

    async def perform(self, action: str, region: str = "") -> None:
        """Make one call of this client's kind and look at its answer.

        Args:
          region: that is called; "" is the one it stands in.
        Raises:
          ServiceError: the service refused, and a retry would not help.
          Unavailable: every attempt failed.
        """
        if action == "Encrypt":
            await self.api(action, {"KeyId": self.key_id, "Plaintext": SECRET}, region=region)
        elif action == "GenerateDataKey":
            await self.api(action, {"KeyId": self.key_id, "KeySpec": "AES_256"}, region=region)
        else:
            answer = await self.api(action, {"CiphertextBlob": self.blob}, region=region)
            now_ns, what = self.kernel.clock.now_ns, f"Decrypt for {self.name}"
            self.config.witness.compare(now_ns, what, digest(SECRET), answer["Plaintext"])
