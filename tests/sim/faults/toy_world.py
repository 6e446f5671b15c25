"""A small tree of toy actors to break: two regions, five AZs, eight names.

What does not belong here: assertions, and any particular fault.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sim import Actor, Codec, Message, Request, SimWorld, ms, seconds, uniform, us
from sim.faults import FAULTS
from sim.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    """A numbered message, as large as it is told to be."""

    number: int
    padding: bytes = b""


CODEC = Codec({401: Ping})
PING_BYTES = 7  #: of a Ping with a number below 128 and no padding
LINK_NS = us(100)
NAMES = (
    "r1/front",
    "r1/az1/a",
    "r1/az1/b",
    "r1/az2/a",
    "r1/az3/a",
    "r2/front",
    "r2/az1/a",
    "r2/az2/a",
)


class Toy(Actor):
    """Answers, keeps what it heard, and writes down each of its lives.

    As ``chatty`` it also greets another one, and saves something, twice a second of its own clock.
    """

    inline = frozenset({Ping})

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.heard: list[tuple[int, int]] = []  #: (world time, number)

    def start(self) -> None:
        self.disk.load("lives")
        self._save("lives")
        if self.config == "chatty":
            self.after(ms(500), self._chat)

    def receive(self, request: Request) -> None:
        self.heard.append((self.kernel.clock.now_ns, request.body.number))
        request.reply(request.body)

    def _chat(self) -> None:
        to = self.rng("chat").choice([name for name in NAMES if name != self.name])
        self.call(to, Ping(number=1), lambda _: None, timeout_ns=ms(500))
        self._save("talk")
        self.note("chat", at=self.calendar_ns)
        self.after(ms(500), self._chat)

    def _save(self, file: str) -> None:
        if self.disk.append(file, b"%d;" % self.incarnation) > 10_000:
            self.disk.truncate(file, 0)
        self.disk.flush(self._saved)

    def _saved(self) -> None:
        self.note("saved")


def make(seed: int = 1, config: str = "", keep: int | Literal["all", "none"] = "all") -> SimWorld:
    """Return the world, everybody up; ``r1/@leader`` is r1/az2/a."""
    world = SimWorld(seed=seed, codec=CODEC, latency=uniform(LINK_NS), keep=keep)
    for name in NAMES:
        world.start(Toy, config, name=name)
    world.roles["r1", "leader"] = "r1/az2/a"
    return world


def toy(world: SimWorld, name: str) -> Toy:
    """Return the present incarnation of an actor."""
    actor = world.kernel.cells[name].actor
    assert isinstance(actor, Toy)
    return actor


def planned(world: SimWorld, *lines: str, span_ns: int) -> None:
    """Put a plan on the world's heap, from now on."""
    Plan.parse(lines).schedule(world, world.now_ns, span_ns)


def talk(
    world: SimWorld, source: str, target: str, count: int, every_ns: int, size: int = 0
) -> list[tuple[int, int]]:
    """Send numbered messages, one every ``every_ns``, and return what was heard.

    Args:
      size: bytes of padding.

    Returns:
      (ns after its sending, number), in order of arrival.
    """
    start_ns, kernel = world.now_ns, world.kernel
    for number in range(count):
        body = Ping(number=number, padding=bytes(size))
        args = kernel.cells[source], target, body, None
        world.at(start_ns + number * every_ns, kernel.post, *args)
    before = len(toy(world, target).heard)
    world.run_for(count * every_ns)
    heard = toy(world, target).heard[before:]
    return [(time_ns - start_ns - number * every_ns, number) for time_ns, number in heard]


def dark(world: SimWorld) -> tuple[str, ...]:
    """Return who has no power."""
    return tuple(name for name in NAMES if not world.is_up(name))


def storm(fault: str, target: str, seed: int = 1) -> SimWorld:
    """Return a chatty world that is one minute and a half old, with one fault at 5 s for 20 s."""
    world = make(seed, config="chatty")
    planned(world, f"at 5s {fault} {target} for 20s", span_ns=seconds(30))
    world.run_for(seconds(90))
    return world


def target_of(fault: str) -> str:
    """Return a target that a fault takes: an AZ, or a region where it wants one."""
    try:
        FAULTS[fault].check("r1/az1")
    except ValueError:
        return "r1"
    return "r1/az1"


if __name__ == "__main__":
    for name in sorted(FAULTS):
        print(name, storm(name, target_of(name)).trace.hash)  # noqa: T201 - read by a test
