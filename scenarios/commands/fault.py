"""``nines fault``: break a running server, and mend it again.

What does not belong here: what faults do (sim/faults/, regions/faults/).
"""

from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import PROMISES_HOLD, InputError, Load, write


@click.command("fault", short_help="Break a running server, or mend it.")
@click.argument("words", nargs=-1, required=True, metavar="FAULT TARGET | list | heal [N|all]")
@click.option("--for", "lasts", metavar="DURATION", help="Such as 40m; by default until healed.")
@click.option("--with", "chosen", multiple=True, metavar="NAME=VALUE",
              help="An option of the fault; may be given again.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True, help="The server's data folder.")
@click.pass_obj
def command(
    _load: Load, /, words: tuple[str, ...], lasts: str | None, chosen: tuple[str, ...], data: Path
) -> int:
    """Begin a fault in a running `nines serve`, list those that last, or heal them.

    FAULT and TARGET are those of scenario files; `nines list` names them:

    \b
    nines fault power-off us-east-1/use1-az1 --for 40m
    nines fault packet-loss 'us-east-1<->eu-west-1' --with share=10%
    nines fault list
    nines fault heal 1
    """  # noqa: D301 - click reads the real backspace
    from scenarios.admin_client import ask  # noqa: PLC0415 - `nines --help` need not wait

    first, rest = words[0], words[1:]
    if first in ("list", "heal", "status") and (lasts or chosen):
        raise InputError(f"`nines fault {first}` begins nothing; expected no --for or --with")
    if first == "list" and not rest:
        _show(ask(data, "GET", "/faults"))
    elif first == "status" and not rest:
        _show(ask(data, "GET", "/status")["faults"])
    elif first == "heal" and len(rest) <= 1:
        path = "/faults" if rest in ((), ("all",)) else f"/faults/{rest[0]}"
        for line in ask(data, "DELETE", path):
            write(f"healed: {line}\n")
    elif len(words) == 2:
        line = " ".join(words)
        line += f" for {lasts}" if lasts else ""
        line += f" with {' '.join(chosen)}" if chosen else ""
        _show([ask(data, "POST", "/faults", {"line": line})])
    else:
        raise InputError(
            f"fault {' '.join(words)!r}: expected FAULT TARGET, list, status, or heal [N|all]"
        )
    return PROMISES_HOLD


def _show(faults: list[dict[str, Any]]) -> None:
    """Print a line for each fault that lasts."""
    for fault in faults:
        left = fault["ends_in_s"]
        end = "until it is healed" if left is None else f"{left:.0f} s more"
        write(f"{fault['number']:>3}  {fault['line']}  ({end})\n")
    if not faults:
        write("no fault lasts\n")
