"""The how-tos of scenarios/README.md can be followed: files, commands, outputs, exit status."""

import runpy
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOOL: dict[str, Any] = runpy.run_path(str(HERE / "how_tos.py"))
VENV: dict[str, Any] = runpy.run_path(str(HERE / "empty_venv.py"))
HOW_TOS = TOOL["how_tos"]()


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return VENV["Venv"](tmp_path_factory.mktemp("how-to") / "venv")


@pytest.mark.parametrize("how_to", HOW_TOS, ids=lambda how_to: how_to.title)
def test_a_how_to_can_be_followed_from_an_empty_folder(
    how_to: Any, venv: Any, tmp_path: Path
) -> None:
    for name, text in how_to.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for command in how_to.commands:
        done = venv.run(tmp_path, "sh", "-c", command.line)
        said = done.stdout + done.stderr
        assert done.returncode == command.status, f"{command.line}\n{said}"
        if command.shown:
            assert TOOL["matches"](command.shown, said), f"{command.line}\n{said}"
        else:
            assert said == "", f"{command.line} is shown to print nothing\n{said}"


def test_the_how_tos_are_the_four_that_users_ask_for() -> None:
    assert [how_to.title for how_to in HOW_TOS] == [
        "test my app against an AZ outage",
        "find a bug with swarm and shrink it",
        "write my own promise",
        "replay my CloudTrail logs",
    ]


@pytest.mark.parametrize(
    ("shown", "said", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a ... c\n", "a\nb c\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("...\nd\n", "a\nb\n", False),
        ("1.5\n", "1x5\n", False),
    ],
)
def test_dots_stand_for_what_is_left_out_and_for_nothing_else(
    shown: str, said: str, same: bool
) -> None:
    assert TOOL["matches"](shown, said) is same
