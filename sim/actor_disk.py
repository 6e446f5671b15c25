"""A disk as one incarnation of an actor sees it: fenced, gated, read back and patient.

What does not belong here: disks themselves (disk.py, file_disk.py), and what a supervisor does
with a process that died (power.py).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

import trio

from sim.disk import Disk, DiskError, OutOfSpace, Then
from sim.engine import park
from sim.held import HELD_BYTES_MAX, RETRY_NS, Change, Held
from sim.readback import ReadBack

if TYPE_CHECKING:
    from sim.actor import Actor

#: A disk that still reads otherwise after so many writes is given up; chosen: with half of all
#: writes going astray one in a million comes so far.
REWRITES_MAX: Final = 20


class ActorDisk:
    """A disk as one incarnation sees it: fenced, its completions gated.

    A DiskError ends the process, as a database stops at an I/O error: what the disk holds is
    known again only after a boot has read it. A disk that is only out of space ends nobody:
    changes wait in memory until there is room, reads see them, and no flush completes before
    they are on the disk. What goes to a doubtful disk is read back after its flush, and written
    again where it reads otherwise, before the flush counts as done.
    """

    def __init__(self, actor: Actor, disk: Disk) -> None:
        self._actor = actor
        self._disk = disk
        self._read_back = ReadBack()
        self._held: Held | None = None  #: while there is no room

    def _open(self) -> Disk:
        if self._actor.fenced:
            from sim.actor import Fenced  # noqa: PLC0415 - actor.py needs this module first

            raise Fenced
        return self._disk

    def _die(self, error: DiskError) -> NoReturn:
        self._actor.abort(str(error))

    @property
    def full(self) -> bool:
        """Whether changes wait for room: refuse what can be refused, it would not be durable."""
        return self._held is not None

    @property
    def short(self) -> bool:
        """Whether so little room is left that only what others rely on should be written."""
        return self._open().short

    @property
    def doubtful(self) -> bool:
        """Whether what was written should be read back before anybody relies on it."""
        return self._open().doubtful

    # Changes.

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write into the cache."""
        disk = self._open()
        if self._held is None:
            try:
                disk.write(file, offset, data)
            except OutOfSpace as error:
                self._hold(error).write(file, offset, data)
            except DiskError as error:
                self._die(error)
            else:
                if disk.doubtful:
                    self._read_back.wrote(file, offset, data)
        else:
            self._wait(self._held).write(file, offset, data)

    def append(self, file: str, data: bytes) -> int:
        """Write behind the last byte and return the offset of the first one written."""
        offset = self.size(file)
        self.write(file, offset, data)
        return offset

    def truncate(self, file: str, size: int) -> None:
        """Cut a file to ``size`` bytes."""
        self._change(Change("truncate", (file, size)), file)

    def remove(self, file: str) -> None:
        """Delete a file, if it is there."""
        self._change(Change("remove", (file,)), file)

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new`` in one step."""
        self._change(Change("replace", (old, new)), old, new)

    def _change(self, change: Change, *files: str) -> None:
        """Make a change of names or sizes: at once, for it may free space, unless files wait."""
        self._open()
        held = self._held
        if held is None or not held.touches(*files):
            try:
                self._make(change)
            except OutOfSpace as error:
                held = held or self._hold(error)
            except DiskError as error:
                self._die(error)
            else:
                return
        getattr(self._wait(held), change.method)(*change.arguments)

    def _make(self, change: Change) -> None:
        """Have the disk do it, and let the reader-back know."""
        disk, read_back = self._disk, self._read_back
        getattr(disk, change.method)(*change.arguments)
        if change.method == "write":
            if disk.doubtful:
                read_back.wrote(*change.arguments)
        elif read_back:
            if change.method != "replace":
                read_back.cut(*change.arguments)
            elif change.arguments[0] != change.arguments[1]:
                read_back.renamed(*change.arguments)

    # A disk without room.

    def _hold(self, error: OutOfSpace) -> Held:
        """Begin to hold changes back."""
        self._held = Held(self._disk)
        self._actor.note("disk", full=str(error))
        self._actor.after(RETRY_NS, self._try_again)
        return self._held

    def _wait(self, held: Held) -> Held:
        if held.waiting_bytes > HELD_BYTES_MAX:
            self._die(DiskError(f"{held.waiting_bytes} bytes wait for room on the disk"))
        return held

    def _try_again(self) -> None:
        held = self._held
        assert held is not None, "only who holds changes tries again"
        try:
            held.make(self._make)
        except OutOfSpace:
            self._actor.after(RETRY_NS, self._try_again)
            return
        except DiskError as error:
            self._die(error)
        self._held = None
        self._actor.note("disk", full="no more")
        for then in held.flushes:
            self.flush(then)

    # Flushes.

    def flush(self, then: Then | None = None) -> None:
        """Make all earlier changes durable, then call ``then()`` unless the actor died."""
        actor, disk = self._actor, self._open()
        if self._held is not None:
            self._held.flushes.append(then)
            return
        done: Then | None = None
        if self._read_back:
            verify = (self._read_back.newest, then, 1)
            done = partial(actor.kernel.gated, actor, self._verify, verify)
        elif then is not None:
            done = partial(actor.kernel.gated, actor, then, ())
        try:
            disk.flush(done)
        except DiskError as error:
            self._die(error)

    def _verify(self, upto: int, then: Then | None, tries: int) -> None:
        """Call ``then()`` once everything up to that write reads back as it was written."""
        actor, disk, read_back = self._actor, self._open(), self._read_back
        try:
            wrong = read_back.wrong(disk, upto)
            if not wrong:
                if then is not None:
                    then()
                return
            if tries == REWRITES_MAX:
                self._die(DiskError(f"disk of {actor.name} does not hold what is written to it"))
            for each in wrong:
                self.write(each.file, each.offset, each.data)
            if self._held is not None:
                self._held.flushes.append(then)
                return
            again = (read_back.newest, then, tries + 1)
            disk.flush(partial(actor.kernel.gated, actor, self._verify, again))
        except DiskError as error:
            self._die(error)

    async def flushed(self) -> None:
        """Wait until all earlier changes are durable."""
        actor = self._actor
        waiting = [trio.lowlevel.current_task()]

        def wake() -> None:
            if waiting:
                actor.kernel.wake(waiting.pop())

        def abort(_: object) -> trio.lowlevel.Abort:
            waiting.clear()
            return trio.lowlevel.Abort.SUCCEEDED

        self.flush(wake)
        await park(abort)

    # Reads.

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent."""
        try:
            return self._shown().load(file)
        except DiskError as error:
            self._die(error)

    def read(self, file: str, offset: int, length: int) -> bytes:
        """Return a part of a file: less than ``length`` bytes where the file ends earlier."""
        disk = self._open()
        try:
            if self._held is not None:
                return self._held.load(file)[offset : offset + length]
            return disk.read(file, offset, length)
        except DiskError as error:
            self._die(error)

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""
        return self._shown().size(file)

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""
        return self._shown().files()

    def _shown(self) -> Disk | Held:
        """Return what shows the files as this incarnation left them."""
        disk = self._open()
        return disk if self._held is None else self._held

    def statistics(self) -> dict[str, int]:
        """Return counts since the world began."""
        return self._open().statistics()
