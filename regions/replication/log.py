"""How a member's log, votes and snapshots lie on disk, and what a damaged disk still proves.

File ``log``: one file head, then one frame per entry:

====  =====  ========================================================================
 at   bytes  frame of an entry
====  =====  ========================================================================
   0      4  ``RaFt``
   4      8  index
  12      8  term
  20      8  term of the entry before, so that one rotted frame still has a known term
  28      8  *proof*: entries up to this index were durable when the frame was written
  36      4  length n of the data
  40      4  CRC-32 of bytes 0–39
  44      n  data
44+n      4  CRC-32 of data, begun with the CRC at 40
48+n      4  ``tFaR``: never zero, so a frame that has it was not cut off
====  =====  ========================================================================

File ``state``: term, vote and proof, twice, each copy inside one sector, which a power cut either
keeps or loses but never tears: a copy with a bad checksum has rotted.
A bad frame is *torn* if nothing shows that it was flushed, and the log ends before it; else it is
*rotted*, and its slot is kept. What does not belong here: when to write (storage.py).
Source: Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage" (FAST'18), 3.3.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from regions.replication.entries import Entries
from regions.replication.messages import Entry

_HEAD: Final = struct.Struct(">4sQQQQI")
_CRC: Final = struct.Struct(">I")
_MAGIC: Final = b"RaFt"
_END: Final = b"tFaR"
_DATA_AT: Final = _HEAD.size + _CRC.size
#: Bytes of a frame around its data.
FRAME_OVERHEAD: Final = _DATA_AT + _CRC.size + len(_END)

_FILE: Final = struct.Struct(">4sQQ")
_FILE_MAGIC: Final = b"Log1"
FILE_HEAD_BYTES: Final = _FILE.size + _CRC.size

_HARD: Final = struct.Struct(">4sQQQQBH")
_HARD_MAGIC: Final = b"Hrd1"
#: The second copy stands eight sectors away from the first; chosen.
HARD_COPIES: Final = (0, 4_096)
_HARD_BYTES: Final = 512

_SNAPSHOT: Final = struct.Struct(">4sQQI")
_SNAPSHOT_MAGIC: Final = b"Snp1"
_SNAPSHOT_HEAD_BYTES: Final = _SNAPSHOT.size + _CRC.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Hard:
    """What a member must never forget: its term, its vote, and what it knows to be durable."""

    term: int = 0
    vote: str = ""  #: whom it voted for in this term; ``?`` if that is lost, so nobody gets one
    voter: bool = False  #: False until this member may count in majorities
    proof: int = 0  #: entries up to here were durable
    commit: int = 0  #: entries up to here were committed


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The AZ's state after one index."""

    index: int
    term: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a log file still says."""

    entries: Entries
    proof: int  #: entries up to here were durable; the log may end earlier
    torn: int = 0  #: bytes at the end that were never flushed
    rotted: tuple[int, ...] = ()  #: slots kept as holes
    lost: str = ""  #: why nobody knows what the log held further on, or empty
    clean: bool = True  #: False if the file should be written anew


def encode_frame(entry: Entry, previous_term: int, proof: int) -> bytes:
    """Return the bytes of one entry."""
    data = entry.data
    head = _HEAD.pack(_MAGIC, entry.index, entry.term, previous_term, proof, len(data))
    check = crc32(head)
    return b"".join((head, _CRC.pack(check), data, _CRC.pack(crc32(data, check)), _END))


def encode_frames(entries: Iterable[Entry], previous_term: int, proof: int) -> bytes:
    """Return the bytes of consecutive entries."""
    frames = []
    for entry in entries:
        frames.append(encode_frame(entry, previous_term, proof))
        previous_term = entry.term
    return b"".join(frames)


def encode_log(entries: Entries, proof: int) -> bytes:
    """Return a whole log file; a hole is written so that it reads as rotted again."""
    head = _FILE.pack(_FILE_MAGIC, entries.base_index, entries.base_term)
    parts = [head, _CRC.pack(crc32(head))]
    previous_term = entries.base_term
    for entry in entries.all():
        frame = encode_frame(entry, previous_term, proof)
        if entry.index in entries.holes:
            at = len(frame) - len(_END) - 1
            frame = frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]
        parts.append(frame)
        previous_term = entry.term
    return b"".join(parts)


@dataclass(slots=True)
class _Found:
    """One frame whose head is readable, or a stretch of bytes without any such head."""

    at: int
    end: int
    index: int = 0  #: 0: no readable head
    term: int = 0
    previous_term: int = 0
    proof: int = 0
    data: bytes | None = None  #: None: the data did not survive
    ended: bool = True  #: the end mark stands there, so the bytes were not cut off


def _frame_at(raw: bytes, at: int) -> _Found | None:
    """Read the frame at a place, if its head is intact."""
    if raw[at : at + 4] != _MAGIC or at + _DATA_AT > len(raw):
        return None
    _, index, term, previous_term, proof, size = _HEAD.unpack_from(raw, at)
    (check,) = _CRC.unpack_from(raw, at + _HEAD.size)
    if crc32(raw[at : at + _HEAD.size]) != check:
        return None
    close = at + _DATA_AT + size
    end = close + _CRC.size + len(_END)
    data = raw[at + _DATA_AT : close]
    ended = raw[close + _CRC.size : end] == _END
    sound = len(data) == size and raw[close : close + 4] == _CRC.pack(crc32(data, check))
    return _Found(
        at,
        min(end, len(raw)),
        index,
        term,
        previous_term,
        proof,
        data if sound else None,
        ended or sound,
    )


def _find_frames(raw: bytes, at: int) -> list[_Found]:
    """Read all frames, looking for the next intact head after unreadable bytes."""
    found: list[_Found] = []
    while at < len(raw):
        frame = _frame_at(raw, at)
        if frame is None:
            start, frame = at, None
            at = raw.find(_MAGIC, at + 1)
            while at >= 0 and (frame := _frame_at(raw, at)) is None:
                at = raw.find(_MAGIC, at + 1)
            stop = at if at >= 0 else len(raw)
            found.append(_Found(start, stop, ended=raw[start:stop].endswith(_END)))
            if frame is None:
                break
        found.append(frame)
        at = frame.end
    return found


def scan(raw: bytes, hard: Hard) -> Scan:
    """Decide what a log file proves: clean, torn at its end, rotted in places, or incomplete.

    Args:
      raw: the whole file, empty if there is none.
      hard: proves how far the log once was durable.
    """
    proof = max(hard.proof, hard.commit)
    if len(raw) < FILE_HEAD_BYTES:
        return Scan(entries=Entries(), proof=proof, torn=len(raw), clean=False)
    found = _find_frames(raw, FILE_HEAD_BYTES)
    heads = [f for f in found if f.index]
    proof = max([proof, *(f.proof for f in heads)])
    _, base_index, base_term = _FILE.unpack_from(raw)
    (check,) = _CRC.unpack_from(raw, _FILE.size)
    clean = raw.startswith(_FILE_MAGIC) and crc32(raw[: _FILE.size]) == check
    if not clean:
        if not heads or found[0] is not heads[0]:
            lost = "the head of the log rotted"
            return Scan(entries=Entries(), proof=proof, lost=lost, clean=False)
        base_index, base_term = heads[0].index - 1, heads[0].previous_term
    entries = Entries(base_index, base_term)
    torn, lost = 0, ""
    for place, frame in enumerate(found):
        following = next((f for f in found[place + 1 :] if f.index), None)
        verdict = _take(entries, frame, following, proof)
        if verdict is not None:
            torn, lost, clean = len(raw) - frame.at, verdict, False
            break
    return Scan(
        entries=entries,
        proof=proof,
        torn=torn if not lost else 0,
        rotted=tuple(sorted(entries.holes)),
        lost=lost,
        clean=clean and not entries.holes,
    )


def _take(entries: Entries, frame: _Found, following: _Found | None, proof: int) -> str | None:
    """Add what one stretch of the file says.

    Returns:
      None to go on; an empty text where the log ends because the rest is torn; else the reason why
      what follows cannot be known.
    """
    here = entries.last_index + 1
    if frame.data is None and not frame.ended and proof < here:
        return ""
    if not frame.index:
        return _take_gap(entries, here, following)
    if frame.index != here or frame.term < entries.last_term:
        return f"slot {here} holds entry {frame.index}"
    if frame.data is None:
        entries.add_hole(frame.index, frame.term)
    else:
        entries.append(Entry(index=frame.index, term=frame.term, data=frame.data))
    return None


def _take_gap(entries: Entries, here: int, following: _Found | None) -> str | None:
    """Add holes for slots whose very heads rotted, as far as their terms are beyond doubt."""
    if following is None:
        return f"slots from {here} on rotted"
    for index in range(here, following.index):
        # Terms never fall along the log, so equal neighbours fix what lies between them.
        if index < following.index - 1 and following.previous_term != entries.last_term:
            return f"slot {index} rotted together with its term"
        entries.add_hole(index, following.previous_term)
    return None


def encode_hard(hard: Hard, sequence: int) -> bytes:
    """Return one copy of the hard state, 512 bytes; a higher ``sequence`` is newer."""
    vote = hard.vote.encode()
    head = _HARD.pack(
        _HARD_MAGIC, sequence, hard.term, hard.proof, hard.commit, hard.voter, len(vote)
    )
    body = head + vote
    body += _CRC.pack(crc32(body))
    assert len(body) <= _HARD_BYTES, f"name {hard.vote!r} is too long for one sector"
    return body.ljust(_HARD_BYTES, b"\0")


def _decode_hard(raw: bytes) -> tuple[int, Hard] | None:
    if len(raw) < _HARD_BYTES or not raw.startswith(_HARD_MAGIC):
        return None
    _, sequence, term, proof, commit, voter, size = _HARD.unpack_from(raw)
    end = _HARD.size + size
    if raw[end : end + 4] != _CRC.pack(crc32(raw[:end])):
        return None
    vote = raw[_HARD.size : end].decode()
    hard = Hard(term=term, vote=vote, voter=bool(voter), proof=proof, commit=commit)
    return sequence, hard


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a ``state`` file still says."""

    hard: Hard | None = None  #: None: never written, or lost
    sequence: int = 0
    rotted: int = 0  #: copies that have to be written again


def decode_state(raw: bytes) -> State:
    """Return the newest hard state of a ``state`` file.

    If the copies differ, the newer one was being written when power failed. Nothing relied on it,
    so it may count or not; it does.
    """
    copies = [raw[at : at + _HARD_BYTES] for at in HARD_COPIES]
    written = [copy for copy in copies if copy.strip(b"\0")]
    good = [found for copy in written if (found := _decode_hard(copy)) is not None]
    if not good:
        return State(rotted=len(written))
    sequence, hard = max(good, key=lambda found: found[0])
    return State(hard=hard, sequence=sequence, rotted=len(written) - len(good))


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot file: head, CRC-32 of head and data, data."""
    head = _SNAPSHOT.pack(_SNAPSHOT_MAGIC, snapshot.index, snapshot.term, len(snapshot.data))
    return head + _CRC.pack(crc32(snapshot.data, crc32(head))) + snapshot.data


def decode_snapshot(raw: bytes) -> Snapshot | None:
    """Return the snapshot of a file, or None if it is damaged."""
    if len(raw) < _SNAPSHOT_HEAD_BYTES or not raw.startswith(_SNAPSHOT_MAGIC):
        return None
    _, index, term, size = _SNAPSHOT.unpack_from(raw)
    (check,) = _CRC.unpack_from(raw, _SNAPSHOT.size)
    data = raw[_SNAPSHOT_HEAD_BYTES:]
    if len(data) != size or crc32(data, crc32(raw[: _SNAPSHOT.size])) != check:
        return None
    return Snapshot(index=index, term=term, data=data)
