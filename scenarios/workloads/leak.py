"""Credentials that leak: an application, and somebody elsewhere who decrypts in its name.

Each client makes a key of its own and uses it now and then. After a while somebody who has its
credentials decrypts as well, again and again, from an address of his own, until he is refused
because the key is switched off; then the client stops, too: it was told.
What does not belong here: what anybody does about it (responder.py).
Source: made up; the addresses are of those that RFC 5737 sets aside for documents.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import DisabledException, ServiceError
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.units import minutes, seconds

#: Where the thief calls from.
FOREIGN_ADDRESS: Final = "203.0.113.66"
_SECRET: Final = b"worth stealing"
_AGAIN_NS: Final = seconds(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakSettings(CallerSettings):
    """When the credentials are stolen, and how fast the thief is."""

    think_ns: int = seconds(20)  #: between two calls of the owner
    leaks_at_ns: int = minutes(2)  #: after the client has begun
    theft_ns: int = seconds(15)  #: between two calls of the thief


class LeakClient(SdkClient):
    """Applications whose credentials leak, and thieves who decrypt with them."""

    Settings: ClassVar[type[Any] | None] = LeakSettings
    label: ClassVar[str] = "leak"

    def start(self) -> None:
        """Make a key, and begin to use it."""
        self.off = False
        self.spawn(self._day)

    async def _day(self) -> None:
        settings: LeakSettings = self.config.settings
        blob = b""
        while not blob and self.open_for_business():
            try:
                made = (await self.api("CreateKey", {}))["KeyMetadata"]["KeyId"]
                await self.sleep(_AGAIN_NS)  # Until every AZ knows it.
                given = {"KeyId": made, "Plaintext": _SECRET}
                blob = (await self.api("Encrypt", given))["CiphertextBlob"]
            except (ServiceError, Unavailable):
                await self.sleep(_AGAIN_NS)
        self.spawn(self._theft, blob)
        while self.open_for_business() and not self.off:
            await self.sleep(settings.think_ns)
            if self.wanted():
                with suppress(ServiceError, Unavailable):
                    await self.api("Decrypt", {"CiphertextBlob": blob})

    async def _theft(self, blob: bytes) -> None:
        settings: LeakSettings = self.config.settings
        await self.sleep(settings.leaks_at_ns)
        while self.open_for_business() and not self.off:
            if self.wanted():
                try:
                    await self.api(
                        "Decrypt", {"CiphertextBlob": blob}, source_ip=FOREIGN_ADDRESS
                    )
                except DisabledException:
                    self.off = True
                    self.note("theft", ended="DisabledException")
                except (ServiceError, Unavailable):
                    pass
            await self.sleep(settings.theft_ns)
