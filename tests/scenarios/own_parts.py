"""Parts of a user's own that tests add to the tables: callers, a promise, a fault, a file."""

from dataclasses import dataclass
from typing import Any, ClassVar

import sim
from regions import ApiCall
from scenarios import (
    Arena,
    CallerSettings,
    Promise,
    SdkClient,
    Sent,
    Unavailable,
)
from scenarios.files import loads
from scenarios.scenario import Scenario
from sim.units import seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings(CallerSettings):
    """How often a poller asks."""

    every_ns: int = seconds(5)
    lies: bool = False  #: it says that something opened to other bytes


class Poller(SdkClient):
    """Somebody who lists keys all day."""

    label: ClassVar[str] = "poller"
    Settings: ClassVar[type[Any] | None] = PollSettings

    def start(self) -> None:
        self.spawn(self._day)

    async def _day(self) -> None:
        key_id = (await self.api("CreateKey", {}))["KeyMetadata"]["KeyId"]
        self.key_made(key_id)
        sealed = await self.api("Encrypt", {"KeyId": key_id, "Plaintext": b"x"})
        self.must_open(key_id, sealed["CiphertextBlob"], b"x")
        self.opened("Encrypt", b"x", b"y" if self.config.settings.lies else b"x")
        while self.open_for_business():
            await self.sleep(self.config.settings.every_ns)
            if self.wanted():
                try:
                    await self.api("ListKeys", {})
                except Unavailable:
                    continue


class Quiet(Promise):
    """Nobody lists keys while an AZ is dark, and at the end somebody has."""

    name: ClassVar[str] = "quiet"
    compared: ClassVar[str] = "calls of ListKeys"

    def __init__(self) -> None:
        super().__init__()
        self._dark = False
        self._ended = 0

    def attach(self, arena: Arena) -> None:
        self.on_messages(arena, self._sent, ApiCall)
        self.on_events(arena, self._fault, "fault")
        self.on_calls(arena, self._call)

    def _fault(self, event: sim.Event) -> None:
        self._dark = b"inject=" in event.body

    def _sent(self, sent: Sent) -> None:
        if sent.message.action == "ListKeys" and sent.by_caller:
            self.checked += 1
            if self._dark:
                self.fail(sent.time_ns, f"{sent.source} lists keys")

    def _call(self, call: sim.Call) -> None:
        self._ended += call.action == "ListKeys"

    def conclude(self, arena: Arena) -> None:
        self.fail(arena.world.now_ns, f"{self._ended} lists of keys", excuse="that is many")


class Flicker(sim.Fault):
    """The power of a place flickers once."""

    name: ClassVar[str] = "flicker"
    cuts_power: ClassVar[bool] = True
    strikes: ClassVar[Any] = ("az", "node")

    def inject(self, world: sim.World) -> None:
        for name in world.names(self.target):
            world.hold_down(name, self)

    def heal(self, world: sim.World) -> None:
        for name in world.names(self.target):
            world.let_up(name, self)


FILE = """
name = "polled"
length = "1m"
promises = ["audit-complete", "quiet"]
[topology]
regions = ["us-east-1"]
consistency = "linearizable"
[[workload]]
kind = "poller"
clients = 1
every = "4s"
[[fault]]
plan = "at 30s flicker us-east-1/use1-az1 for 10s"
"""


def polled() -> Scenario:
    return loads(FILE, "polled")
