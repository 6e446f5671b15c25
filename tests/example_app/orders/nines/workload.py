"""Order services as callers of a simulated world: the calls of envelope.py, in virtual time.

What does not belong here: real clients; those are for tests of the real code.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from orders.envelope import context_of
from regions import ServiceError
from scenarios import CallerSettings, SdkClient, Unavailable
from sim import seconds

_REMEMBERED: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettings(CallerSettings):
    """How busy a service is; a scenario file sets these."""

    think_ns: int = seconds(2)  #: mean time between two orders; exponential
    customers: int = 5


class OrderClient(SdkClient):
    """Order services that make a data key for each new customer of the hour, and read old orders."""

    Settings: ClassVar[type[Any] | None] = OrderSettings
    label: ClassVar[str] = "orders"

    def start(self) -> None:
        """Open the shop."""
        self._key_id = ""
        self._orders: deque[tuple[str, bytes, bytes]] = deque(maxlen=_REMEMBERED)
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: OrderSettings = self.config.settings
        dice = self.rng("day")
        while self.open_for_business():
            await self.sleep(int(dice.expovariate(1 / settings.think_ns)))
            if not self.wanted():
                continue
            with suppress(ServiceError, Unavailable):  # The history has it; the day goes on.
                if not self._key_id:
                    await self._make_key()
                elif self._orders and dice.random() < 1 / 2:
                    await self._read(*dice.choice(list(self._orders)))
                else:
                    await self._take(f"customer-{dice.randrange(0, settings.customers)}")

    async def _make_key(self) -> None:
        made = await self.api("CreateKey", {"Description": "orders"})
        self._key_id = made["KeyMetadata"]["KeyId"]
        self.key_made(self._key_id)  # From now on the promise key-survival holds the world to it.

    async def _take(self, customer: str) -> None:
        made = await self.api(
            "GenerateDataKey",
            {
                "KeyId": self._key_id,
                "KeySpec": "AES_256",
                "EncryptionContext": context_of(customer),
            },
        )
        self._orders.append((customer, made["CiphertextBlob"], made["Plaintext"]))

    async def _read(self, customer: str, blob: bytes, data_key: bytes) -> None:
        answer = await self.api(
            "Decrypt", {"CiphertextBlob": blob, "EncryptionContext": context_of(customer)}
        )
        self.opened(f"Decrypt for {customer}", data_key, answer["Plaintext"])
