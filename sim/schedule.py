"""In which order steps happen that could happen in another order as well.

Between two actors the network keeps the order; everything else races. A schedule decides races:
it holds back each message to an actor and each of its timers by up to a window of time, as a busy
host's scheduler does, and it stands in the place of the dice with which Trio shuffles tasks that
can run at one pass. Every decision is a labelled choice, so that it can be recorded and replayed.
What does not belong here: faults; a schedule only does what a healthy host may do.
Source: probabilistic concurrency testing (PCT): Burckhardt et al., ASPLOS'10, section 2.
"""

from collections.abc import Callable, MutableSequence
from typing import Any, ClassVar, Final

from sim.choices import Choices
from sim.options import parse_duration
from sim.units import ms

#: The longest that a step is held back unless said otherwise; chosen: a time slice of a host.
WINDOW_NS: Final = ms(1)
#: No window is longer; chosen: health checks and peers wait for a tenth of a second and more, so a
#: host that is held back on the way there and on the way back still counts as healthy.
WINDOW_MAX_NS: Final = ms(50)
#: Parts of the window that a held step may wait; chosen: enough to order any few steps.
_PARTS: Final = 100
#: PCT puts each change point among so many steps, or among half of them, a quarter, and so on: how
#: many a run takes is not known before. Measured: 3,000 to 32,000 in drawn worlds, some hundred
#: thousand in those of the catalogue.
STEPS: Final = 400_000
_HALVINGS_MAX: Final = 7
DEPTH_MAX: Final = 20

_FORMS: Final = "shuffle[:WINDOW], pct:DEPTH[:WINDOW] or hold:ACTOR[:WINDOW]"


class Schedule:
    """Decides races; the base holds nothing back and shuffles Trio's batches by its choices."""

    name: ClassVar[str] = "plain"

    def __init__(self, choices: Choices, window_ns: int = WINDOW_NS) -> None:
        self.choices = choices
        self.window_ns = window_ns

    def hold_ns(self, actor: str) -> int:  # noqa: ARG002 - a contract
        """Return how much later a step of this actor happens, 0–window_ns."""
        return 0

    # In the place of Trio's dice.

    def shuffle(self, batch: MutableSequence[Any]) -> None:
        """Order the tasks of one pass, as ``random.Random.shuffle`` would."""
        for last in range(len(batch) - 1, 0, -1):
            other = self.choices.integer("pass", 0, last)
            batch[last], batch[other] = batch[other], batch[last]

    def random(self) -> float:
        """Toss the coin that a Trio without the deterministic flag asks for."""
        return self.choices.integer("coin", 0, 1) / 2


class Shuffle(Schedule):
    """Holds every step back by its own drawn share of the window."""

    name = "shuffle"

    def hold_ns(self, actor: str) -> int:
        """Draw anew for each step."""
        return self.choices.integer(actor, 0, _PARTS) * self.window_ns // _PARTS


class Pct(Schedule):
    """Gives actors drawn priorities, and drops the one that runs at each of few change points.

    Finds a bug of depth d, one that needs d ordering decisions, with a chance that does not fall
    exponentially with the number of steps. Depth d has d - 1 change points, as in the source.
    """

    name = "pct"

    def __init__(self, choices: Choices, depth: int, window_ns: int = WINDOW_NS) -> None:
        super().__init__(choices, window_ns)
        self._changes = sorted({self._point() for _ in range(depth - 1)}, reverse=True)
        self._order: list[str] = []  #: actors, the one with the highest priority first
        self._place: dict[str, int] = {}
        self._steps = 0

    def hold_ns(self, actor: str) -> int:
        """Hold an actor back in proportion to how many stand before it."""
        if actor not in self._place:
            self._order.insert(self.choices.integer(actor, 0, len(self._order)), actor)
            self._number()
        self._steps += 1
        if self._changes and self._steps >= self._changes[-1]:
            self._changes.pop()
            self._order.remove(actor)
            self._order.append(actor)
            self._number()
        return self._place[actor] * self.window_ns // len(self._order)

    def _point(self) -> int:
        """Draw a step as often from short runs as from long ones."""
        halvings = self.choices.integer("halvings", 0, _HALVINGS_MAX)
        return self.choices.integer("change point", 1, STEPS >> halvings)

    def _number(self) -> None:
        self._place = {actor: place for place, actor in enumerate(self._order)}


class HoldBack(Schedule):
    """Holds every step of one actor, or of all in one place, back by the whole window."""

    name = "hold"

    def __init__(self, choices: Choices, place: str, window_ns: int = WINDOW_NS) -> None:
        super().__init__(choices, window_ns)
        self._place = place

    def hold_ns(self, actor: str) -> int:
        """Hold back whoever lies in the place."""
        held = actor == self._place or actor.startswith(self._place + "/")
        return self.window_ns if held else 0


Maker = Callable[[Choices], Schedule]


def parse_schedule(text: str) -> Maker:
    """Return what makes the schedule that a text names: ``shuffle``, ``pct:3:2ms``, ``hold:a/b``.

    Raises:
      ValueError: it names none; the message says what was expected.
    """
    kind, *rest = text.split(":")
    wanted = {"shuffle": 0, "pct": 1, "hold": 1}.get(kind)
    if wanted is None or not wanted <= len(rest) <= wanted + 1 or not all(rest):
        raise ValueError(f"schedule {text!r}: expected {_FORMS}")
    window_ns = WINDOW_NS
    if len(rest) > wanted:
        try:
            window_ns = parse_duration(rest[-1])
        except ValueError as error:
            raise ValueError(f"schedule {text!r}: {error}") from error
        if window_ns > WINDOW_MAX_NS:
            most = f"{WINDOW_MAX_NS // ms(1)}ms"
            raise ValueError(f"schedule {text!r}: expected a window of at most {most}")
    if kind == "shuffle":
        return lambda choices: Shuffle(choices, window_ns)
    if kind == "hold":
        return lambda choices: HoldBack(choices, rest[0], window_ns)
    if not rest[0].isdecimal() or not 1 <= int(rest[0]) <= DEPTH_MAX:
        raise ValueError(f"schedule {text!r}: expected a depth from 1 to {DEPTH_MAX}")
    return lambda choices: Pct(choices, int(rest[0]), window_ns)
