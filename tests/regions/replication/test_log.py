"""The log on disk: what a damaged file still proves.

Goal: one flipped bit anywhere is noticed and never taken for a tear of what was durable; a torn
write is never taken for rot of what was promised. Method: every byte of a small file.
"""

import struct
from zlib import crc32

import pytest

from regions.replication.entries import Entries
from regions.replication.group import Group
from regions.replication.log import (
    FILE_HEAD_BYTES,
    FRAME_OVERHEAD,
    HARD_COPIES,
    Hard,
    Snapshot,
    State,
    decode_snapshot,
    decode_state,
    encode_frames,
    encode_hard,
    encode_log,
    encode_snapshot,
    scan,
)
from regions.replication.messages import Entry

ENTRIES = (
    Entry(index=1, term=1, data=b""),
    Entry(index=2, term=1, data=b"second"),
    Entry(index=3, term=4, data=b"third"),
    Entry(index=4, term=5, data=b"the fourth and last"),
)
NOTHING_KNOWN = Hard(term=5, voter=True)


def whole() -> bytes:
    """Return a log of which only entries 1 and 2 are proven durable by later frames."""
    head = encode_log(Entries(), 0)
    raw = head + encode_frames(ENTRIES[:2], 0, 0, len(head))
    return raw + encode_frames(ENTRIES[2:], 1, 2, len(raw))


def starts() -> list[int]:
    at, found = FILE_HEAD_BYTES, []
    for entry in ENTRIES:
        found.append(at)
        at += FRAME_OVERHEAD + len(entry.data)
    return found


def test_a_healthy_log_reads_as_it_was_written() -> None:
    found = scan(whole(), NOTHING_KNOWN)
    assert (found.entries.all(), found.torn, found.rotted, found.lost) == (ENTRIES, 0, (), "")
    assert (found.clean, found.proof) == (True, 2)


def test_an_absent_log_is_no_loss_if_nothing_was_durable() -> None:
    found = scan(b"", Hard())
    assert (found.entries.all(), found.torn, found.lost, found.proof) == ((), 0, "", 0)


def test_a_rewritten_log_keeps_its_base_and_its_holes() -> None:
    entries = Entries(10, 3)
    entries.extend([Entry(index=11, term=3, data=b"x"), Entry(index=12, term=3, data=b"y")])
    entries.add_hole(13, 4)
    entries.append(Entry(index=14, term=4, data=b"z"))
    found = scan(encode_log(entries, 14), NOTHING_KNOWN)
    assert (found.entries.base_index, found.entries.base_term) == (10, 3)
    assert found.entries.holes == {13: 4}
    assert found.entries.get(14) == Entry(index=14, term=4, data=b"z")
    assert found.entries.get(13) is None


def test_every_flipped_bit_is_noticed_and_no_entry_is_given_up_silently() -> None:
    raw = whole()
    for at in range(len(raw)):
        for bit in (0, 7):
            bad = bytearray(raw)
            bad[at] ^= 1 << bit
            found = scan(bytes(bad), NOTHING_KNOWN)
            healthy = [found.entries.get(index) for index in range(1, 5)]
            for mine, true in zip(healthy, ENTRIES, strict=True):
                assert mine in (None, true), f"byte {at}"
            complete = healthy == list(ENTRIES)
            assert complete or found.lost or found.rotted, f"byte {at} was taken for a tear"
            assert found.torn == 0, f"byte {at} was taken for a tear"


def test_a_rotted_slot_keeps_its_place_and_its_term() -> None:
    raw = bytearray(whole())
    raw[starts()[1] + 45] ^= 4
    found = scan(bytes(raw), NOTHING_KNOWN)
    assert found.entries.holes == {2: 1}
    assert (found.rotted, found.lost, found.entries.last_index) == ((2,), "", 4)


def test_a_slot_whose_head_rotted_gets_its_term_from_the_next_one() -> None:
    raw = bytearray(whole())
    raw[starts()[2] + 9] ^= 1
    found = scan(bytes(raw), NOTHING_KNOWN)
    assert found.entries.holes == {3: 4}
    assert found.lost == ""


def test_slots_that_rotted_together_with_their_terms_cost_the_vote() -> None:
    raw = bytearray(whole())
    raw[starts()[1] + 9] ^= 1
    raw[starts()[2] + 9] ^= 1
    found = scan(bytes(raw), NOTHING_KNOWN)
    assert (found.entries.last_index, found.lost) == (1, "slot 2 rotted together with its term")


def test_every_cut_of_an_unproven_tail_is_a_tear() -> None:
    raw, tail = whole(), starts()[2]
    for size in range(tail, len(raw)):
        found = scan(raw[:size], NOTHING_KNOWN)
        kept = sum(1 for s, e in zip(starts(), ENTRIES, strict=True) if end(s, e) <= size)
        assert (found.entries.last_index, found.rotted, found.lost) == (kept, (), ""), size


def end(start: int, entry: Entry) -> int:
    # The end mark of the last frame may be missing: its data is whole and checked.
    return start + FRAME_OVERHEAD + len(entry.data) - 4


def test_a_cut_tail_that_was_durable_is_not_a_tear() -> None:
    found = scan(whole()[:-10], Hard(term=5, voter=True, proof=4))
    assert (found.entries.holes, found.rotted, found.torn) == ({4: 5}, (4,), 0)
    found = scan(whole()[: starts()[3]], Hard(term=5, voter=True, proof=4))
    assert (found.entries.last_index, found.proof) == (3, 4)


def test_zeros_in_place_of_an_unflushed_write_are_a_tear() -> None:
    raw = whole()[: starts()[2]] + bytes(300)
    found = scan(raw, NOTHING_KNOWN)
    assert (found.entries.last_index, found.torn, found.lost) == (2, 300, "")


def state_file(*copies: bytes) -> bytes:
    gap = HARD_COPIES[1] - len(copies[0])
    return copies[0] + bytes(gap) + copies[1]


def test_one_rotted_copy_of_term_and_vote_is_harmless() -> None:
    hard = Hard(term=7, vote="r/b/node", voter=True, proof=12, commit=11)
    copy = encode_hard(hard, 3)
    bad = bytes([copy[0] ^ 1]) + copy[1:]
    assert decode_state(state_file(copy, bad)) == State(hard=hard, sequence=3, rotted=1)
    assert decode_state(state_file(bad, copy)) == State(hard=hard, sequence=3, rotted=1)
    assert decode_state(state_file(bad, bad)) == State(rotted=2)
    assert decode_state(b"") == State()


def test_the_newer_copy_of_term_and_vote_counts() -> None:
    old, new = Hard(term=7, vote="a", voter=True), Hard(term=8, voter=True)
    raw = state_file(encode_hard(old, 3), encode_hard(new, 4))
    assert decode_state(raw) == State(hard=new, sequence=4)


def test_a_name_too_long_for_one_sector_is_our_bug() -> None:
    with pytest.raises(AssertionError, match=r"(?m)is too long for one sector$"):
        encode_hard(Hard(vote="n" * 500), 1)


def test_every_flipped_bit_of_a_snapshot_is_noticed() -> None:
    snapshot = Snapshot(index=9, term=2, data=b"state of the zone")
    raw = encode_snapshot(snapshot)
    assert decode_snapshot(raw) == snapshot
    for at in range(len(raw)):
        assert decode_snapshot(raw[:at] + bytes([raw[at] ^ 16]) + raw[at + 1 :]) is None
        assert decode_snapshot(raw[:at]) is None


def test_a_frame_at_another_place_than_its_own_says_nothing() -> None:
    # Goal: a misdirected write of sectors full of healthy frames is noticed wherever it lands.
    head = encode_log(Entries(), 0)
    entries = [Entry(index=i, term=1, data=bytes([i]) * 444) for i in range(1, 9)]
    frames = encode_frames(entries, 0, 8, len(head))
    size = len(frames) // 8
    for source in range(8):
        for target in range(8):
            if source == target:
                continue
            frame = frames[source * size : (source + 1) * size]
            raw = head + frames[: target * size] + frame + frames[(target + 1) * size :]
            found = scan(raw, Hard(term=1, voter=True))
            if target < 7:
                assert (found.entries.holes, found.lost) == ({target + 1: 1}, "")
            else:
                assert (found.entries.last_index, found.lost) == (7, "slots from 8 on rotted")


def test_foreign_bytes_at_the_end_are_not_a_tear() -> None:
    raw, tail = whole(), starts()[3]
    for rest in (b"\x07" * 30, b"RaFt" + b"\x07" * 90):
        found = scan(raw[:tail] + rest, NOTHING_KNOWN)
        assert (found.entries.last_index, found.torn) == (3, 0)
        assert found.lost == "slots from 4 on rotted"


def test_a_log_of_the_first_version_is_read_and_written_anew() -> None:
    entries = Entries()
    entries.extend(ENTRIES)
    plain = encode_frames(ENTRIES, 0, 4, 0)
    first = b""
    for entry, previous in zip(ENTRIES, (0, 1, 1, 4), strict=True):
        first += encode_frames([entry], previous, 4, 0)
    assert len(first) == len(plain)
    head = bytearray(encode_log(Entries(), 0))
    head[:4] = b"Log1"
    head[-4:] = crc32(head[:-4]).to_bytes(4, "big")
    found = scan(bytes(head) + first, NOTHING_KNOWN)
    assert (found.entries.all(), found.lost, found.clean) == (ENTRIES, "", False)


def test_a_configuration_entry_is_still_one_after_a_restart() -> None:
    entries = Entries()
    entries.append(ENTRIES[0])
    group = Group(voters=("a", "b"), learners=("c",), gone=("d",), version=7)
    entries.append(Entry(index=2, term=1, data=group.encode(), config=True))
    found = scan(encode_log(entries, 2), NOTHING_KNOWN)
    assert found.entries.all() == entries.all()
    assert found.entries.groups == [(0, Group()), (2, group)]


def test_a_snapshot_keeps_its_group_and_one_of_the_first_version_has_none() -> None:
    group = Group(voters=("a", "b"), gone=("d",), version=2)
    kept = Snapshot(index=9, term=3, data=b"state", group=group)
    assert decode_snapshot(encode_snapshot(kept)) == kept
    head = struct.pack(">4sQQI", b"Snp1", 9, 3, 5)
    old = head + struct.pack(">I", crc32(b"state", crc32(head))) + b"state"
    assert decode_snapshot(old) == Snapshot(index=9, term=3, data=b"state")
    assert decode_snapshot(old[:-1]) is None
    assert decode_snapshot(old[:9]) is None
