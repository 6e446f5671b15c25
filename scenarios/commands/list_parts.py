"""``nines list``: everything that a run can be made of.

What does not belong here: the tables, and how they are laid out (scenarios/listing.py).
"""

import click

from scenarios.commands.shared import BAD_INPUT, Load, complain, terminal_columns, write


@click.command("list", short_help="Name the scenarios, workloads, faults and promises.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: kind, name, parts.")
@click.pass_obj
def command(load: Load, as_json: bool) -> int:
    """Name everything a run can be made of, with what can be set.

    Scenarios can be run, workloads call the service, faults break it, promises are checked. A
    fault is shown with the form of its target; what is indented below a name are its options.
    Parts of other packages have the package's name and version in brackets; the exit status is 2
    when one of those cannot be used.
    """
    # Late import: `nines --help` need not wait for it.
    from scenarios import listing  # noqa: PLC0415

    parts = load()
    catalogue, problems = listing.catalogue(parts), listing.problems(parts)
    columns = terminal_columns()
    write(listing.to_json(catalogue) if as_json else listing.to_text(catalogue, columns=columns))
    for line in problems:
        complain(line)
    return BAD_INPUT if problems else 0
