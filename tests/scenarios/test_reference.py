"""The tables of scenarios/README.md say what the code says.

With ``NINES_REWRITE=1`` they are written anew; the difference is read before it is committed.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import click
import pytest
from page_tables import hold_no_other, hold_table

import scenarios
from regions.topology import Topology
from scenarios import __main__ as command
from scenarios import files, plans, report
from scenarios.catalogue import SCENARIOS
from scenarios.documents import pairs
from scenarios.options import key_of, settable, spell
from scenarios.workloads import WORKLOADS

PAGE: Final = Path(scenarios.__file__).parent / "README.md"


def rows(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *body]
    return "".join(f"|{'|'.join(f' {cell} ' for cell in line)}|\n" for line in lines).replace(
        " --- ", "---"
    )


def keys(meanings: Mapping[str, str]) -> str:
    return rows(("key", "meaning"), ((f"`{key}`", text) for key, text in meanings.items()))


def kind_of(name: str, hint: Any) -> str:
    if get_origin(hint) is dict:
        return f"table: name -> {kind_of('', get_args(hint)[1])}"
    if get_origin(hint) is Literal:
        return " or ".join(f"`{word}`" for word in get_args(hint))
    if name.endswith("_ns"):
        return "duration"
    plain = {int: "integer", float: "number", bool: "true or false", str: "text"}
    return plain.get(hint, "list of texts")


def fields(kind: Any) -> list[tuple[str, str, str]]:
    defaults = spell(kind())
    found = []
    for field, hint in settable(kind):
        key = key_of(field.name)
        value = pairs({"": defaults[key]})[0].partition("= ")[2] if key in defaults else ""
        default = "see above" if key == "regions" else f"`{value}`" if value else ""
        found.append((f"`{key}`", kind_of(field.name, hint), default))
    return found


def workloads() -> str:
    common = [(f"`{key}`", "any", text) for key, text in files.WORKLOAD_KEYS.items()]
    kinds: dict[tuple[str, str], list[str]] = {}
    for name, kind in sorted(WORKLOADS.items()):
        if kind.Settings is not None:
            for key, what, default in fields(kind.Settings):
                meaning = f"{what}; by default {default}" if default else what
                kinds.setdefault((key, meaning), []).append(f"`{name}`")
    own = [(key, " ".join(names), meaning) for (key, meaning), names in kinds.items()]
    return rows(("key", "kinds", "meaning"), [*common, *own])


def commands() -> str:
    context = click.Context(command.nines)
    body = []
    for name in command.nines.list_commands(context):
        found = command.nines.get_command(context, name)
        assert found is not None
        assert found.short_help
        options = [
            f"`{'/'.join([*each.opts, *each.secondary_opts])}`"
            for each in found.params
            if isinstance(each, click.Option)
        ]
        body.append((f"`nines {name}`", found.short_help.rstrip("."), " ".join(options)))
    return rows(("command", "what it does", "options"), body)


def catalogue() -> str:
    body = [(f"`{n}`", s.summary, s.source or "-") for n, s in sorted(SCENARIOS.items())]
    return rows(("scenario", "what happens", "modelled on"), body)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "keys": lambda: keys(files.KEYS),
    "topology": lambda: rows(("key", "value", "by default"), fields(Topology)),
    "workload": workloads,
    "fault": lambda: keys(plans.FAULT_KEYS),
    "commands": commands,
    "catalogue": catalogue,
    "report": lambda: keys(report.JSON_KEYS),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_page_is_that_of_the_code(name: str) -> None:
    hold_table(PAGE, name, TABLES[name]())


def test_the_page_has_no_table_that_nobody_makes() -> None:
    hold_no_other(PAGE, TABLES)


def test_every_scenario_of_the_page_can_be_read() -> None:
    # The blocks before are files of the how-tos, which test_how_tos.py follows.
    page = PAGE.read_text(encoding="utf-8").partition("## A scenario file\n")[2]
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert blocks
    for block in blocks:
        scenario = files.loads(block)
        assert scenario.name == tomllib.loads(block)["name"]
