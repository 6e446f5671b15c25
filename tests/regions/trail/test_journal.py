"""Entries in a file: damage hides what it hits and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from regions.trail.journal import damaged_bytes, entries, entry, intact_size

PAYLOADS = [bytes([number]) * (number * 40 + 1) for number in range(12)]
WHOLE = b"".join(map(entry, PAYLOADS))


def test_a_healthy_file_reads_as_it_was_written() -> None:
    assert list(entries(WHOLE)) == PAYLOADS
    assert (intact_size(WHOLE), damaged_bytes(WHOLE)) == (len(WHOLE), 0)


def test_one_flipped_bit_hides_one_entry() -> None:
    for at in range(0, len(WHOLE), 7):
        bad = bytearray(WHOLE)
        bad[at] ^= 1 << at % 8
        found = list(entries(bytes(bad)))
        assert len(found) == 11
        assert [p for p in PAYLOADS if p in found] == found


def test_a_lost_sector_hides_what_stood_in_it() -> None:
    sector = slice(1_024, 1_536)
    bad = WHOLE[: sector.start] + bytes(512) + WHOLE[sector.stop :]
    found = list(entries(bad))
    assert found == [p for p in PAYLOADS if p in found]
    assert len(found) == 9
    assert damaged_bytes(bad) == sum(len(entry(p)) for p in PAYLOADS if p not in found)


def test_a_torn_tail_is_no_damage() -> None:
    last = len(entry(PAYLOADS[-1]))
    for rest in (b"", WHOLE[-last:][:100], WHOLE[-last:][:100] + bytes(300)):
        data = WHOLE[:-last] + rest
        assert list(entries(data)) == PAYLOADS[:-1]
        assert (intact_size(data), damaged_bytes(data)) == (len(WHOLE) - last, 0)


@given(st.binary(max_size=300))
def test_what_was_never_written_is_never_read(junk: bytes) -> None:
    assert all(payload in PAYLOADS for payload in entries(junk + WHOLE + junk))
