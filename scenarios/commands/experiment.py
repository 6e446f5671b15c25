"""``nines experiment``: one question about durability, answered with a table and a picture.

What does not belong here: the questions (scenarios/experiments/).
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import InputError, check_writable, write


@click.command("experiment", short_help="A question about durability, answered.")
@click.argument("name", required=False)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the answer (PNG, SVG or PDF).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(name: str | None, plot: Path | None, as_json: bool) -> int:
    """Answer the question NAME exactly; without NAME, list the questions."""
    try:
        from scenarios.experiments import EXPERIMENTS  # noqa: PLC0415 - an extra, slow to import
    except ImportError as error:
        missing = (error.name or "numpy").partition(".")[0]
        raise InputError(
            f"nines experiment needs {missing}: pip install 'elevennines[lab]'"
        ) from error
    check_writable(plot)
    if name is None:
        width = max(len(each) for each in EXPERIMENTS)
        write("".join(f"{n:{width}}  {e.question}\n" for n, e in EXPERIMENTS.items()))
        return 0
    if name not in EXPERIMENTS:
        raise InputError(f"no experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
    found = EXPERIMENTS[name]
    outcome = found.run()
    if plot is not None:
        from scenarios.durability.pictures import PICTURES, PlotError, draw  # noqa: PLC0415 - lazy

        try:
            draw(plot, PICTURES["experiment"], found.question, outcome)
        except PlotError as error:
            raise InputError(str(error)) from error
    if as_json:
        values = {"name": name, "question": found.question, **asdict(outcome)}
        write(json.dumps(values, indent=2) + "\n")
    else:
        write(_text(found.question, outcome))
    return 0


def _text(question: str, outcome: Any) -> str:
    from rich.console import Console  # noqa: PLC0415 - see __main__.py

    from scenarios import layout  # noqa: PLC0415 - the same

    def show(console: Console) -> None:
        layout.title(console, question[0].upper() + question[1:])
        console.print()
        first, *rest = outcome.columns
        table = layout.table((first, "left"), *((name, "right") for name in rest))
        for row in outcome.rows:
            table.add_row(*row)
        layout.indent(console, table)
        console.print()
        for sentence in outcome.says:
            layout.line(console, sentence)
        layout.line(console, f"({outcome.assumes}.)")

    return layout.as_text(show)
