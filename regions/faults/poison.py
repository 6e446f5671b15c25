"""A request that kills every host it reaches.

Model: hosts of the place die of a call whose encryption context has a pair with a blank name and
a blank value; the supervisor restarts each after 2 s, later each time. Somebody sends ``herd``
such calls at once, the same every time, every ``every``, through the front door. A dying host
tells the endpoint which call it was; the endpoint quarantines that call for ten minutes, so each
AZ dies at most once for it, and the rest of the region goes on. At the end the hosts are mended
and nobody sends any more. What Google Cloud lacked on 12 June 2025 (R18): a blank field killed
every binary in every region within seconds, nothing remembered what had killed the one before,
and 40 minutes passed until somebody pressed a red button.
Limits: the poison is in the request; one that is stored, so that every call meets it, is what
``bad-config`` with ``kind=crash`` shows. A host that dies without last words is not modelled.
"""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from regions.ailments import POISONED
from regions.calls import ApiCall
from regions.faults.affliction import Affliction
from regions.faults.errand import ACCOUNT_OPTION, PATIENCE_NS, note_call, outcome_of, staff
from regions.latency import region_of
from sim.clock import Timer
from sim.options import Option
from sim.world import World


class Poison(Affliction):
    """Hosts of a place die of a certain request, and somebody keeps sending it."""

    name: ClassVar[str] = "poison"
    hits: ClassVar[str] = "az"
    place: ClassVar[str] = "a region or an AZ"
    ailment: ClassVar[str] = POISONED
    options: ClassVar[Mapping[str, Option]] = {
        "every": Option("1s", "duration", "between two herds of the request", least="1ms"),
        "herd": Option("3", "number", "how many are sent at once", least="1"),
        "account": ACCOUNT_OPTION,
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._next: Timer | None = None

    def inject(self, world: World) -> None:
        """Make the hosts vulnerable, and send the first herd."""
        super().inject(world)
        self._send(world)

    def heal(self, world: World) -> None:
        """Mend the hosts; the sender gives up."""
        if self._next is not None:
            self._next.cancel()
        super().heal(world)

    def _send(self, world: World) -> None:
        region = region_of(self.target)
        dice = world.rng("fault", self.name, region)
        for _ in range(int(self.number("herd"))):
            call = ApiCall(
                service="kms",
                region=region,
                action="GenerateDataKey",
                parameters={
                    "KeyId": "alias/poisoned",
                    "KeySpec": "AES_256",
                    "EncryptionContext": {"": ""},
                },
                principal=staff("poisoner", self.word("account")),
                source_ip="203.0.113.66",
                user_agent="curl/8.5.0",
                request_id=dice.uuid(),
            )
            note_call(world, call)
            then = partial(_answered, world, call)
            world.call(f"{region}/router", call, then, timeout_ns=PATIENCE_NS)
        self._next = world.at(world.now_ns + self.duration_ns("every"), self._send, world)


def _answered(world: World, call: ApiCall, answer: object) -> None:
    note_call(world, call, outcome_of(answer))
