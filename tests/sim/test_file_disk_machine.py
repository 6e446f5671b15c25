"""The live disk against a plain model, while its process is killed again and again.

Method: a killed process is a disk object that is left as it is; the next one opens the same
folder. What was written is there, flushed or not, since the host lives on; what an old object was
still about to sync changes nothing.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sim.disk import SECTOR_BYTES
from sim.file_disk import FileDisk, Mode

FILES = st.sampled_from(["log", "state", "own::000001:1", "a/b"])
DATA = st.binary(max_size=40)


class Machine(RuleBasedStateMachine):
    @initialize(mode=st.sampled_from(["always", "batch"]))
    def begin(self, mode: Mode) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.mode = mode
        self.model: dict[str, bytes] = {}
        self.left: list[FileDisk] = []
        self.asked = 0
        self.done: list[int] = []
        self.expected: list[int] = []
        self._open()

    def _open(self) -> None:
        self.queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.disk = FileDisk("d", self.folder, self.mode, self.queue.put)

    @rule(file=FILES, data=DATA)
    def append(self, file: str, data: bytes) -> None:
        old = self.model.get(file, b"")
        assert self.disk.append(file, data) == len(old)
        self.model[file] = old + data

    @rule(file=FILES, offset=st.integers(0, 60), data=DATA)
    def write(self, file: str, offset: int, data: bytes) -> None:
        self.disk.write(file, offset, data)
        old = self.model.get(file, b"").ljust(offset, b"\0")
        self.model[file] = old[:offset] + data + old[offset + len(data) :]

    @rule(file=FILES, size=st.integers(0, 60))
    def truncate(self, file: str, size: int) -> None:
        self.disk.truncate(file, size)
        if file in self.model:
            self.model[file] = self.model[file][:size]

    @rule(file=FILES)
    def remove(self, file: str) -> None:
        self.disk.remove(file)
        self.model.pop(file, None)

    @rule(old=FILES, new=FILES)
    def replace(self, old: str, new: str) -> None:
        if old not in self.model:
            with pytest.raises(FileNotFoundError):
                self.disk.replace(old, new)
            return
        self.disk.replace(old, new)
        self.model[new] = self.model.pop(old)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def lose_sector(self, data: st.DataObject) -> None:
        file = data.draw(st.sampled_from(sorted(self.model)))
        if old := self.model[file]:
            self.disk.lose_sector(file, 0)
            self.model[file] = bytes(min(SECTOR_BYTES, len(old))) + old[SECTOR_BYTES:]

    @rule()
    def flush(self) -> None:
        number = self.asked
        self.asked += 1
        self.disk.flush(lambda: self.done.append(number))
        self.expected.append(number)

    @rule()
    def settle(self) -> None:
        while self.disk.waiting:
            self.queue.get(timeout=60)()
        assert self.done == self.expected

    @rule()
    def power_cut(self) -> None:
        self.disk.power_cut()
        self.expected = self.done.copy()

    @rule()
    def kill(self) -> None:
        self.left.append(self.disk)
        self.expected = self.done.copy()
        self._open()

    @rule()
    def close(self) -> None:
        self.disk.close()
        self.expected = self.done.copy()
        self._open()

    @invariant()
    def it_shows_what_the_model_shows(self) -> None:
        shown = {file: self.disk.load(file) for file in self.disk.files()}
        assert shown == self.model
        assert {file: self.disk.size(file) for file in shown} == {
            file: len(content) for file, content in shown.items()
        }
        assert self.disk.statistics()["bytes_stored"] == sum(map(len, self.model.values()))

    def teardown(self) -> None:
        for disk in (*self.left, self.disk):
            disk.close()
        fresh = FileDisk("d", self.folder, "always", self.queue.put)
        assert {file: fresh.load(file) for file in fresh.files()} == self.model
        fresh.close()
        shutil.rmtree(self.folder)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
