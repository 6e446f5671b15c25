"""The how-tos of scenarios/README.md: their files, their commands, and what those print.

What does not belong here: where the commands run (empty_venv.py).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[3] / "scenarios" / "README.md"
_HEADING: Final = "## How do I ...\n"
#: A fence, with the name of a file in a paragraph of its own before it if it is one.
_FENCE: Final = re.compile(
    r"^(?:`(?P<name>[\w./-]+)`:\n\n)?```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_STATUS: Final = "echo $?"


@dataclass(frozen=True)
class Command:
    """One command line, and what the page shows of its output; "" shows nothing."""

    line: str
    shown: str
    status: int


@dataclass(frozen=True)
class HowTo:
    """One of them, from an empty folder to the last command."""

    title: str
    files: dict[str, str]
    commands: tuple[Command, ...]


def how_tos() -> tuple[HowTo, ...]:
    """Return every how-to of the page, in order."""
    text = PAGE.read_text(encoding="utf-8").partition(_HEADING)[2]
    text = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    return tuple(_read(part) for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:])


def _read(part: str) -> HowTo:
    files: dict[str, str] = {}
    commands: list[Command] = []
    for fence in _FENCE.finditer(part):
        if fence["kind"] == "console":
            commands += _commands(fence["body"])
        else:
            assert fence["name"], f"a fenced block of {fence['kind']} has no file's name before it"
            files[fence["name"]] = fence["body"]
    return HowTo(part.partition("\n")[0].removeprefix("... "), files, tuple(commands))


def _commands(body: str) -> list[Command]:
    """Return the commands of a console block; ``echo $?`` says how the one before it ends."""
    found: list[Command] = []
    for each in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, _, shown = each.partition("\n")
        if line == _STATUS:
            found[-1] = Command(found[-1].line, found[-1].shown, int(shown))
        else:
            found.append(Command(line, shown, 0))
    return found


def matches(shown: str, said: str) -> bool:
    """Say whether an output is what the page shows.

    In a line ``...`` stands for anything; alone on a line, for any lines, or none.
    """
    pattern = ""
    for line in shown.splitlines():
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.fullmatch(pattern, said) is not None
