"""A small world full of chance and trouble; its trace hash is compared across set-ups.

What does not belong here: assertions. It is loaded by path, also in fresh processes, so it imports
nothing but the kernel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim import Actor, Codec, LinkSpec, Message, Partition, Refusal, Request, SimWorld, ms, us


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Message):
    number: int
    path: tuple[str, ...]


class Tired(Refusal):
    """A refusal of this world."""


CODEC = Codec({401: Work, 402: Tired})
NAMES = tuple(f"r{r}/az{a}/n{n}" for r in (1, 2) for a in (1, 2) for n in (1, 2))
SPAN_NS = ms(200)


class Chaotic(Actor):
    """Draws, sleeps, asks, writes, refuses, and cleans up with hostility when it dies."""

    workers = 3

    def start(self) -> None:
        for file in self.disk.files():
            self.note("found", file=file, size=self.disk.size(file))
        self.spawn(self.live)
        self.spawn(self.live)

    async def live(self) -> None:
        dice = self.rng("live")
        while True:
            try:
                await self.sleep(us(dice.randrange(50, 3_000)))
                to = dice.choice([name for name in NAMES if name != self.name])
                work = Work(number=dice.randrange(9), path=(self.name,))
                answer = await self.ask(to, work, timeout_ns=ms(3))
                self.note("answer", number=answer.number)
            except Exception as error:  # noqa: BLE001 - whatever came is part of the trace
                self.note("error", what=type(error).__name__)
            finally:
                self.disk.append("log", b"%d" % self.now_ns)
                self.send(NAMES[0], Work(number=0, path=()))

    async def serve(self, request: Request) -> None:
        dice = self.rng("serve")
        await self.work(us(dice.randrange(10, 900)))
        if dice.random() < 0.2:
            raise Tired(self.name, dice.uuid())
        if dice.random() < 0.3:
            await self.disk.flushed()
        if request.body.number > 5:
            request.forward(dice.choice(NAMES), Work(number=1, path=(*request.body.path, "fwd")))
        else:
            request.reply(Work(number=dice.randrange(9), path=request.body.path))


def make(seed: int, keep: int | Literal["all", "none"] = "all") -> SimWorld:
    """Return the world with its trouble planned."""
    spec = LinkSpec(base_ns=us(80), jitter_ns=us(60), spike=0.01, loss=0.02)
    world = SimWorld(seed=seed, codec=CODEC, latency=lambda *_: spec, keep=keep)
    for name in NAMES:
        world.start(Chaotic, None, name=name)
    cut = Partition(one="r1/az1", other="")
    world.at(ms(20), world.add_rule, cut)
    world.at(ms(60), world.remove_rule, cut)
    world.at(ms(30), world.crash, "r1/az2/n1")
    world.at(ms(31), world.restart, "r1/az2/n1")
    world.at(ms(50), world.power_off, "r2/az1")
    world.at(ms(90), world.power_on, "r2/az1")
    world.at(ms(70), world.pause, "r2/az2/n2")
    world.at(ms(85), world.resume, "r2/az2/n2")
    world.at(ms(120), world.crash, "r1/az1/n1")
    world.at(ms(120), world.restart, "r1/az1/n1")
    return world


def steps(world: SimWorld, step_ns: int) -> Iterator[None]:
    """Run to the end in steps of that size, yielding between them."""
    while world.now_ns < SPAN_NS:
        world.run_for(min(step_ns, SPAN_NS - world.now_ns))
        yield


def run(seed: int, step_ns: int = SPAN_NS) -> str:
    """Return the trace hash of a whole run."""
    with make(seed) as world:
        for _ in steps(world, step_ns):
            pass
        return world.trace.hash


if __name__ == "__main__":
    print(run(7))  # noqa: T201 - read by the test that started this process
