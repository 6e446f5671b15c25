"""``nines launch-region``: one more region in a running server.

What does not belong here: what a region is made of (regions/topology.py).
"""

from pathlib import Path

import click

from scenarios.commands.shared import PROMISES_HOLD, Load, write


@click.command("launch-region", short_help="Launch one more region in a running server.")
@click.argument("region", metavar="REGION")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True, help="The server's data folder.")
@click.pass_obj
def command(_load: Load, /, region: str, data: Path) -> int:
    """Launch REGION, such as mx-central-1, and wait until it serves; later starts have it too.

    Clients reach its endpoints on the same port. Trails over all regions cover it by themselves.
    """
    from scenarios.admin_client import ask  # noqa: PLC0415 - `nines --help` need not wait

    made = ask(data, "POST", "/regions", {"region": region})
    write(f"{made['region']} serves in {', '.join(made['azs'])}\n")
    return PROMISES_HOLD
