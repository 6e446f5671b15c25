"""Reading log files: every record once, and whatever cannot be read is named and counted."""

import gzip
import json
from pathlib import Path

import pytest
from records import at, log_file, record, write_log

from scenarios.audit.collect import collect, span_of
from scenarios.audit.event import Event
from scenarios.audit.reader import Problem, Tally
from scenarios.audit.source import SourceError, files_below

REAL = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail-2023"


class Ids:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def see(self, event: Event) -> None:
        self.seen.append(event.id)


def read(folder: Path) -> tuple[list[str], Tally]:
    ids = Ids()
    return ids.seen, collect(files_below(folder), [ids])


def test_a_record_that_comes_again_counts_once(tmp_path: Path) -> None:
    one, two, three = record("Encrypt", 1), record("Decrypt", 3), record("Sign", 2)
    write_log(tmp_path / "a", one, two)
    write_log(tmp_path / "b", two, three)
    ids, tally = read(tmp_path)
    assert ids == [one["eventID"], two["eventID"], three["eventID"]]
    assert tally == Tally(files=2, records=3, repeated=1, first=at(1), last=at(3))


def test_a_record_that_comes_again_with_another_content_is_named(tmp_path: Path) -> None:
    one = record("Encrypt")
    write_log(tmp_path, one, name="1.json.gz")
    write_log(tmp_path, {**one, "errorCode": "AccessDenied"}, name="2.json.gz")
    _, tally = read(tmp_path)
    assert (tally.records, tally.repeated) == (1, 1)
    what = f"event {one['eventID']} came before with another content"
    assert tally.problems == [Problem("2.json.gz", what)]


def test_records_without_an_id_are_all_kept(tmp_path: Path) -> None:
    one = record("Encrypt")
    del one["eventID"]
    write_log(tmp_path, one, one)
    ids, tally = read(tmp_path)
    assert (ids, tally.repeated) == (["", ""], 0)


BROKEN = {
    "no JSON": (
        b"{",
        "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))",
    ),
    "half a gzip": (
        log_file(record("Encrypt"))[:40],
        "not whole gzip (Compressed file ended before the end-of-stream marker was reached)",
    ),
    "no records": (b'{"Events": []}', "no list called Records"),
    "a record that is none": (log_file("x", record("Encrypt")), "record 0: found str"),
    "a time that is none": (
        log_file({**record("Encrypt"), "eventTime": "noon"}), "record 0: eventTime is 'noon'"),
    "no name": (log_file({"eventTime": at(0)}), "record 0: no eventSource or no eventName"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BROKEN))
def test_what_cannot_be_read_is_named_and_the_rest_is_read(tmp_path: Path, what: str) -> None:
    data, problem = BROKEN[what]
    (tmp_path / "a.json").write_bytes(data)
    whole = record("Decrypt")
    write_log(tmp_path, whole, name="b.json.gz")
    ids, tally = read(tmp_path)
    assert tally.problems == [Problem("a.json", problem)]
    assert (tally.files, ids[-1]) == (2, whole["eventID"])


def test_a_file_that_vanished_is_named(tmp_path: Path) -> None:
    write_log(tmp_path, record("Decrypt"))
    files = files_below(tmp_path)
    (tmp_path / "log.json.gz").unlink()
    tally = collect(files, [])
    assert tally.problems == [Problem("log.json.gz", "cannot be read (No such file or directory)")]


def test_digests_are_left_out_and_counted(tmp_path: Path) -> None:
    write_log(tmp_path, record("Decrypt"))
    digest = tmp_path / "AWSLogs" / "111122223333" / "CloudTrail-Digest" / "d.json.gz"
    digest.parent.mkdir(parents=True)
    digest.write_bytes(gzip.compress(json.dumps({"logFiles": []}).encode()))
    _, tally = read(tmp_path)
    assert (tally.files, tally.digests, tally.problems) == (1, 1, [])


def test_the_span_is_known_before_anything_is_read(tmp_path: Path) -> None:
    write_log(tmp_path, record("Decrypt", 90), record("Decrypt", 5))
    (tmp_path / "broken.json").write_bytes(b"\x1f\x8b")
    assert span_of(files_below(tmp_path)) == (at(5), at(90))


def test_a_folder_without_log_files_is_refused(tmp_path: Path) -> None:
    expected = "a folder of CloudTrail .json or .json.gz files, a kept run, or s3://BUCKET/PREFIX"
    with pytest.raises(SourceError) as refusal:
        files_below(tmp_path)
    assert str(refusal.value) == (
        f"folder {str(tmp_path)!r} holds no .json or .json.gz file; expected {expected}"
    )


@pytest.mark.skipif(not REAL.is_dir(), reason="real log files are not beside this checkout")
def test_every_record_of_the_real_service_is_read() -> None:
    ids, tally = read(REAL)
    assert len(set(ids)) == 954
    assert tally == Tally(
        files=13, records=954, first="2023-07-10T11:42:18Z", last="2023-07-10T12:04:57Z"
    )
