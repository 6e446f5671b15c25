"""``nines list``: everything that a run can be made of.

What does not belong here: the tables, and how they are laid out (scenarios/listing.py).
"""

import click

from scenarios.commands.shared import Load, terminal_columns, write


@click.command("list", short_help="Name the scenarios, workloads, faults and promises.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: kind, name, parts.")
@click.pass_obj
def command(load: Load, as_json: bool) -> int:
    """Name everything a run can be made of, with what can be set.

    Scenarios can be run, workloads call the service, faults break it, promises are checked. A
    fault is shown with the form of its target; what is indented below a name are its options.
    """
    # Late import: `nines --help` need not wait for it.
    from scenarios import listing  # noqa: PLC0415

    catalogue = listing.catalogue(load())
    columns = terminal_columns()
    write(listing.to_json(catalogue) if as_json else listing.to_text(catalogue, columns=columns))
    return 0
