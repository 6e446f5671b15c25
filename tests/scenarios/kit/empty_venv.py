"""Virtual environments that are made in a moment: they see what this one has, and add to it.

Packages are installed into them without an index and without building anything but the package
itself, so that tests need no network.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

#: What a shell finds in such an environment, by the module that it runs.
COMMANDS = {"nines": "scenarios", "pip": "pip", "pytest": "pytest"}


class Venv:
    """A virtual environment of its own, beside everything that this one has installed."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        self._bin = folder / "bin"
        here = sysconfig.get_path("purelib")
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        there = subprocess.run(
            [self._bin / "python", "-c", ask], check=True, capture_output=True, text=True
        ).stdout.strip()
        (Path(there) / "beside.pth").write_text(f"import site; site.addsitedir({here!r})\n")
        for name, module in COMMANDS.items():
            script = self._bin / name
            script.write_text(f'#!/bin/sh\nexec "{self._bin}/python" -m {module} "$@"\n')
            script.chmod(0o755)

    def run(self, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in a folder; its exit status is its caller's business."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "NINES_", "PYTEST_"))}
        return subprocess.run(
            words,
            cwd=folder,
            env=kept
            | {
                "PATH": f"{self._bin}{os.pathsep}{kept['PATH']}",
                "PIP_NO_INDEX": "1",
                "PIP_NO_BUILD_ISOLATION": "0",  # as pip reads it: no isolation
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "COLUMNS": "80",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def good(self, folder: Path, *words: str) -> str:
        """Run a command that must succeed in silence on standard error; return what it printed."""
        done = self.run(folder, *words)
        said = f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        assert (done.returncode, done.stderr) == (0, ""), said
        return done.stdout
