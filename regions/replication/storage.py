"""One member's disk: batches of changes in flight, boot, and scrubbing.

All changes go through one queue: while a flush is under way, later changes gather and share the
next one (group commit). Anything but appending at the end writes the whole log anew beside the old
one and renames it, so a power cut finds either log complete. What is given up is overwritten
before its blocks are free again, so that nothing of it is left on the medium.
What does not belong here: the meaning of bytes (log.py) and of entries (raft.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from zlib import crc32

from regions.replication.entries import Entries
from regions.replication.log import (
    HARD_COPIES,
    Hard,
    Scan,
    Snapshot,
    decode_snapshot,
    decode_state,
    encode_frames,
    encode_hard,
    encode_log,
    encode_snapshot,
    scan,
)
from regions.replication.messages import Entry

LOG: Final = "log"
_NEW_LOG: Final = "log.new"
STATE: Final = "state"
SNAPSHOT_PREFIX: Final = "snapshot-"
#: What is given up has such a name until it is overwritten and removed.
ERASE_PREFIX: Final = "erase-"
#: Says up to which entry everything older than a snapshot must be forgotten, until it is.
_FORGET: Final = "forget"
#: Snapshots kept: the newest, and the one before it in case the newest rots; chosen.
SNAPSHOTS_KEPT: Final = 2


class Files(Protocol):
    """The part of a disk that is used here; sim.disk.Disk is one."""

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write into the cache."""

    def append(self, file: str, data: bytes) -> int:
        """Write behind the last byte."""

    def remove(self, file: str) -> None:
        """Delete a file, if it is there."""

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new``."""

    def flush(self, then: Callable[[], None] | None = None) -> None:
        """Make all earlier changes durable, then call ``then()``."""

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent."""

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """What a member knows when it starts."""

    hard: Hard
    entries: Entries
    snapshot: Snapshot | None
    findings: tuple[str, ...] = ()  #: what was torn, rotted or lost, for the trace
    blank: bool = True  #: nothing was ever written here, or the disk was replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """What one scrub found; all but snapshots is already being written again."""

    log: bool = False
    state: bool = False
    snapshots: tuple[int, ...] = ()  #: indices of rotted ones; their files are removed


def log_of(files: Mapping[str, bytes]) -> bytes:
    """Return the log among a member's files, also where the power went in the middle of a swap."""
    swapping = LOG not in files and any(file.startswith(ERASE_PREFIX) for file in files)
    return files.get(_NEW_LOG if swapping else LOG, b"")


def until_scrub_ns(member: str, calendar_ns: int, every_ns: int) -> int:
    """Return how long a member waits for its next scrub: 1–``every_ns``.

    It depends on the calendar alone, so that no restart puts a scrub off, and on the member's name,
    so that no two scrub at once.
    """
    own_ns = crc32(member.encode()) * every_ns >> 32
    return every_ns - (calendar_ns + own_ns) % every_ns


def _file_of(index: int) -> str:
    return f"{SNAPSHOT_PREFIX}{index:020d}"


class Storage:
    """The durable half of one member.

    Args:
      disk: its own; nothing else writes there.
      done: called with the number of each finished batch of changes, in order.
    """

    def __init__(self, disk: Files, done: Callable[[int], None]) -> None:
        self._disk = disk
        self._done = done
        self._sequence = 0
        self._busy = False
        self._token = 0  #: number of the newest change asked for
        self._queued = False  #: there is something for the next batch
        self._appends: list[Entry] = []
        self._rewrite = False
        self._hard: Hard | None = None
        self._new_snapshots: list[tuple[Snapshot, Callable[[], None] | None]] = []
        self._finished: list[Callable[[], None]] = []
        self._alone = False  #: the snapshot under way is to be the only one
        self._erase: list[str] = []  #: files given up, not overwritten yet
        self._given_up = 0
        self._wiping = 0  #: flushes after which overwritten files are removed
        self._settled: list[Callable[[], None]] = []
        self._term_before = 0  #: term of the entry before the next one to be appended
        self._written = 0  #: the last entry in the log file, flushed or not
        self._durable = 0
        self._check = 0  #: CRC-32 of the whole log file as it should be
        self._size = 0  #: its length in bytes
        self._entries = Entries()
        self._last_hard = Hard()
        self.snapshots: tuple[int, ...] = ()  #: indices of those on disk, oldest first

    def boot(self) -> Boot:
        """Read the disk and decide what it proves."""
        self._resume_swap()
        state = decode_state(self._disk.load(STATE))
        self._sequence = state.sequence
        raw = self._disk.load(LOG)
        blank = state.hard is None and not state.rotted and not raw
        hard = state.hard or Hard()
        found = scan(raw, hard)
        snapshot, bad = self._load_snapshots()
        entries, lost = _join(found, snapshot)
        covered = [i for i in entries.holes if snapshot is not None and i <= snapshot.index]
        if covered:
            entries.compact(max(covered))
        lost = lost or found.lost or _missing(entries, found.proof)
        forget = int.from_bytes(self._disk.load(_FORGET), "big")
        if snapshot is not None and 0 < forget <= snapshot.index:
            # The power went before everything older was erased.
            self._keep_newest()
            entries.compact(min(snapshot.index, entries.last_index))
            covered.append(snapshot.index)
        findings = []
        if state.rotted:
            findings.append(f"{state.rotted} copies of term and vote rotted")
        if state.hard is None and not blank:
            lost = lost or "term and vote are lost"
        for index in bad:
            self._give_up(_file_of(index))
            findings.append(f"snapshot {index} damaged")
        findings += [f"slot {index} rotted" for index in found.rotted]
        if found.torn:
            findings.append(f"{found.torn} bytes torn after entry {found.entries.last_index}")
        if lost:
            findings.append(lost)
            term = max(hard.term, found.entries.last_term)
            hard = Hard(term=term, vote="?", voter=False)
        commit = max(hard.commit, snapshot.index if snapshot else 0)
        hard = Hard(
            term=max(hard.term, entries.last_term),
            vote=hard.vote if hard.term >= entries.last_term else "",
            voter=hard.voter,
            proof=entries.last_index,
            commit=min(commit, entries.last_index),
        )
        self._entries, self._last_hard = entries, hard
        self._durable = self._written = entries.last_index
        self._check, self._size = crc32(raw), len(raw)
        # Whatever is not as it should be is written anew together with the first change.
        self._rewrite = not found.clean or entries is not found.entries or bool(covered)
        self._term_before = entries.last_term
        return Boot(
            hard=hard, entries=entries, snapshot=snapshot, findings=tuple(findings), blank=blank
        )

    def persist(
        self,
        token: int,
        *,
        hard: Hard | None = None,
        entries: tuple[Entry, ...] = (),
        rewrite: bool = False,
        snapshot: Snapshot | None = None,
    ) -> None:
        """Queue a change.

        Args:
          token: with which ``done`` is called once this change is durable; never falls.
          hard: the new hard state, if it changed.
          entries: what was appended to the member's Entries.
          rewrite: the Entries changed otherwise; their whole content is written.
          snapshot: replaces what the log's base stands for.
        """
        self._token, self._queued = token, True
        if hard is not None:
            self._hard = hard
        self._appends.extend(entries)
        self._rewrite = self._rewrite or rewrite
        if snapshot is not None:
            # A peer's: it takes the place of all that this member had.
            self._new_snapshots.append((snapshot, None))
            self._alone = True
        if not self._busy:
            self._begin()

    def save_snapshot(
        self, snapshot: Snapshot, then: Callable[[], None], *, alone: bool = False
    ) -> None:
        """Write the AZ's snapshot and call ``then()`` when it is durable.

        Args:
          snapshot: covers all that was applied.
          then: called once.
          alone: older snapshots are erased as soon as it is durable, or at the next boot.
        """
        if alone:
            self._alone = True
            self._disk.write(_FORGET, 0, snapshot.index.to_bytes(8, "big"))
        self._new_snapshots.append((snapshot, then))
        self._queued = True
        if not self._busy:
            self._begin()

    def newest_snapshot(self) -> Snapshot | None:
        """Read the newest healthy snapshot."""
        return self._load_snapshots()[0]

    def cleanse(self) -> None:
        """Begin to erase what a power cut has left; nothing of it is done by itself."""
        if self._disk.load(_FORGET):
            self.persist(self._token, rewrite=True)
        elif not self._busy:
            self._wipe()

    def settle(self, then: Callable[[], None]) -> None:
        """Call ``then()`` as soon as nothing is to be written or erased."""
        self._settled.append(then)
        self._check_settled()

    @property
    def busy(self) -> bool:
        """Whether a batch is under way."""
        return self._busy

    def scrub(self) -> Scrubbed:
        """Compare the whole disk with its checksums and write anew what rotted.

        The members' memory is healthy, so the log and the hard state are written from there.
        """
        if self._busy:
            return Scrubbed()
        log = crc32(self._disk.load(LOG)) != self._check and not self._rewrite
        state = decode_state(self._disk.load(STATE)).rotted > 0
        bad = self._load_snapshots()[1]
        for index in bad:
            self._give_up(_file_of(index))
        self.snapshots = tuple(index for index in self.snapshots if index not in bad)
        if log or state:
            self.persist(self._token, hard=self._last_hard, rewrite=log)
        return Scrubbed(log=log, state=state, snapshots=bad)

    # The batch under way.

    def _begin(self) -> None:
        self._busy, self._queued = True, False
        token = self._token
        for snapshot, then in self._new_snapshots:
            self._disk.write(_file_of(snapshot.index), 0, encode_snapshot(snapshot))
            self.snapshots = tuple(sorted({*self.snapshots, snapshot.index}))
            if then is not None:
                self._finished.append(then)
        self._new_snapshots.clear()
        if self._hard is not None:
            self._write_hard(self._hard)
            self._last_hard, self._hard = self._hard, None
        if self._rewrite:
            self._rewrite = False
            self._appends.clear()
            # The file gets its name only when it is durable, so all of it will be proven.
            whole = encode_log(self._entries, self._entries.last_index)
            self._give_up(_NEW_LOG)
            self._disk.write(_NEW_LOG, 0, whole)
            self._check, self._size = crc32(whole), len(whole)
            self._term_before = self._entries.last_term
            last = self._written = self._entries.last_index
            self._disk.flush(lambda: self._swap(token, last))
            return
        last = self._durable
        # A whole log written before may have held some of these already.
        entries = [entry for entry in self._appends if entry.index > self._written]
        self._appends.clear()
        if entries:
            frames = encode_frames(entries, self._term_before, self._durable, self._size)
            self._check, self._size = crc32(frames, self._check), self._size + len(frames)
            self._disk.append(LOG, frames)
            last = self._written = entries[-1].index
            self._term_before = entries[-1].term
        self._disk.flush(lambda: self._end(token, last))

    def _write_hard(self, hard: Hard) -> None:
        self._sequence += 1
        raw = encode_hard(hard, self._sequence)
        for at in HARD_COPIES:
            self._disk.write(STATE, at, raw)

    def _swap(self, token: int, last: int) -> None:
        # Only now is the new log complete on disk, so that its name may be given away. If the
        # power goes between the two, the next boot does the second (_resume_swap).
        self._give_up(LOG)
        self._disk.replace(_NEW_LOG, LOG)
        self._disk.flush(lambda: self._end(token, last))

    def _end(self, token: int, last: int) -> None:
        self._durable = last
        self._busy = False
        if self._alone and not self._new_snapshots:
            self._alone = False
            self._keep_newest()
        for index in self.snapshots[:-SNAPSHOTS_KEPT]:
            self._give_up(_file_of(index))
        self.snapshots = self.snapshots[-SNAPSHOTS_KEPT:]
        finished, self._finished = self._finished, []
        for then in finished:
            then()
        self._done(token)
        self._wipe()
        if self._queued and not self._busy:
            self._begin()
        self._check_settled()

    # What is given up.

    def _resume_swap(self) -> None:
        """Finish what a power cut has interrupted: the old log is given up, the new one unnamed."""
        files = self._disk.files()
        self._erase = [file for file in files if file.startswith(ERASE_PREFIX)]
        numbers = [int(file[len(ERASE_PREFIX) :]) + 1 for file in self._erase]
        self._given_up = max(numbers, default=0)
        if self._erase and LOG not in files and _NEW_LOG in files:
            self._disk.replace(_NEW_LOG, LOG)

    def _keep_newest(self) -> None:
        for index in self.snapshots[:-1]:
            self._give_up(_file_of(index))
        self.snapshots = self.snapshots[-1:]

    def _give_up(self, file: str) -> None:
        if file in self._disk.files():
            name = f"{ERASE_PREFIX}{self._given_up}"
            self._given_up += 1
            self._disk.replace(file, name)
            self._erase.append(name)

    def _wipe(self) -> None:
        """Overwrite what was given up; it is removed once that is durable.

        A file that is removed first takes the zeros with it, and leaves its blocks as they were.
        """
        names, self._erase = self._erase, []
        if names:
            for name in names:
                self._disk.write(name, 0, bytes(len(self._disk.load(name))))
            self._wiping += 1
            self._disk.flush(lambda: self._wiped(names))

    def _wiped(self, names: list[str]) -> None:
        self._wiping -= 1
        for name in names:
            self._disk.remove(name)
        self._check_settled()

    def _check_settled(self) -> None:
        if self._busy or self._queued or self._erase or self._wiping:
            return
        if self._settled:
            self._disk.remove(_FORGET)
            settled, self._settled = self._settled, []
            for then in settled:
                then()

    def _load_snapshots(self) -> tuple[Snapshot | None, tuple[int, ...]]:
        """Return the newest healthy snapshot, and the indices of the rotted ones."""
        newest, good, bad = None, [], []
        for file in self._disk.files():
            if not file.startswith(SNAPSHOT_PREFIX):
                continue
            index = int(file[len(SNAPSHOT_PREFIX) :])
            snapshot = decode_snapshot(self._disk.load(file))
            # A whole snapshot under another one's name was written there by mistake.
            if snapshot is None or snapshot.index != index:
                bad.append(index)
            else:
                newest = snapshot
                good.append(index)
        self.snapshots = tuple(good)
        return newest, tuple(bad)


def _missing(entries: Entries, proof: int) -> str:
    last = entries.last_index
    return f"entries {last + 1}–{proof} were durable and are gone" if proof > last else ""


def _join(found: Scan, snapshot: Snapshot | None) -> tuple[Entries, str]:
    """Fit log and snapshot together; say what is lost if they do not meet.

    Returns:
      the log, or a new one where the log has to give way; and the reason of a loss, or empty.
    """
    entries = found.entries
    covered = snapshot.index if snapshot else 0
    if entries.base_index > covered:
        fresh = Entries(covered, snapshot.term if snapshot else 0)
        return fresh, f"the snapshot under entry {entries.base_index + 1} rotted"
    if snapshot is None or entries.term_at(snapshot.index) == snapshot.term:
        return entries, ""
    # A snapshot is committed state: entries that do not lead to it were given up long ago.
    return Entries(snapshot.index, snapshot.term), ""
