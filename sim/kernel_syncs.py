"""Syncs that the operating system carries out by itself: no thread of ours waits for a drive.

A thread that comes back from a sync wants the interpreter, and whoever has it pays for each
hand-over. Linux has workers of its own that sync files when asked through a ring of requests in
shared memory; they put their answers into a second ring, and count them where a loop can watch.
What does not belong here: which files a flush covers (sync_flusher.py), and who watches
(live_clock.py).
Source: io_uring_setup(2), io_uring_enter(2), io_uring_register(2), eventfd(2); layouts of
linux/io_uring.h.
"""

import ctypes
import mmap
import os
import platform
import struct
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Self

# System calls have these numbers on every architecture.
_SETUP: Final = 425
_ENTER: Final = 426
_REGISTER: Final = 427
_REGISTER_EVENTFD: Final = 4
_OP_FSYNC: Final = 3
_DATASYNC: Final = 1
#: Leave it to a worker at once: begun by the caller, a sync would keep the caller waiting.
_ASYNC: Final = 0x10
_REQUESTS_OFFSET: Final = 0x1000_0000  #: where the array of requests is mapped
_PARAMETERS_BYTES: Final = 120
_REQUEST_BYTES: Final = 64
_ANSWER_BYTES: Final = 16
#: Opcode, flags, priority, descriptor, offset, address, length, flags of the sync, whose it is.
_REQUEST: Final = struct.Struct("<BBHiQQIIQ24x")
_ANSWER: Final = struct.Struct("<QiI")  #: whose, result, flags
_WORD: Final = struct.Struct("<I")
_WRAP: Final = 0xFFFF_FFFF
#: Syncs under way at once; more wait here. Chosen: above the disks of ten regions.
SLOTS: Final = 256

#: Told 0, or the errno with which a sync has failed.
Done = Callable[[int], None]


class KernelSyncs:
    """Asks the kernel for syncs and collects what it has done; all on one thread.

    Attributes:
      event_fd: an eventfd that counts answers; a loop watches it and then calls ``reap()``.

    Raises:
      OSError: the system has no such rings, or forbids them.
    """

    event_fd: int = -1
    _ring_fd: int = -1

    @classmethod
    def open(cls) -> Self | None:
        """Return one, or None where the system has no such rings or forbids them.

        Python cannot order its reads of shared memory; x86-64 keeps them in order by itself.
        """
        if sys.platform != "linux" or platform.machine() != "x86_64":
            return None
        try:
            return cls()
        except OSError:
            return None

    def __init__(self) -> None:
        # PyDLL keeps the interpreter: these calls take a microsecond or two and never wait.
        self._call: Any = ctypes.PyDLL(None, use_errno=True).syscall
        parameters = ctypes.create_string_buffer(_PARAMETERS_BYTES)
        self._ring_fd = self._call(_SETUP, SLOTS, parameters)
        if self._ring_fd < 0:
            raise OSError(ctypes.get_errno(), "io_uring_setup")
        requests, answers = struct.unpack_from("<2I", parameters.raw, 0)
        _, self._tail_at, _, _, _, _, array_at = struct.unpack_from("<7I", parameters.raw, 40)
        self._head_at, self._end_at, _, _, _, self._answers_at = struct.unpack_from(
            "<6I", parameters.raw, 80
        )
        self._request_mask, self._answer_mask = requests - 1, answers - 1
        size = max(array_at + requests * _WORD.size, self._answers_at + answers * _ANSWER_BYTES)
        self._rings = mmap.mmap(self._ring_fd, size, offset=0)
        self._requests = mmap.mmap(
            self._ring_fd, requests * _REQUEST_BYTES, offset=_REQUESTS_OFFSET
        )
        for place in range(requests):
            _WORD.pack_into(self._rings, array_at + place * _WORD.size, place)
        self.event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        watched = ctypes.c_int(self.event_fd)
        if self._call(_REGISTER, self._ring_fd, _REGISTER_EVENTFD, ctypes.byref(watched), 1) < 0:
            raise OSError(ctypes.get_errno(), "io_uring_register")
        self._tail = self._head = self._number = 0
        self._under_way: dict[int, Done] = {}
        self._queued: deque[tuple[int, int, Done]] = deque()
        #: What the kernel refused at once, to be told by ``reap()``.
        self._refused: list[tuple[Done, int]] = []

    @property
    def busy(self) -> bool:
        """Whether ``reap()`` may have something to tell, now or later."""
        return bool(self._under_way or self._refused)

    def sync(self, fd: int, done: Done, *, names: bool = False) -> None:
        """Have a file made durable; ``done`` is returned by a later ``reap()``.

        Args:
          fd: of a file or a folder; it stays open until then.
          done: to be told how it ended.
          names: of a folder: fsync instead of fdatasync.
        """
        flags = 0 if names else _DATASYNC
        if len(self._under_way) < SLOTS:
            self._submit(flags, fd, done)
        else:
            self._queued.append((flags, fd, done))

    def _submit(self, flags: int, fd: int, done: Done) -> None:
        if self._ring_fd < 0:
            return  # The world has ended: nobody waits any more.
        self._number = number = self._number + 1
        place = (self._tail & self._request_mask) * _REQUEST_BYTES
        _REQUEST.pack_into(self._requests, place, _OP_FSYNC, _ASYNC, 0, fd, 0, 0, 0, flags, number)
        tail = self._tail + 1 & _WRAP
        _WORD.pack_into(self._rings, self._tail_at, tail)
        if self._call(_ENTER, self._ring_fd, 1, 0, 0, None, 0) == 1:
            self._tail = tail
            self._under_way[number] = done
        else:
            _WORD.pack_into(self._rings, self._tail_at, self._tail)
            self._refused.append((done, ctypes.get_errno()))

    def reap(self) -> list[tuple[Done, int]]:
        """Return who is to be told what: 0, or an errno."""
        found, self._refused = self._refused, []
        head, end = self._head, _WORD.unpack_from(self._rings, self._end_at)[0]
        if head != end:
            while head != end:
                place = self._answers_at + (head & self._answer_mask) * _ANSWER_BYTES
                number, result, _ = _ANSWER.unpack_from(self._rings, place)
                found.append((self._under_way.pop(number), -min(0, result)))
                head = head + 1 & _WRAP
            self._head = head
            _WORD.pack_into(self._rings, self._head_at, head)
        while self._queued and len(self._under_way) < SLOTS:
            flags, fd, done = self._queued.popleft()
            self._submit(flags, fd, done)
        return found

    def close(self) -> None:
        """Tell nobody anything any more; harmless the second time."""
        for fd in (self._ring_fd, self.event_fd):
            if fd >= 0:
                os.close(fd)
        self._ring_fd = self.event_fd = -1
        if not hasattr(self, "_queued"):
            return
        self._queued.clear()
        self._under_way.clear()
        self._rings.close()
        self._requests.close()

    def __del__(self) -> None:
        self.close()
