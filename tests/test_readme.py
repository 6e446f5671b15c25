"""The README keeps its word: its commands run, its folders and tables exist."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TOOL: dict[str, Any] = runpy.run_path(str(ROOT / "tests" / "readme_blocks.py"))
TEXT: str = TOOL["readme"]()
BLOCKS: list[list[str]] = TOOL["blocks"](TEXT)


@pytest.mark.parametrize("commands", BLOCKS, ids=lambda commands: commands[-1])
def test_the_commands_of_a_block_succeed_in_an_empty_folder(
    commands: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The installed command where there is one, as in .ci/run; else the checkout itself.
    installed = Path(sys.executable).with_name("nines")
    nines = [str(installed)] if installed.exists() else [sys.executable, "-m", "scenarios"]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if TOOL["is_script"](commands):
        if not installed.exists() or not installed.with_name("aws").exists():
            pytest.skip("a shell session needs the commands nines and aws to be installed")
        TOOL["run_script"](commands, tmp_path, installed)
        return
    for command in commands:
        TOOL["run"](command, tmp_path, nines)


def test_every_fenced_block_is_run_by_someone() -> None:
    others = ["sh", "python"]
    assert sorted(TOOL["kinds"](TEXT)) == sorted([*others, *["console"] * len(BLOCKS)])


def test_the_test_on_the_page_passes(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    (tmp_path / "test_orders.py").write_text(code)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nines-seeds", "3"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_the_two_installing_commands_are_those_that_ci_performs() -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert block.splitlines() == [
        "pip install -e .  &&  nines run az-outage",
        "pip install -e '.[test]'  &&  pytest -n auto",
    ]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    performed = [line for line in ci if line.startswith(("pip install", "nines run", "pytest"))]
    assert performed == [
        "pip install --quiet -e .",
        "nines run az-outage --no-save",
        "pip install --quiet -e '.[test]'",
        "pytest -n auto",
    ]


def table(heading: str) -> list[list[str]]:
    """Return the cells of the README table whose first column is called so."""
    lines = TEXT.splitlines()
    (start,) = [n for n, line in enumerate(lines) if line.startswith(f"| {heading} |")]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_every_heading_of_the_notes_has_its_folders() -> None:
    """DOC-01: the README maps each heading to folders that exist and to rows that tests carry."""
    rows = table("heading")
    headings = ["Cloud Trail", "Encryption", "KMI", "HSM", "KMS", "CMK"]
    assert [row[0] for row in rows] == headings
    for heading, folders in rows:
        places = re.findall(r"`([^`]+)`", folders)
        assert places, f"{heading} has no folder"
        assert [place for place in places if not (ROOT / place).exists()] == []
    carried = runpy.run_path(str(ROOT / "tests" / "requirements.py"))["carriers"]()
    prefixes = {row.partition("-")[0] for row in carried}
    assert {"CT", "ENC", "KMI", "HSM", "KMS", "CMK"} - prefixes == set()


def test_the_folders_and_tables_where_things_are_added_exist() -> None:
    for thing, folder, name in table("something new"):
        init = ROOT / folder.strip("`") / "__init__.py"
        assert init.exists(), f"{thing}: {folder} does not exist"
        found = re.search(rf"^{name.strip('`')}\b", init.read_text(encoding="utf-8"), re.MULTILINE)
        assert found, f"{thing}: {folder} has no table {name}"


def test_every_relative_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_a_session_that_fails_leaves_no_server_behind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    commands = ["(sleep 60; echo late) > held &", "cat nothing"]
    with pytest.raises(AssertionError, match="exit 1\ncat: nothing: No such file or directory"):
        TOOL["run_script"](commands, tmp_path, Path(sys.executable))
    # It ends when nobody is left who could write; a job that lives on would write.
    with os.fdopen(reader) as held:
        assert held.read() == ""
