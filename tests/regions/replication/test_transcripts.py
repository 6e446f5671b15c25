"""Golden transcripts of small groups: a command, ``----``, and all that the members did.

Goal: every message and decision of the usual stories is pinned, and a change shows as a diff that
a person reads. Method: tests/golden/raft/*.txt; NINES_REWRITE=1 writes what is observed.
Source of the form: the transcripts of etcd's raft.
"""

import os
from pathlib import Path

import pytest
from raft_group import Group

from regions.replication.log import FILE_HEAD_BYTES, FRAME_OVERHEAD

GOLDEN = Path(__file__).parents[2] / "golden" / "raft"


class Story:
    """One transcript's group; each method is a command."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.group = Group("a")

    def run(self, command: str) -> list[str]:
        self.lines = []
        verb, *words = command.split()
        getattr(self, verb)(*words)
        return self.lines

    def members(self, names: str, spares: str = "") -> None:
        """Start a new group; spares may be launched later."""
        self.group = Group(names, spares=spares, log=self.lines_append)

    def lines_append(self, line: str) -> None:
        self.lines.append(line)

    def settle(self) -> None:
        """Deliver and flush until nothing is under way; no timer fires."""
        self.group.settle()

    def silently(self, verb: str, *words: str) -> None:
        """Run a command and show only where the members stand after it."""
        getattr(self, verb)(*words)
        self.lines.clear()
        self.state()

    def sleep(self) -> None:
        """Heal all, and let timers fire until the group sleeps."""
        self.group.quiet_down()

    def fire(self, name: str, times: str = "1") -> None:
        for _ in range(int(times)):
            self.group.now_ns = max(self.group.now_ns, self.group.members[name].timer[1])  # type: ignore[index]
            self.group.fire(name)

    def startle(self, name: str) -> None:
        """Let a timer fire before its time."""
        self.group.fire(name)

    def lead(self, name: str) -> None:
        """Let a new group elect that member."""
        self.settle()
        self.fire(name)
        self.settle()
        self.lines.clear()
        self.state()

    def propose(self, name: str, *texts: str) -> None:
        for text in texts:
            index = self.group.propose(name, text.encode())
            self.lines.append(f"{name} appends {index}" if index else f"{name} does not lead")

    def add(self, name: str, other: str) -> None:
        self._asked(name, self.group.change(name, add=other))

    def remove(self, name: str, other: str) -> None:
        self._asked(name, self.group.change(name, remove=other))

    def _asked(self, name: str, index: int | str | None) -> None:
        done = f"has it as {index}" if isinstance(index, int) else f"refuses: {index}"
        self.lines.append(f"{name} {done}" if index else f"{name} does not lead")

    def read(self, name: str) -> None:
        if not self.group.read(name):
            self.lines.append(f"{name} does not lead")

    def snapshot(self, name: str) -> None:
        self.group.snapshot(name)

    def crash(self, name: str) -> None:
        self.group.crash(name)

    def start(self, name: str) -> None:
        self.group.start(name)

    def flush(self, name: str) -> None:
        self.group.flush(name)

    def deliver(self, source: str, target: str) -> None:
        self.group.deliver(source, target)

    def cut(self, source: str, target: str) -> None:
        """Lose what source sends to target, until ``join``."""
        self.group.cut.add((source, target))

    def isolate(self, name: str) -> None:
        for other in self.group.names:
            if other != name:
                self.group.cut |= {(name, other), (other, name)}

    def join(self) -> None:
        self.group.cut.clear()

    def wipe(self, name: str) -> None:
        self.group.members[name].disk.wipe()

    def rot(self, name: str, file: str, place: str = "0") -> None:
        """Flip a bit: in both copies of ``state``, or in the data of the n-th frame of ``log``."""
        disk = self.group.members[name].disk
        if file == "state":
            disk.rot("state", 5)
            disk.rot("state", 4_096 + 5)
            return
        raw, at = disk.load("log"), FILE_HEAD_BYTES
        for _ in range(int(place) - 1):
            at += FRAME_OVERHEAD + int.from_bytes(raw[at + 36 : at + 40], "big")
        disk.rot("log", at + 44)

    def tear(self, name: str, cut: str) -> None:
        """Let the last bytes of the log never have reached the disk."""
        disk = self.group.members[name].disk
        disk.truncate("log", disk.size("log") - int(cut))

    def state(self) -> None:
        self.lines.extend(self.group.describe().split("; "))


def play(text: str) -> str:
    story, out = Story(), []
    for block in text.strip().split("\n\n"):
        commands = block.split("\n----")[0].split("\n")
        shown: list[str] = []
        for command in commands:
            if not command.startswith("#"):
                shown += story.run(command)
        out.append("\n".join([*commands, "----", *shown]))
    return "\n\n".join(out) + "\n"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_the_group_acts_as_written(path: Path) -> None:
    before = path.read_text()
    after = play(before)
    if os.environ.get("NINES_REWRITE") == "1":
        path.write_text(after)
    assert after == before, f"{path.name} differs: read the diff after NINES_REWRITE=1"


def test_every_story_is_there() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == [
        "conflict",
        "damage",
        "election",
        "group-interrupted",
        "group-join",
        "group-leader-leaves",
        "one-way",
        "reads",
        "replication",
        "sleep",
        "snapshot",
    ]
