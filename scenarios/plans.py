"""Fault plans as people write them: lines, ``[[fault]]`` tables, and files of either.

What does not belong here: the grammar of a line (sim/plan.py), what is wrong with its places
(places.py), and what faults there are (regions/faults/).
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from regions.faults import FAULTS
from regions.faults.launch_region import LaunchRegion
from regions.names import REGIONS
from regions.topology import Topology
from scenarios.documents import FileError, build, text_of
from scenarios.options import Options
from scenarios.places import flaw, impossible, launches, misplaced
from sim.plan import FaultLine, Plan, PlanError, When

#: Keys of a ``[[fault]]`` table and what they say.
FAULT_KEYS: Final[Mapping[str, str]] = {
    "plan": "the whole line, as `at 5m power-off us-east-1/use1-az1 for 40m`, and no other key",
    "fault": "a fault's name",
    "target": "where it strikes",
    "at": "when it begins: a duration from the start or a percentage; by default `0s`",
    "for": "how long it lasts: a duration or a percentage; by default until the end",
}


def load_plan(path: Path, topology: Topology, span_ns: int | None = None) -> Plan:
    """Return the plan of a file with nothing but ``[[fault]]`` tables, or with plain plan lines.

    Args:
      span_ns: how long the run's calls last; None: a log says it, and times are not checked.
    Raises:
      FileError: it cannot be read, is no plan, names a place that the topology lacks, or cannot
        happen in that time.
    """
    text = text_of(path, "a plan file")
    if path.suffix == ".toml" or re.search(r"^\s*\[", text, re.MULTILINE):
        return build(text, str(path), lambda options: _alone(options, topology, span_ns))
    written = []  # (number in the file, words, what they mean)
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    launched = regions_of(lines)
    for number, words in enumerate(lines, start=1):
        if words:
            try:
                written.append((number, words, plan_line(words, topology, launched)))
            except PlanError as error:
                raise FileError(f"file {str(path)!r}, line {number}: {error}") from error
    plan = Plan(tuple(line for _, _, line in written))
    found = None if span_ns is None else flaw(plan, topology, span_ns)
    if found is not None:
        number, words, _ = written[found.number]
        raise FileError(
            f"file {str(path)!r}, line {number}: fault line {words!r}: {found.problem}"
        )
    return plan


def _alone(options: Options, topology: Topology, span_ns: int | None) -> Plan:
    plan = plan_of(options, topology, span_ns)
    options.close()
    return plan


def regions_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the regions that some lines launch; what is no line launches none."""
    found = []
    for text in texts:
        try:
            line = FaultLine.parse(text, FAULTS)
        except PlanError:
            continue
        if launches(line) and line.target in REGIONS:
            found.append(line.target)
    return tuple(found)


def plan_line(text: str, topology: Topology, launched: tuple[str, ...] = ()) -> FaultLine:
    """Return one line of a plan.

    Args:
      launched: regions that other lines launch; whether in time, the whole plan tells.
    Raises:
      PlanError: it cannot be understood, or names a place that the topology lacks.
    """
    named = f"fault line {text!r}: "
    try:
        line = FaultLine.parse(text, FAULTS)
    except PlanError as error:
        raise PlanError(named + str(error).removeprefix(named)) from error
    problem = impossible(line, topology if launches(line) else topology.covering(launched))
    if problem:
        raise PlanError(named + problem)
    return line


def plan_of(options: Options, topology: Topology, span_ns: int | None = None) -> Plan:
    """Return the plan that the ``[[fault]]`` tables of a document make.

    Args:
      span_ns: how long the run's calls last; None: a log says it, and times are not checked.
    Raises:
      OptionError: one of them is no fault, or cannot happen in that time.
    """
    tables = options.tables("fault")
    launched = regions_of(str(each.given.get("plan", _as_line(each))) for each in tables)
    plan = Plan(tuple(_fault(each, topology, launched) for each in tables))
    found = None if span_ns is None else flaw(plan, topology, span_ns)
    if found is not None:
        table = tables[found.number]
        if "plan" in table:
            table.fail("plan", f"fault line {table.given['plan']!r}: {found.problem}")
        table.fail(found.part, found.problem)
    return plan


def _as_line(each: Options) -> str:
    """Return what a table of parts says of fault and target, whether or not that is a line."""
    return f"{each.given.get('fault')} {each.given.get('target')}"


def _fault(each: Options, topology: Topology, launched: tuple[str, ...]) -> FaultLine:
    """Return one ``[[fault]]``: a whole line, or a key for each of its parts."""
    if "plan" in each:
        text = each.text("plan")
        for key in each.rest():
            each.fail(key, "is not wanted beside 'plan', which is the whole line")
        try:
            return plan_line(text, topology, launched)
        except PlanError as error:
            each.fail("plan", str(error))
    kind = FAULTS[each.word("fault", sorted(FAULTS))]
    target = each.text("target", expected="a place such as 'us-east-1/use1-az1'")
    try:
        kind.check(target)
    except ValueError as error:
        each.fail("target", str(error))
    there = topology if issubclass(kind, LaunchRegion) else topology.covering(launched)
    problem = misplaced(kind, target, there)
    if problem:
        each.fail("target", problem)
    at, lasts = _when(each, "at"), _when(each, "for")
    line = FaultLine(kind.name, target, at or When(), lasts, _options(each, kind))
    problem = impossible(line, there)
    if problem:
        each.fail("fault", problem)
    return line


def _when(each: Options, key: str) -> When | None:
    text = each.text(key, None, expected="a duration or a percentage, such as '5m' or '30%'")
    if text is None:
        return None
    try:
        return When.parse(text)
    except PlanError as error:
        each.fail(key, str(error))


def _options(each: Options, kind: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for key, value in each.rest().items():
        # Numbers need no quotes in a file.
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        if key not in kind.options:
            known = ", ".join([*FAULT_KEYS, *kind.options])
            each.fail(key, f"no option of fault {kind.name}; expected one of {known}")
        try:
            kind.check_option(key, text)
        except ValueError as error:
            each.fail(key, str(error))
        found.append((key, text))
    return tuple(found)
