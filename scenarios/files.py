"""Scenarios as TOML files: read with errors that name file, line and key, and written again.

What a key means stands in KEYS and WORKLOAD_KEYS; the topology's are the fields of
``regions.topology.Topology``, and a workload's further ones those of its kind's ``Settings``.
What does not belong here: plans (plans.py), TOML itself (documents.py), types of values
(options.py), and where files are looked for (sources.py, run_folder.py, catalogue/).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from regions.layout import LOWEST
from regions.names import REGIONS
from regions.topology import Topology, TopologyError, check, default_azs
from scenarios.documents import FileError, build, element, pairs, table, text_of
from scenarios.judges import PromiseError, chosen
from scenarios.options import OptionError, Options, key_of, read, settable, spell
from scenarios.places import unheld
from scenarios.plans import plan_of
from scenarios.scenario import RECOVERY_NS, SETTLE_NS, Scenario, Workload
from scenarios.workloads import WORKLOADS
from scenarios.workloads.failover import FailoverSettings
from sim.plan import print_duration
from sim.schedule import parse_schedule

__all__ = ["FileError", "ScenarioFile", "dumps", "load", "load_file", "loads", "parse"]

#: Keys of a scenario file and what they say.
KEYS: Final[Mapping[str, str]] = {
    "name": "small letters, digits and hyphens; by default the name of the file",
    "summary": "one line for people",
    "source": "what it is modelled on, such as an incident and where it is described",
    "length": "how long the workload lasts; by default `1h`; percentages of a plan are of this",
    "recovery": "after the length: time to recover before the examination; by default `3m`",
    "settle": "after the examination: time for the last deliveries; by default `30m`",
    "managed_keys": "services whose AWS managed key comes into being before the run",
    "promises": "those that are judged; by default `all`, which is all that come with the project",
    "schedule": "who wins races: `shuffle`, `pct:DEPTH`, `hold:ACTOR`; then `:WINDOW`, up to 50ms",
    "thorough": "`true`: promises that sample frames read every one, as campaigns do",
    "seed": "seed of a run without `--seed`; run folders have it",
    "version": "version of Eleven Nines that wrote the file; run folders have it",
    "replay": "folder of log files whose calls were the workload; run folders have it",
    "topology": "table of what is built; see below",
    "workload": "tables of callers; by default one of kind `envelope`; see below",
    "fault": "tables of faults, in the order of the plan; see below",
}
#: Keys that every ``[[workload]]`` may have.
WORKLOAD_KEYS: Final[Mapping[str, str]] = {
    "kind": "a workload's name",
    "regions": "where the callers stand; by default in every region",
    "clients": "how many in each region; by default 8, and 0 is nobody",
}

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_CLIENTS_MAX: Final = 10_000
_LENGTH_NS: Final = Scenario(name="", summary="").length_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFile:
    """A scenario with what a file may say of a run of it."""

    scenario: Scenario
    seed: int | None = None
    version: str = ""
    replay: str = ""


def load(path: Path) -> Scenario:
    """Return the scenario of a file.

    Raises:
      FileError: it cannot be read, or is no scenario.
    """
    return load_file(path).scenario


def load_file(path: Path, *, replayed: bool = False) -> ScenarioFile:
    """Return the scenario of a file, and what it says of a run.

    Args:
      replayed: a log will say how long the run lasts, so times of the plan are not checked.
    Raises:
      FileError: it cannot be read, or is no scenario.
    """
    return parse(text_of(path, "a scenario file"), source=str(path), replayed=replayed)


def loads(text: str, name: str = "scenario") -> Scenario:
    """Return the scenario of a text.

    Args:
      name: of the scenario, unless the text says one, and of the file in errors.
    Raises:
      FileError: it is no scenario.
    """
    return parse(text, source=name).scenario


def parse(text: str, *, source: str, replayed: bool = False) -> ScenarioFile:
    """Return what a text of a scenario file says.

    Args:
      source: names the file in errors; its stem is the default name of the scenario.
      replayed: a log will say how long the run lasts, so times of the plan are not checked.
    Raises:
      FileError: it is no scenario.
    """
    return build(text, source, lambda options: _file(options, Path(source).stem, replayed=replayed))


def _file(options: Options, stem: str, *, replayed: bool) -> ScenarioFile:
    topology = _topology(options.table("topology"))
    name = options.text("name", stem, expected="a name such as 'az-outage'")
    if _NAME.fullmatch(name) is None:
        options.fail("name", f"expected small letters, digits and hyphens, not {name!r}")
    length_ns = options.duration_ns("length", _LENGTH_NS)
    if length_ns == 0:
        options.fail("length", "expected more than nothing")
    replay = options.text("replay", "")
    scenario = Scenario(
        name=name,
        summary=options.text("summary", ""),
        source=options.text("source", ""),
        topology=topology,
        length_ns=length_ns,
        workloads=_workloads(options, topology),
        managed_keys=options.texts("managed_keys", ()),
        promises=_promises(options),
        recovery_ns=options.duration_ns("recovery", RECOVERY_NS),
        settle_ns=options.duration_ns("settle", SETTLE_NS),
        plan=plan_of(options, topology, None if replay or replayed else length_ns),
        schedule=_schedule(options, topology),
        thorough=options.flag("thorough", default=False),
    )
    found = ScenarioFile(
        scenario=scenario,
        seed=options.integer("seed", None),
        version=options.text("version", ""),
        replay=replay,
    )
    options.close()
    return found


def _topology(options: Options) -> Topology:
    """Return the topology; every region is checked where it stands."""
    if isinstance(options.given.get("regions"), list):
        options = _by_default(options)
    regions, known = options.table("regions"), ", ".join(REGIONS)
    for region in regions.given:
        if region not in REGIONS:
            regions.fail(region, f"no such region; expected one of {known}")
    topology = read(Topology, options)
    _check_figures(options, topology)
    if not topology.regions:
        options.fail("regions", "expected at least one region")
    for region, azs in topology.regions.items():
        try:
            check(replace(topology, regions={region: azs}))
        except TopologyError as error:
            regions.fail(region, str(error))
    for region in topology.audit_acks:
        if region not in topology.regions:
            known = ", ".join(topology.regions)
            options.table("audit_acks").fail(region, f"no such region here; there are: {known}")
    return topology


def _check_figures(options: Options, topology: Topology) -> None:
    for figure, lowest in LOWEST.items():
        value = getattr(topology, figure)
        if value < lowest:
            options.fail(figure, f"expected a number of {lowest} or more, not {value}")


def _by_default(options: Options) -> Options:
    """Return options in which regions that were only named have the AZs they have by default."""
    named = options.texts("regions")
    for region in named:
        if region not in REGIONS:
            known = ", ".join(REGIONS)
            options.fail("regions", f"no region {region!r}; expected one of {known}")
        if named.count(region) > 1:
            options.fail("regions", f"region {region!r} stands there twice")
    azs = {region: list(default_azs(region)) for region in named}
    return Options({**options.given, "regions": azs}, options.path)


def _workloads(options: Options, topology: Topology) -> tuple[Workload, ...]:
    tables = options.tables("workload")
    if "workload" not in options:
        return (Workload(),)
    return tuple(_workload(each, topology) for each in tables)


def _workload(each: Options, topology: Topology) -> Workload:
    workload = Workload(
        kind=each.word("kind", hireable()),
        regions=each.texts("regions", ()),
        clients=each.integer("clients", Workload().clients, highest=_CLIENTS_MAX),
        options=each.rest(),
    )
    for region in workload.regions:
        if region not in topology.regions:
            known = ", ".join(topology.regions)
            each.fail("regions", f"no region {region!r} here; there are: {known}")
    kind = WORKLOADS[workload.kind]
    keys = [*WORKLOAD_KEYS, *(key_of(field.name) for field, _ in settable(kind.Settings))]
    for key in workload.options:
        if key not in keys:
            each.fail(key, f"unknown key; expected one of {', '.join(keys)}")
    try:
        settings = kind.settings(workload.options)
    except OptionError as error:
        raise OptionError((*each.path, *error.path), error.problem) from error
    if isinstance(settings, FailoverSettings):
        _check_elsewhere(each, workload.regions or tuple(topology.regions), settings, topology)
    return workload


def _check_elsewhere(
    each: Options, homes: tuple[str, ...], settings: FailoverSettings, topology: Topology
) -> None:
    known = ", ".join(topology.regions)
    if settings.elsewhere not in topology.regions:
        each.fail("elsewhere", f"no region {settings.elsewhere!r} here; there are: {known}")
    if settings.elsewhere in homes:
        where = ", ".join(homes)
        problem = f"expected a region where no caller stands, not {settings.elsewhere!r}"
        each.fail("elsewhere", f"{problem}; they stand in {where}")


def hireable() -> tuple[str, ...]:
    """Return the kinds of callers that a file can hire."""
    ours = WORKLOADS.builtin
    return tuple(name for name in WORKLOADS if name not in ours or ours[name].Settings is not None)


def _schedule(options: Options, topology: Topology) -> str:
    text: str = options.text("schedule", "")
    if text:
        try:
            parse_schedule(text)
        except ValueError as error:
            options.fail("schedule", str(error))
        problem = unheld(text, topology)
        if problem:
            options.fail("schedule", problem)
    return text


def _promises(options: Options) -> tuple[str, ...]:
    names: tuple[str, ...] = options.texts("promises", ())
    for name in names:
        if names.count(name) > 1:
            options.fail("promises", f"promise {name!r} stands there twice")
    try:
        return chosen(names)
    except PromiseError as error:
        options.fail("promises", str(error))


def dumps(
    scenario: Scenario,
    seed: int | None = None,
    *,
    version: str = "",
    replay: str = "",
    comment: str = "",
) -> str:
    """Return a scenario as the text of a file that reads back as the same scenario."""
    head: dict[str, Any] = {"name": scenario.name, "summary": scenario.summary}
    if scenario.source:
        head["source"] = scenario.source
    head["length"] = print_duration(scenario.length_ns)
    head["recovery"] = print_duration(scenario.recovery_ns)
    head["settle"] = print_duration(scenario.settle_ns)
    head["managed_keys"] = list(scenario.managed_keys)
    if scenario.promises:
        head["promises"] = list(scenario.promises)
    if scenario.schedule:
        head["schedule"] = scenario.schedule
    if scenario.thorough:
        head["thorough"] = True
    if seed is not None:
        head["seed"] = seed
    head |= {key: text for key, text in (("version", version), ("replay", replay)) if text}
    lines = [f"# {line}" for line in comment.splitlines()] + pairs(head)
    if not scenario.workloads:
        lines += pairs({"workload": []})
    lines += table("topology", spell(scenario.topology))
    for workload in scenario.workloads:
        given: dict[str, Any] = {"kind": workload.kind, "clients": workload.clients}
        if workload.regions:
            given["regions"] = list(workload.regions)
        lines += element("workload", given | dict(workload.options))
    for line in scenario.plan.lines:
        lines += element("fault", {"plan": str(line)})
    return "\n".join(lines) + "\n"
