"""A running `nines serve` for tests: a process of its own, on free ports, in a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

ACCOUNT = "111122223333"
REGION = "us-east-1"
#: What takes longer hangs. Chosen far above what it takes where other tests keep all cores busy.
PATIENCE_S = 300


@dataclass
class Running:
    """One server process and how to reach it."""

    process: subprocess.Popen[str]
    data: Path
    exports: dict[str, str] = field(repr=False)
    errors: Path = field(repr=False)  #: what it says on standard error

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of its plain HTTP."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def complaints(self) -> str:
        """Return all that it has said on standard error."""
        return self.errors.read_text()

    @property
    def url(self) -> str:
        return self.exports["AWS_ENDPOINT_URL"]

    def client(
        self,
        service: str,
        region: str = REGION,
        account: str = ACCOUNT,
        *,
        attempts: int = 1,
        verify: str | None = None,
    ) -> Any:
        """Return a real client, for servers that believe everybody."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key="unchecked",
            verify=verify,
            config=Config(retries={"total_max_attempts": attempts}, read_timeout=PATIENCE_S),
        )

    def nines(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command against this server."""
        return nines(*words, "--data", str(self.data))

    def kill(self) -> None:
        """End the process as kill -9 does."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def stop(self) -> int:
        """Ask the process to end, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


def nines(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scenarios", *words],
        capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=environment(),
    )  # fmt: skip


def environment() -> dict[str, str]:
    """Return this process's environment without what would lead a client elsewhere."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NINES_"))
    }


def _with(files_max: int) -> tuple[str, str]:
    """Return the words that make Python run the command with fewer descriptors."""
    limit = f"resource.setrlimit(resource.RLIMIT_NOFILE, ({files_max}, {files_max}))"
    return (
        "-c",
        f"import resource, runpy; {limit}; runpy.run_module('scenarios', run_name='__main__')",
    )


@contextmanager
def serving(
    data: Path, *options: str, auth: str = "off", files_max: int | None = None
) -> Iterator[Running]:
    """Start a server and wait until it says how to reach it; it is killed at the end.

    Args:
      files_max: how many files and sockets it may hold open; None: as many as this process.
    """
    words = ["serve", "--data", str(data), "--port", "0", "--auth", auth, *options]
    errors = data.with_name(f"{data.name}.stderr")
    with errors.open("a") as stream:
        process = subprocess.Popen(
            [sys.executable, *(("-m", "scenarios") if files_max is None else _with(files_max)), *words],
            stdout=subprocess.PIPE, stderr=stream, text=True, env=environment(),
        )  # fmt: skip
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        assert lines[-1], f"it ended: {errors.read_text()}"
        exports = dict(
            line.removeprefix("export ").strip().split("=", 1)
            for line in lines
            if line.startswith("export ")
        )
        yield Running(process, data, exports, errors)
    finally:
        process.kill()
        process.communicate()
