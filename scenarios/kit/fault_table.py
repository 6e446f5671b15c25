"""Which faults find a place in a topology, and all lines of each as a list to choose from.

A choice from a list is one number, where a line that is drawn part by part is a dozen: a failing
example with few numbers shrinks best, since whole steps can be cut out of it.
What does not belong here: choosing (strategies/), and which faults there are (portfolio.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from regions.names import REGIONS
from regions.topology import Topology
from scenarios.drawer import Focus, draw_line
from scenarios.places import impossible
from scenarios.portfolio import PORTFOLIO, ROOMY, ROOMY_AZ
from sim.choices import Choices
from sim.plan import FaultLine, When
from sim.units import ms

#: What is not gone through: how long a fault lasts is chosen otherwise.
_TIMES = ("long", "lasts")


def likely(topology: Topology, faults: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of faults that find a place in a topology, each as often as it is likely.

    Args:
      faults: those to choose from instead, each as likely as the others.
    Raises:
      ValueError: one of them is none, is never drawn, or finds no place.
    """
    roomy = any(len(REGIONS[region]) > len(azs) for region, azs in topology.regions.items())
    found = tuple(
        name
        for name, entry in PORTFOLIO.items()
        for _ in range(entry.weight)
        if roomy or not set(entry.places) <= {ROOMY, ROOMY_AZ}
    )
    for name in faults:
        if name not in found:
            known = ", ".join(sorted(set(found)))
            raise ValueError(f"fault {name!r}: expected one of {known}")
    return tuple(faults) or found


def every_line(
    fault: str, topology: Topology, lasts: Sequence[When]
) -> tuple[FaultLine, ...]:
    """Return all lines of one fault that can happen in a topology, simplest first.

    Args:
      fault: a name of the portfolio that finds a place in the topology.
      lasts: durations, the simplest first; a fault that needs longer to show gets as long.
    """
    found = dict.fromkeys(
        line for line in _drawn(fault, topology) if not impossible(line, topology)
    )
    shortest = When(ns=ms(PORTFOLIO[fault].shortest_ms))
    longer = dict.fromkeys(max(each, shortest, key=lambda one: one.ns) for each in lasts)
    return tuple(replace(line, lasts=each) for each in longer for line in found)


def _drawn(fault: str, topology: Topology) -> Iterator[FaultLine]:
    """Yield what the drawer makes of every answer to its questions, the smallest first."""
    answers: list[int] = []
    while True:
        asked: list[int] = []  # the largest answer to each question

        def answer(label: str, low: int, high: int, asked: list[int] = asked) -> int:
            if label in _TIMES:
                return low
            place = len(asked)
            asked.append(high)
            if place == len(answers):
                answers.append(low)
            return answers[place]

        line = draw_line(Choices(answer, keep=False), topology, 0, focus=Focus(fault))
        yield replace(line, lasts=None)
        while answers and answers[-1] == asked[len(answers) - 1]:
            answers.pop()
        if not answers:
            return
        answers[-1] += 1


def shown(line: FaultLine) -> str:
    """Return a line as people write it: one that begins at once tells no time."""
    return str(line) if line.at.ns else str(line).removeprefix(f"at {line.at} ")
