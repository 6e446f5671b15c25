"""What a campaign came to, as a text that a person reads in a minute, and as JSON.

What does not belong here: counting (swarm.py).
"""

import io
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from scenarios import figures
from scenarios.coverage import HEALING, OVERLAPPING, PHASES, PROBES
from scenarios.layout import CONSOLE_OPTIONS
from scenarios.swarm import PROBES_FROM, Summary
from scenarios.swarm_worker import BROKEN, ERROR, HANG, HOLDS, Outcome

_VERDICTS: Final = (HOLDS, BROKEN, ERROR, HANG)
WIDTH_MAX: Final = 100  #: columns of the tables, where the terminal has so many
_FAILURES_SHOWN: Final = 10


def failure(outcome: Outcome) -> str:
    """Say in a few lines what failed and how to see it again."""
    what = ", ".join(outcome.broken) or outcome.verdict
    lines = [f"seed {outcome.task.key}: {what}", f"  {outcome.detail}"]
    if outcome.folder:
        lines.append(f"  again  nines run {outcome.folder}")
        if outcome.verdict != HANG:  # Nobody waits for hundreds of them.
            lines.append(f"  least  nines shrink {outcome.folder}")
    return "\n".join(lines) + "\n"


def to_text(summary: Summary, *, drawn: bool = True, width: int = WIDTH_MAX) -> str:
    """Return the summary; ``drawn`` says whether worlds were drawn, so that probes count."""
    page = io.StringIO()
    console = Console(
        file=page, width=width, force_terminal=False, color_system=None, **CONSOLE_OPTIONS
    )
    counts = ", ".join(
        f"{figures.count(summary.verdicts[verdict])} {verdict}"
        for verdict in _VERDICTS
        if summary.verdicts[verdict]
    )
    number = f"{figures.count(summary.runs)} seed{'' if summary.runs == 1 else 's'}"
    console.print(f"{number}: {counts}")
    if summary.wall_s:
        pace = summary.runs / summary.wall_s
        calls = figures.count(summary.calls)
        console.print(f"{pace:.2f} seeds per second and process, {calls} calls in all")
    if drawn:
        _show_coverage(console, summary)
        _show_probes(console, summary)
    if summary.failures:
        console.print("\nFailed (kept in .nines/swarm/failing.json, tried first next time)")
        for outcome in summary.failures[:_FAILURES_SHOWN]:
            console.print(failure(outcome).rstrip(), soft_wrap=True)
        if len(summary.failures) > _FAILURES_SHOWN:
            console.print(f"... and {len(summary.failures) - _FAILURES_SHOWN} more")
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _show_coverage(console: Console, summary: Summary) -> None:
    console.print("\nRuns in which a fault struck a role, and in which phase of its region")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("fault")
    for phase in PHASES:
        table.add_column(phase, justify="right")
    table.add_column("roles: " + "/".join(PHASES))
    missed = []
    for fault, roles in summary.coverage().items():
        phases = [sum(counts[phase] for counts in roles.values()) for phase in PHASES]
        if not any(phases):
            missed.append(fault)
            continue
        met = {role: counts for role, counts in roles.items() if any(counts.values())}
        never = ", ".join(role for role in roles if role not in met)
        spelled = [", ".join(f"{role} {_by_phase(counts)}" for role, counts in met.items())]
        spelled += [f"NEVER {never}"] if never else []
        table.add_row(fault, *map(figures.count, phases), "; ".join(spelled))
    if table.row_count:
        console.print(table)
    if missed:
        console.print(f"NEVER struck: {', '.join(missed)}")
    console.print(f"  {OVERLAPPING}: beside another fault; {HEALING}: within 15 s of a heal")


def _by_phase(counts: Mapping[str, int]) -> str:
    return "/".join(str(counts[phase]) for phase in PHASES)


def _show_probes(console: Console, summary: Summary) -> None:
    console.print("\nPlaces that a campaign must reach")
    for name in PROBES:
        count = summary.probes[name]
        console.print(f"  {figures.count(count) if count else 'NEVER':>7}  {name}")
    if summary.runs < PROBES_FROM and summary.missed():
        console.print(f"  (a campaign of {PROBES_FROM} seeds or more fails when one is missed)")


def to_json(summary: Summary, *, drawn: bool = True) -> dict[str, Any]:
    """Return the summary as plain values."""
    return {
        "seeds": summary.runs,
        "verdicts": {verdict: summary.verdicts[verdict] for verdict in _VERDICTS},
        "passed": summary.passed(drawn=drawn),
        "wall_s": round(summary.wall_s, 3),
        "calls": summary.calls,
        "coverage": summary.coverage(),
        "probes": {name: summary.probes[name] for name in PROBES},
        "failures": [outcome.to_json() for outcome in summary.failures],
    }
