"""The commands of README.md: finds its console blocks and runs one command of them.

What does not belong here: the ``sh`` block with the two installing commands, which .ci/run
performs in a fresh virtual environment.
"""

import fcntl
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: All fenced blocks, to see that none is of a kind that nobody runs.
_FENCE: Final = re.compile(r"^```(\w*)\n.*?^```$", re.MULTILINE | re.DOTALL)
#: A README command that takes longer hangs; chosen far above the seconds that each takes.
TIMEOUT_SECONDS: Final = 600


def readme() -> str:
    """Return the text of README.md."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def kinds(text: str) -> list[str]:
    """Return the language of every fenced block, in order."""
    return _FENCE.findall(text)


def blocks(text: str) -> list[list[str]]:
    """Return the commands of every console block; each line of one starts with ``$ ``."""
    found = []
    for body in _BLOCK.findall(text):
        lines = body.splitlines()
        stray = [line for line in lines if not line.startswith("$ ")]
        assert not stray, f"README console line is no command: {stray[0]!r}"
        found.append([line.removeprefix("$ ") for line in lines])
    return found


def is_script(commands: list[str]) -> bool:
    """Say whether commands depend on each other through a shell, as a job in the background."""
    return any(not command.startswith("nines ") or command.endswith("&") for command in commands)


@contextmanager
def _alone() -> Iterator[None]:
    """Have the machine's default ports to oneself, as far as tests like this one go.

    The README serves on the default port; a folder that all users share and nobody locks is the
    lock, so that two suites on one machine take turns.
    """
    folder = os.open(gettempdir(), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def run_script(commands: list[str], folder: Path, nines: Path) -> None:
    """Run commands as one shell session that ends at the first failure.

    Args:
      nines: the installed command, whose folder also has the clients'.
    """
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "NINES_"))}
    # Files, not pipes: a server in the background would hold those open after a failure.
    with _alone(), TemporaryFile("w+") as out, TemporaryFile("w+") as complaints:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
            cwd=folder,
            env=kept | {"PATH": f"{nines.parent}{os.pathsep}{kept['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=complaints,
            start_new_session=True,
        )
        try:
            status = shell.wait(TIMEOUT_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
        said, complained = (file.seek(0) or file.read() for file in (out, complaints))
    text = f"exit {status}\n{said}{complained}"
    assert status == 0, text
    assert complained == "", text


def run(command: str, folder: Path, nines: list[str]) -> None:
    """Run one command line in a folder; fails with its output unless its exit status is 0."""
    words = [*nines, *shlex.split(command)[1:]]
    done = subprocess.run(
        words,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.stderr == "", f"{command}: wrote to stderr\n{done.stderr}"
