"""How a member's log, votes and snapshots lie on disk, and what a damaged disk still proves.

File ``log``: one file head, then one frame per entry:

====  =====  ========================================================================
 at   bytes  frame of an entry
====  =====  ========================================================================
   0      4  ``RaFt``; ``RaFc`` if the data is a group (group.py)
   4      8  index
  12      8  term
  20      8  term of the entry before, so that one rotted frame still has a known term
  28      8  *proof*: entries up to this index were durable when the frame was written
  36      4  length n of the data
  40      4  CRC-32 of bytes 0–39, begun with the frame's place in the file
  44      n  data
44+n      4  CRC-32 of data, begun with the CRC at 40
48+n      4  ``tFaR``: never zero, so a frame that has it was not cut off
====  =====  ========================================================================

Logs of the first version, ``Log1``, have no ``RaFc``, and their CRCs begin with 0; they are read
as well. So are snapshots
``Snp1``, which have no group: theirs is the one that was founded.
File ``state``: term, vote and proof, twice, each copy inside one sector, which a power cut either
keeps or loses but never tears: a copy with a bad checksum has rotted.
A frame at another place than its own was put there by a misdirected write: it says nothing, and
what it hides has rotted.
A bad frame is *torn* if nothing shows that it was flushed, and the log ends before it; else it is
*rotted*, and its slot is kept. A tear leaves the beginning of what was written, and behind it
nothing or zeros. A last sector that cannot be read looks the same, and a flush that lied leaves no
trace at all: that only the other members can tell (Raft.may_elect).
What does not belong here: when to write (storage.py).
Source: Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage" (FAST'18), 3.3.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from regions.replication.entries import Entries
from regions.replication.group import Group, decode_group
from regions.replication.messages import Entry

_HEAD: Final = struct.Struct(">4sQQQQI")
_CRC: Final = struct.Struct(">I")
_MAGIC: Final = b"RaFt"
_MAGIC_GROUP: Final = b"RaFc"
_MAGIC_STEM: Final = b"RaF"
_END: Final = b"tFaR"
_DATA_AT: Final = _HEAD.size + _CRC.size
#: Bytes of a frame around its data.
FRAME_OVERHEAD: Final = _DATA_AT + _CRC.size + len(_END)

_FILE: Final = struct.Struct(">4sQQ")
_FILE_MAGIC: Final = b"Log2"
_FILE_MAGIC_1: Final = b"Log1"
_FILE_MAGICS: Final = (_FILE_MAGIC, _FILE_MAGIC_1)
FILE_HEAD_BYTES: Final = _FILE.size + _CRC.size

_HARD: Final = struct.Struct(">4sQQQQBH")
_HARD_MAGIC: Final = b"Hrd1"
#: The second copy stands eight sectors away from the first; chosen.
HARD_COPIES: Final = (0, 4_096)
_HARD_BYTES: Final = 512

_SNAPSHOT: Final = struct.Struct(">4sQQII")
_SNAPSHOT_MAGIC: Final = b"Snp2"
_SNAPSHOT_HEAD_BYTES: Final = _SNAPSHOT.size + _CRC.size
_SNAPSHOT_1: Final = struct.Struct(">4sQQI")
_SNAPSHOT_1_MAGIC: Final = b"Snp1"
_SNAPSHOT_1_HEAD_BYTES: Final = _SNAPSHOT_1.size + _CRC.size


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
    """The AZ's state after one index, and the group."""

    index: int
    term: int
    data: bytes = field(repr=False)
    group: Group = field(default_factory=Group)  #: empty: as it was founded


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a log file still says."""

    entries: Entries
    proof: int  #: entries up to here were durable; the log may end earlier
    torn: int = 0  #: bytes at the end that were never flushed
    rotted: tuple[int, ...] = ()  #: slots kept as holes
    lost: str = ""  #: why nobody knows what the log held further on, or empty
    clean: bool = True  #: False if the file should be written anew


def encode_frame(entry: Entry, previous_term: int, proof: int, at: int) -> bytes:
    """Return the bytes of one entry that will begin at a place of the file."""
    data = entry.data
    magic = _MAGIC_GROUP if entry.config else _MAGIC
    head = _HEAD.pack(magic, entry.index, entry.term, previous_term, proof, len(data))
    check = crc32(head, at)
    return b"".join((head, _CRC.pack(check), data, _CRC.pack(crc32(data, check)), _END))


def encode_frames(entries: Iterable[Entry], previous_term: int, proof: int, at: int) -> bytes:
    """Return the bytes of consecutive entries, of which the first begins at a place."""
    frames = []
    for entry in entries:
        frame = encode_frame(entry, previous_term, proof, at)
        frames.append(frame)
        previous_term, at = entry.term, at + len(frame)
    return b"".join(frames)


def encode_log(entries: Entries, proof: int) -> bytes:
    """Return a whole log file; a hole is written so that it reads as rotted again."""
    head = _FILE.pack(_FILE_MAGIC, entries.base_index, entries.base_term)
    parts = [head, _CRC.pack(crc32(head))]
    previous_term, at = entries.base_term, FILE_HEAD_BYTES
    for entry in entries.all():
        frame = encode_frame(entry, previous_term, proof, at)
        if entry.index in entries.holes:
            check = len(frame) - len(_END) - 1
            frame = frame[:check] + bytes([frame[check] ^ 1]) + frame[check + 1 :]
        parts.append(frame)
        previous_term, at = entry.term, at + len(frame)
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
    torn: bool = False  #: it breaks off, and nothing or zeros follow
    config: bool = False


def _frame_at(raw: bytes, at: int) -> _Found | None:
    """Read the frame at a place, if its head is intact and belongs there."""
    if raw[at : at + 4] not in (_MAGIC, _MAGIC_GROUP) or at + _DATA_AT > len(raw):
        return None
    magic, index, term, previous_term, proof, size = _HEAD.unpack_from(raw, at)
    (check,) = _CRC.unpack_from(raw, at + _HEAD.size)
    if crc32(raw[at : at + _HEAD.size], 0 if raw.startswith(_FILE_MAGIC_1) else at) != check:
        return None
    close = at + _DATA_AT + size
    end = close + _CRC.size + len(_END)
    data = raw[at + _DATA_AT : close]
    sound = len(data) == size and raw[close : close + 4] == _CRC.pack(crc32(data, check))
    return _Found(
        at,
        min(end, len(raw)),
        index,
        term,
        previous_term,
        proof,
        data if sound else None,
        not sound and len(raw[at:].rstrip(b"\0")) < end - at,
        magic == _MAGIC_GROUP,
    )


def _find_frames(raw: bytes, at: int) -> list[_Found]:
    """Read all frames, looking for the next intact head after unreadable bytes."""
    found: list[_Found] = []
    while at < len(raw):
        frame = _frame_at(raw, at)
        if frame is None:
            start, frame = at, None
            at = raw.find(_MAGIC_STEM, at + 1)
            while at >= 0 and (frame := _frame_at(raw, at)) is None:
                at = raw.find(_MAGIC_STEM, at + 1)
            stop = at if at >= 0 else len(raw)
            found.append(_Found(start, stop, torn=_is_torn_head(raw[start:])))
            if frame is None:
                break
        found.append(frame)
        at = frame.end
    return found


def _is_torn_head(rest: bytes) -> bool:
    """Say whether the end of a file is the beginning of a head and no more, or only zeros."""
    written = rest.rstrip(b"\0")
    return len(written) < _DATA_AT and written[:3] == _MAGIC_STEM[: len(written)]


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
    clean = raw.startswith(_FILE_MAGICS) and crc32(raw[: _FILE.size]) == check
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
        # Frames of this version behind older ones could not be told from misplaced ones.
        clean=clean and not entries.holes and not raw.startswith(_FILE_MAGIC_1),
    )


def _take(entries: Entries, frame: _Found, following: _Found | None, proof: int) -> str | None:
    """Add what one stretch of the file says.

    Returns:
      None to go on; an empty text where the log ends because the rest is torn; else the reason why
      what follows cannot be known.
    """
    here = entries.last_index + 1
    if frame.data is None and frame.torn and proof < here:
        return ""
    if not frame.index:
        return _take_gap(entries, here, following)
    if frame.index != here or frame.term < entries.last_term:
        return f"slot {here} holds entry {frame.index}"
    if frame.data is None:
        entries.add_hole(frame.index, frame.term)
    else:
        entries.append(
            Entry(index=frame.index, term=frame.term, data=frame.data, config=frame.config)
        )
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
    """Return a snapshot file: head, CRC-32 of all the rest, group, data."""
    group, data = snapshot.group.encode(), snapshot.data
    head = _SNAPSHOT.pack(_SNAPSHOT_MAGIC, snapshot.index, snapshot.term, len(group), len(data))
    return head + _CRC.pack(crc32(data, crc32(group, crc32(head)))) + group + data


def decode_snapshot(raw: bytes) -> Snapshot | None:
    """Return the snapshot of a file, or None if it is damaged."""
    if raw.startswith(_SNAPSHOT_1_MAGIC):
        return _decode_snapshot_1(raw)
    if len(raw) < _SNAPSHOT_HEAD_BYTES or not raw.startswith(_SNAPSHOT_MAGIC):
        return None
    _, index, term, group_size, size = _SNAPSHOT.unpack_from(raw)
    (check,) = _CRC.unpack_from(raw, _SNAPSHOT.size)
    rest = raw[_SNAPSHOT_HEAD_BYTES:]
    if len(rest) != group_size + size or crc32(rest, crc32(raw[: _SNAPSHOT.size])) != check:
        return None
    group, data = decode_group(rest[:group_size]), rest[group_size:]
    return Snapshot(index=index, term=term, data=data, group=group)


def _decode_snapshot_1(raw: bytes) -> Snapshot | None:
    """Return a snapshot of the first version, in which no group stands."""
    if len(raw) < _SNAPSHOT_1_HEAD_BYTES:
        return None
    _, index, term, size = _SNAPSHOT_1.unpack_from(raw)
    (check,) = _CRC.unpack_from(raw, _SNAPSHOT_1.size)
    data = raw[_SNAPSHOT_1_HEAD_BYTES:]
    if len(data) != size or crc32(data, crc32(raw[: _SNAPSHOT_1.size])) != check:
        return None
    return Snapshot(index=index, term=term, data=data)
