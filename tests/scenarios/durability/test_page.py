"""The page of the laboratory: its tables are those of the code, and its model can be read."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest
from page_tables import hold_no_other, hold_table

from scenarios.durability import files, report
from scenarios.durability.causes import CAUSES
from scenarios.durability.laws import LAWS
from scenarios.durability.published import CHECKS, cells
from scenarios.durability.rates import RATE_SETS
from scenarios.durability.study import names, study
from scenarios.durability.sweep import KNOBS
from scenarios.experiments import EXPERIMENTS

PAGE: Final = Path(report.__file__).parent / "README.md"


def rows(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def pairs(head: tuple[str, str], body: Mapping[str, str]) -> str:
    return rows(head, [(f"`{key}`", text) for key, text in body.items()])


def default() -> str:
    found = [
        study(files.loads(files.DEFAULT, rates=name), name, samples=60, seed=1)
        for name in RATE_SETS
    ]
    body = []
    for name in names(found):
        line = [name]
        for one in found:
            row = next((row for row in one.rows if row.name == name), None)
            line += ["", "", ""] if row is None else report.cells(row)
        body.append(line)
    heads = [head for one in found for head in (f"{one.rates}", "nines", "95 %")]
    return rows(["counted", *heads], body)


def laws() -> str:
    made = {name: law.keys for name, law in LAWS.items()}
    return pairs(("law", "keys"), made)


def causes() -> str:
    body = [
        (f"`{cause.name}`", cause.doc, ", ".join(f"`{name}`" for name in cause.mends) or "-")
        for cause in CAUSES.values()
    ]
    return rows(("cause", "what happens", "what mends it"), body)


def rates() -> str:
    body = []
    for one in RATE_SETS.values():
        for key, rate in one.rates.items():
            basis = f"{rate.events:,} in {rate.years:,.0f} years" if rate.counted else "chosen"
            body.append((one.name, f"`{key}`", f"{rate.value:.3g}", basis, rate.source))
    return rows(("set", "key", "per year", "basis", "source"), body)


def knobs() -> str:
    body = [(f"`{name}`", knob.kind, knob.doc) for name, knob in KNOBS.items()]
    return rows(("knob", "unit", "what it turns"), body)


def published() -> str:
    head = ("id", "figure", "published", "ours", "ratio", "source and note")
    return rows(head, [cells(check) for check in CHECKS])


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "default": default,
    "keys": lambda: pairs(("key", "meaning"), files.KEYS),
    "laws": laws,
    "causes": causes,
    "rates": rates,
    "knobs": knobs,
    "published": published,
    "json": lambda: pairs(("key", "meaning"), report.JSON_KEYS | report.PLACEMENT_KEY),
    "experiments": lambda: pairs(
        ("name", "question"), {name: one.question for name, one in EXPERIMENTS.items()}
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_page_is_that_of_the_code(name: str) -> None:
    hold_table(PAGE, name, TABLES[name]())


def test_the_page_has_no_table_that_nobody_makes() -> None:
    hold_no_other(PAGE, TABLES)


def test_every_model_of_the_page_can_be_read() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert [files.loads(block).model.name for block in blocks] == ["two-regions"]
