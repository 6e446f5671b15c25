"""Messages per second of the kernel, beside SimPy in the same run.

Ping-pong: two processes send a ball to and fro, 100 us one way, until virtual time is up; with 1,
100 and 1,000 pairs. Gossip: 1,000 processes each tell a random peer the highest number they know,
once a virtual millisecond. One latency per message, the sender does not wait for it, and every
message wakes a process that waits at its inbox: an actor's worker here, a process at its Store
there. The peer carries a message by a Timeout with a callback, the fastest way that SimPy has; the
process per message of SimPy's own "Event Latency" example takes half as long again.
Repeats are interleaved and medians compared, so that a busy machine slows both alike.
What does not belong here: bars (a busy machine breaks them; ARCHITECTURE names them).

Run: python tests/bench/kernel.py [--json] [--quick]
"""

import argparse
import functools
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import simpy

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sim import Actor, Codec, Message, Request, SimWorld, stream, uniform, us

PAIRS: Final = (1, 100, 1_000)
GOSSIPERS: Final = 1_000
LATENCY_NS: Final = us(100)
PERIOD_NS: Final = us(1_000)
#: Chosen so that one repeat of one side takes a tenth of a second, or a hundredth.
MESSAGES, MESSAGES_QUICK = 20_000, 2_000
REPEATS, REPEATS_QUICK = 7, 1
CODEC_LOOPS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball(Message):
    """What is thrown: a number that grows, and a payload as long as a small request's."""

    number: int
    payload: bytes


PAYLOAD: Final = bytes(32)
CODEC: Final = Codec({1: Ball})


class Player(Actor):
    """Throws each ball back to whence it came."""

    workers = 1

    def start(self) -> None:
        if self.config is not None:
            self.send(self.config, Ball(number=0, payload=PAYLOAD))

    async def serve(self, request: Request) -> None:
        ball = request.body
        self.send(request.sender, Ball(number=ball.number + 1, payload=ball.payload))


class Gossiper(Actor):
    """Tells a random peer the highest number it knows."""

    workers = 1
    known = 0

    def start(self) -> None:
        self.known = self.config
        self.spawn(self._talk)

    async def serve(self, request: Request) -> None:
        self.known = max(self.known, request.body.number)

    async def _talk(self) -> None:
        dice = self.rng("peer")
        while True:
            await self.sleep(PERIOD_NS)
            peer = f"all/{dice.randrange(GOSSIPERS)}"
            self.send(peer, Ball(number=self.known, payload=PAYLOAD))


def our_rate(build: Callable[[SimWorld], None], span_ns: int, codec: Codec | None) -> float:
    """Return our messages per second of wall time."""
    keep: Any = "none" if codec is None else 1_000
    with SimWorld(seed=1, codec=codec, latency=uniform(LATENCY_NS), keep=keep) as world:
        build(world)
        world.run_for(0)
        gc.collect()
        begin = time.perf_counter()
        world.run_for(span_ns)
        took = time.perf_counter() - begin
        actors = world.statistics()["actors"].values()
        delivered: int = sum(actor["delivered"] for actor in actors)
        return delivered / took


def our_players(pairs: int) -> Callable[[SimWorld], None]:
    """Return what starts the pairs."""

    def build(world: SimWorld) -> None:
        for pair in range(pairs):
            world.start(Player, None, name=f"b/{pair}")
            world.start(Player, f"b/{pair}", name=f"a/{pair}")

    return build


def our_gossipers(world: SimWorld) -> None:
    """Start all gossipers."""
    for number in range(GOSSIPERS):
        world.start(Gossiper, number, name=f"all/{number}")


class Peer:
    """A SimPy environment with delayed messages."""

    def __init__(self) -> None:
        self.env = simpy.Environment()
        self.delivered = 0

    def send(self, inbox: simpy.Store, ball: Ball) -> None:
        """Put a ball into an inbox after the latency."""

        def arrive(event: simpy.Event) -> None:
            inbox.put(event.value)

        self.env.timeout(LATENCY_NS, ball).callbacks.append(arrive)

    def rate(self, span_ns: int) -> float:
        """Return messages per second of wall time."""
        gc.collect()
        begin = time.perf_counter()
        self.env.run(until=span_ns + 1)
        return self.delivered / (time.perf_counter() - begin)


def peer_players(pairs: int) -> Peer:
    """Return the same pairs in SimPy."""
    peer = Peer()

    def play(inbox: simpy.Store, other: simpy.Store) -> Generator[Any, Any, None]:
        while True:
            ball = yield inbox.get()
            peer.delivered += 1
            peer.send(other, Ball(number=ball.number + 1, payload=ball.payload))

    for _ in range(pairs):
        one, other = simpy.Store(peer.env), simpy.Store(peer.env)
        peer.env.process(play(one, other))
        peer.env.process(play(other, one))
        peer.send(one, Ball(number=0, payload=PAYLOAD))
    return peer


def peer_gossipers() -> Peer:
    """Return the same gossip in SimPy."""
    peer = Peer()
    inboxes = [simpy.Store(peer.env) for _ in range(GOSSIPERS)]
    known = list(range(GOSSIPERS))

    def listen(me: int) -> Generator[Any, Any, None]:
        while True:
            ball = yield inboxes[me].get()
            peer.delivered += 1
            known[me] = max(known[me], ball.number)

    def talk(me: int) -> Generator[Any, Any, None]:
        dice = stream(1, "peer", str(me))
        while True:
            yield peer.env.timeout(PERIOD_NS)
            inbox = inboxes[dice.randrange(GOSSIPERS)]
            peer.send(inbox, Ball(number=known[me], payload=PAYLOAD))

    for me in range(GOSSIPERS):
        peer.env.process(listen(me))
        peer.env.process(talk(me))
    return peer


def compare(
    build: Callable[[SimWorld], None], make_peer: Callable[[], Peer], span_ns: int, repeats: int
) -> dict[str, float]:
    """Return the median rates of both modes and of the peer, and the ratios."""
    objects, frames, peers = [], [], []
    for _ in range(repeats):
        objects.append(our_rate(build, span_ns, None))
        peers.append(make_peer().rate(span_ns))
        frames.append(our_rate(build, span_ns, CODEC))
    peer = statistics.median(peers)
    by_object, by_frame = statistics.median(objects), statistics.median(frames)
    return {
        "objects_per_second": round(by_object),
        "frames_per_second": round(by_frame),
        "simpy_per_second": round(peer),
        "ratio_objects": round(by_object / peer, 3),
        "ratio_frames": round(by_frame / peer, 3),
    }


def codec_us(loops: int) -> float:
    """Return what one message costs the codec, there and back, in microseconds."""
    ball = Ball(number=7, payload=PAYLOAD)
    best = math.inf
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(loops):
            CODEC.decode(CODEC.encode(ball))
        best = min(best, time.perf_counter() - begin)
    return round(best / loops * 1e6, 3)


def measure(*, quick: bool) -> dict[str, Any]:
    """Run everything and return the figures as the JSON object."""
    messages = MESSAGES_QUICK if quick else MESSAGES
    repeats = REPEATS_QUICK if quick else REPEATS
    rows: dict[str, dict[str, float]] = {}
    for pairs in PAIRS:
        span_ns = max(2, messages // pairs) * LATENCY_NS
        rows[f"ping-pong, {pairs:,} pairs"] = compare(
            our_players(pairs), functools.partial(peer_players, pairs), span_ns, repeats
        )
    pingpong = list(rows.values())
    span_ns = max(2, messages // GOSSIPERS) * PERIOD_NS
    gossip = compare(our_gossipers, peer_gossipers, span_ns, repeats)
    rows[f"gossip, {GOSSIPERS:,} actors"] = gossip

    def mean(key: str) -> float:
        return round(statistics.geometric_mean(row[key] for row in pingpong), 3)

    return {
        "ratio_objects": mean("ratio_objects"),
        "ratio_frames": mean("ratio_frames"),
        "gossip": gossip,
        "codec_us": codec_us(CODEC_LOOPS // 10 if quick else CODEC_LOOPS),
        "rows": rows,
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures for people."""
    lines = [f"{'messages per second':<24}{'objects':>10}{'frames':>10}{'SimPy':>10}{'ratios':>16}"]
    for name, row in figures["rows"].items():
        rates = f"{row['objects_per_second']:>10,}{row['frames_per_second']:>10,}"
        ratios = f"{row['ratio_objects']:>8.2f}{row['ratio_frames']:>8.2f}"
        lines.append(f"{name:<24}{rates}{row['simpy_per_second']:>10,}{ratios}")
    means = f"{figures['ratio_objects']:>8.2f}{figures['ratio_frames']:>8.2f}"
    lines.append(f"{'geometric mean of the ping-pongs':<54}{means}")
    lines.append(f"codec, one message there and back: {figures['codec_us']} us")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="one short repeat, for the shape only")
    options = parser.parse_args()
    figures = measure(quick=options.quick)
    print(json.dumps(figures) if options.json else table(figures))


if __name__ == "__main__":
    main()
