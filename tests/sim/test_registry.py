"""Tables that other packages add to: what is found, in which order, and what is refused how.

Method: packages are laid out in folders as an installer leaves them, with metadata and modules.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sim.registry import PluginError, Registry, subclass

Install = Callable[..., None]


class Tool:
    """Stands for what a table holds."""

    name = ""


class Hammer(Tool):
    """One of ours."""

    name = "hammer"


def accept(name: str, part: object) -> Mapping[str, Callable[[], type[Tool]]]:
    tool = subclass(part, Tool, name, "name", public="tests.Tool")
    return {name: lambda: tool}


def tools() -> Registry[type[Tool]]:
    return Registry("toy.tools", "tool", {"hammer": Hammer}, accept)


def broken(table: Mapping[str, Any], name: str) -> str:
    with pytest.raises(PluginError) as caught:
        table[name]
    return str(caught.value)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return what lays out a package: its name, its module's text, and name -> object of entries."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def lay_out(package: str, text: str, /, **entries: str) -> None:
        folder, module = tmp_path / package, package.replace("-", "_")
        info = folder / f"{module}-1.2.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(text)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        lines = [f"{name.replace('_', '-')} = {place}\n" for name, place in entries.items()]
        (info / "entry_points.txt").write_text("".join(["[toy.tools]\n", *lines]))
        sys.path.insert(0, str(folder))
        monkeypatch.delitem(sys.modules, module, raising=False)

    return lay_out


TOOL = """
from tests_registry_base import Tool
class {cls}(Tool):
    name = "{name}"
"""


@pytest.fixture(autouse=True)
def _base(monkeypatch: pytest.MonkeyPatch) -> None:
    # What packages derive their parts from must be this very class.
    monkeypatch.setitem(sys.modules, "tests_registry_base", sys.modules[Tool.__module__])


def test_ours_come_first_and_others_by_name_whatever_the_order_of_installing(
    install: Install,
) -> None:
    install("box-b", TOOL.format(cls="Saw", name="saw"), saw="box_b:Saw")
    install("box-a", TOOL.format(cls="Axe", name="axe"), axe="box_a:Axe")
    table = tools()
    assert list(table) == ["hammer", "axe", "saw"]
    assert [table.package(name) for name in table] == ["", "box-a 1.2", "box-b 1.2"]
    assert (table["hammer"], table["axe"].__name__, len(table)) == (Hammer, "Axe", 3)
    assert table.problems() == []


def test_a_part_is_imported_when_it_is_asked_for_and_once(install: Install) -> None:
    install("box", TOOL.format(cls="Axe", name="axe"), axe="box:Axe")
    table = tools()
    assert "axe" in table
    assert "box" not in sys.modules
    assert table["axe"] is table["axe"]
    assert "box" in sys.modules


def test_our_own_parts_are_had_without_a_look_at_other_packages() -> None:
    script = (
        "from sim.registry import Registry\n"
        "table = Registry('toy.tools', 'tool', {'hammer': int}, None)\n"
        "import sys; print(table['hammer'], 'hammer' in table, 'importlib.metadata' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "<class 'int'> True False\n"


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"^'axe'$"):
        tools()["axe"]


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        (
            "nowhere:Axe",
            "cannot be imported (ModuleNotFoundError: No module named 'nowhere'); expected a tool",
        ),
        (
            "box:Saw",
            ("cannot be imported (AttributeError: module 'box' has no attribute 'Saw');"
             " expected a tool"),
        ),
        ("box:number", "expected a subclass of tests.Tool, not an object of type int"),
        ("box:Other", "expected a subclass of tests.Tool, not the class Other"),
        ("box:Tool", "expected a subclass of tests.Tool, not the class Tool"),
        ("box:Wrong", "expected a class whose name is 'axe', as its entry says, not 'adze'"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_with_its_package_and_what_was_expected(
    install: Install, place: str, problem: str
) -> None:
    text = TOOL.format(cls="Wrong", name="adze") + "class Other: pass\nnumber = 1\n"
    install("box", text, axe=place)
    line = f"package box 1.2, entry 'axe' of toy.tools = {place}: {problem}"
    table = tools()
    assert broken(table, "axe") == line
    assert table.problems() == [line]


def test_a_name_that_no_plan_could_spell_is_refused(install: Install) -> None:
    install("box", TOOL.format(cls="Axe", name="Axe"), Axe="box:Axe")
    assert broken(tools(), "Axe") == (
        "package box 1.2, entry 'Axe' of toy.tools = box:Axe: expected a name of small letters,"
        " digits and hyphens, not 'Axe'"
    )


def test_two_packages_cannot_offer_one_name(install: Install) -> None:
    install("box-b", TOOL.format(cls="Axe", name="axe"), axe="box_b:Axe")
    install("box-a", TOOL.format(cls="Axe", name="axe"), axe="box_a:Axe")
    line = "tool 'axe' comes from box-a 1.2 and box-b 1.2; expected one of them"
    table = tools()
    assert list(table) == ["hammer", "axe"]
    assert broken(table, "axe") == line
    assert table.problems() == [line]


def test_a_name_of_ours_stays_ours_and_the_clash_is_told(install: Install) -> None:
    install("box", TOOL.format(cls="Mallet", name="hammer"), hammer="box:Mallet")
    table = tools()
    assert list(table) == ["hammer"]
    assert (table["hammer"], table.package("hammer")) == (Hammer, "")
    assert table.problems() == [
        ("package box 1.2, entry 'hammer' of toy.tools = box:Mallet: the name 'hammer' is one of"
         " Eleven Nines; expected another name")
    ]


def unpack(_: str, part: object) -> Mapping[str, Callable[[], Any]]:
    if not isinstance(part, dict):
        raise ValueError("expected a dict")  # noqa: TRY004 - as every ``accept`` does
    return {name: partial(int, text) for name, text in part.items()}


def test_one_entry_may_stand_for_parts_of_other_names(install: Install) -> None:
    install("box", "parts = {'two': '2', 'one': '1', 'odd': 'x'}", all="box:parts")
    install("crate", "parts = 5", bad="crate:parts")
    table: Registry[Any] = Registry("toy.tools", "part", {}, unpack, several=True)
    assert list(table) == ["odd", "one", "two"]
    assert table["two"] == 2
    origin = "package box 1.2, entry 'all' of toy.tools = box:parts"
    problem = f"{origin}: invalid literal for int() with base 10: 'x'"
    lost = "package crate 1.2, entry 'bad' of toy.tools = crate:parts: expected a dict"
    assert broken(table, "odd") == problem
    assert [str(error) for error in table.broken()] == [lost]
    assert table.problems() == [lost, problem]


def test_a_part_added_by_hand_is_there_until_it_is_taken_away() -> None:
    table = tools()
    axe = type("Axe", (Tool,), {"name": "axe"})
    table.add("axe", axe, "conftest")
    assert (table["axe"], table.package("axe"), list(table)) == (axe, "conftest", ["hammer", "axe"])
    table.remove("axe")
    assert "axe" not in table


@pytest.mark.parametrize(
    ("name", "part", "problem"),
    [
        ("hammer", Hammer, "the name 'hammer' is one of Eleven Nines; expected another name"),
        ("axe", Hammer, "expected a class whose name is 'axe', as its entry says, not 'hammer'"),
        ("An axe", Hammer,
         "expected a name of small letters, digits and hyphens, not 'An axe'"),
    ],
)  # fmt: skip
def test_what_is_added_by_hand_is_checked_as_well(name: str, part: Any, problem: str) -> None:
    with pytest.raises(PluginError) as caught:
        tools().add(name, part, "conftest")
    assert str(caught.value) == f"tool {name!r} of conftest: {problem}"


def test_a_name_is_added_once() -> None:
    table, axe = tools(), type("Axe", (Tool,), {"name": "axe"})
    table.add("axe", axe, "conftest")
    line = "tool 'axe' of conftest: the name 'axe' is one registered already; expected another name"
    with pytest.raises(PluginError, match=f"^{line}$"):
        table.add("axe", axe, "conftest")
