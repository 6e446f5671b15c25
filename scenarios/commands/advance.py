"""``nines advance``: move the calendar of a running server forward.

What does not belong here: what falls due then (the actors).
"""

from pathlib import Path

import click

from scenarios.commands.shared import PROMISES_HOLD, InputError, Load, write


@click.command("advance", short_help="Move a running server's calendar forward.")
@click.argument("duration", metavar="DURATION")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True, help="The server's data folder.")
@click.pass_obj
def command(_load: Load, /, duration: str, data: Path) -> int:
    """Let DURATION, such as 8d or 1y, pass on the calendar; what falls due happens in order.

    Deletion windows, rotations and deliveries follow the calendar; deadlines, elections and the
    time of signatures do not.
    """
    from scenarios.admin_client import ask  # noqa: PLC0415 - `nines --help` need not wait
    from sim.plan import PlanError, parse_duration  # noqa: PLC0415 - the same
    from sim.units import NS_PER_SECOND  # noqa: PLC0415 - the same

    try:
        seconds = parse_duration(duration) / NS_PER_SECOND
    except PlanError as error:
        raise InputError(str(error)) from error
    ask(data, "POST", "/advance", {"seconds": seconds})
    calendar = ask(data, "GET", "/status")["calendar"]
    write(f"the calendar now shows {calendar}\n")
    return PROMISES_HOLD
