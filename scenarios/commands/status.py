"""``nines status``: how a running server is.

What does not belong here: reading its state (regions/live/status.py).
"""

import json
import time
from pathlib import Path
from typing import Any, Final

import click

from scenarios.commands.shared import PROMISES_HOLD, InputError, Integer, Load, write

#: Between two tries to reach a server that is starting.
_LOOK_S: Final = 0.2


class Patience(Integer):
    """How many seconds a server may take to start."""

    name, lowest, highest = "seconds", 0, 3_600


@click.command("status", short_help="Say how a running server is.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True, help="The server's data folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with everything.")
@click.option("--wait", type=Patience(), default=0, metavar="SECONDS",
              help="Until a server that is starting serves.")
@click.pass_obj
def command(_load: Load, /, data: Path, as_json: bool, wait: int) -> int:
    """Print health per region and AZ, leaders, faults, the calendar and calls by outcome."""
    from scenarios.admin_client import ask  # noqa: PLC0415 - `nines --help` need not wait

    end = time.monotonic() + wait
    found: dict[str, Any] | None = None
    while found is None:
        try:
            found = ask(data, "GET", "/status")
        except InputError:
            if time.monotonic() >= end:
                raise
            time.sleep(_LOOK_S)
    write(json.dumps(found, indent=2) + "\n" if as_json else _shown(found))
    return PROMISES_HOLD


def _shown(found: dict[str, Any]) -> str:
    lines = [
        f"data      {found['data']}",
        f"fsync     {found['fsync']}: {found['durability']}",
        f"auth      {found['auth']}",
        f"calendar  {found['calendar']}, {_days(found['calendar_moved_s'])} ahead of the wall",
        f"requests  {found['requests']} over {found['connections']} open connections",
        "",
    ]
    for region, one in found["regions"].items():
        lines.append(f"{region}: {one['serving']} of {len(one['azs'])} AZs serve")
        for az, state in one["azs"].items():
            words = ["serves" if state["serving"] else "does not serve"]
            words += ["leads"] if az == one["leader"] else []
            words += [f"{state['hsms_ready']} HSMs ready"] if "hsms_ready" in state else []
            words += [f"down: {' '.join(state['down'])}"] if state["down"] else []
            lines.append(f"  {az:<12} {', '.join(words)}")
    lines += ["", "faults"]
    lines += [f"  {fault['number']}  {fault['line']}" for fault in found["faults"]] or ["  none"]
    lines += ["", "calls by outcome"]
    lines += [
        f"  {call['count']:>8}  {call['service']} {call['action'] or '-'}  {call['outcome']}"
        for call in found["calls"]
    ] or ["  none"]
    return "\n".join(lines) + "\n"


def _days(seconds: float) -> str:
    return f"{seconds / 86_400:.1f} days" if seconds >= 86_400 else f"{seconds:.0f} s"
