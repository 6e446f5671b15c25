"""The page of the kit keeps its word: its tests pass, its programs run, its tables are complete."""

import inspect
import re
from pathlib import Path

import pytest

from scenarios import Cloud
from scenarios.kit import plugin
from scenarios.kit.judgement import PROMISES
from scenarios.kit.machine import CloudMachine
from scenarios.kit.strategies import STRATEGIES

PAGE = (Path(__file__).parents[3] / "scenarios/kit/README.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_tests_on_the_page_pass(tmp_path: Path) -> None:
    (suite,) = [block for block in BLOCKS if "def test_" in block]
    (tmp_path / "test_page.py").write_text(suite)
    words = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", str(tmp_path))
    assert pytest.main([*words, str(tmp_path)]) == 0


def test_the_programs_on_the_page_run() -> None:
    programs = [block for block in BLOCKS if "def test_" not in block]
    assert programs
    for program in programs:
        exec(compile(program, "README.md", "exec"), {})


def test_the_page_names_every_argument_and_public_method_of_a_cloud() -> None:
    named = set(re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE))
    assert set(inspect.signature(Cloud).parameters) <= named
    beside = {"close", "sleep", "regions", "trace_hash", "start_clock", "current_time"}
    beside |= {"deadline_to_sleep_time", "answer", "wake_one"}
    public = {name for name in dir(Cloud) if not name.startswith("_") and name not in beside}
    assert public <= named


def test_the_page_names_every_option_and_the_promises_that_are_judged(
    pytestconfig: pytest.Config,
) -> None:
    source = inspect.getsource(plugin.pytest_addoption)
    for option in re.findall(r'"(--nines-[a-z]+)"', source):
        assert f"| `{option}" in PAGE
    for name in PROMISES:
        assert f"`{name}`" in PAGE
    assert pytestconfig.pluginmanager.has_plugin("nines")


def test_the_page_names_every_strategy_and_attribute_of_a_machine() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert set(STRATEGIES) <= named
    own = {name for name in vars(CloudMachine)["__annotations__"] if not name.startswith("_")}
    assert own <= named
