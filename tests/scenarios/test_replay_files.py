"""Reading folders of CloudTrail files: their order, and what is refused in one line."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.workloads.replay_reader import ReplayError, decode_file, read_folder

Record = dict[str, Any]
ACCOUNT = "111122223333"


def record(**changes: Any) -> Record:
    """Return a GenerateRandom by a user, with some fields changed."""
    return {
        "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT},
        "eventTime": "2023-07-10T11:57:49Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "GenerateRandom",
        "awsRegion": "us-east-1",
        "requestParameters": {"numberOfBytes": 32},
        "eventID": "0",
        **changes,
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("text"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Records", "eventTime", "x"]), inner)
    ),
    max_leaves=6,
)
documents = json_values.map(lambda value: json.dumps(value).encode())


@settings(max_examples=200)
@given(st.binary(max_size=80) | documents)
def test_any_bytes_are_records_or_one_line_of_complaint(data: bytes) -> None:
    for name in ("a.json", "a.json.gz"):
        try:
            records = decode_file(name, data)
        except ReplayError as error:
            complaint = str(error)
        else:
            assert all(isinstance(entry, dict) for entry in records)
            continue
        assert complaint.startswith(f"file {name!r}")
        assert "; expected " in complaint
        assert "\n" not in complaint


def write_log(path: Path, *records: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps({"Records": records}).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def test_a_folder_is_read_to_its_depth_in_the_order_of_its_paths(tmp_path: Path) -> None:
    write_log(tmp_path / "b.json", record(eventID="3"), record(eventID="4"))
    write_log(tmp_path / "a" / "deep" / "x.json.gz", record(eventID="1"), record(eventID="2"))
    write_log(tmp_path / "AWSLogs" / ACCOUNT / "CloudTrail-Digest" / "d.json.gz", record())
    (tmp_path / "LICENSE").write_text("not a log")
    replay = read_folder(tmp_path)
    assert [call.event_id for call in replay.calls] == ["1", "2", "3", "4"]
    assert (replay.files, replay.records, replay.source) == (2, 4, str(tmp_path))
    assert (replay.regions, replay.accounts) == (("us-east-1",), (ACCOUNT,))


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        (
            "a.json",
            b"Records",
            ("is not JSON (Expecting value: line 1 column 1 (char 0));"
            " expected an object with a list called Records"),
        ),
        (
            "a.json.gz",
            b'{"Records": []}',
            "is not gzip (Not a gzipped file (b'{\"')); expected a gzip-compressed log file",
        ),
        (
            "a.json.gz",
            gzip.compress(b'{"Records": []}', mtime=0)[:-4],
            ("is not gzip (Compressed file ended before the end-of-stream marker was reached);"
            " expected a gzip-compressed log file"),
        ),
        (
            "a.json",
            b'{"records": []}',
            'has no list called Records; expected a CloudTrail log file, {"Records": [...]}',
        ),
        (
            "a.json",
            b"[]",
            'has no list called Records; expected a CloudTrail log file, {"Records": [...]}',
        ),
    ],
)
def test_a_malformed_file_is_named_with_what_was_expected(
    tmp_path: Path, name: str, data: bytes, complaint: str
) -> None:
    write_log(tmp_path / "0.json", record())
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ReplayError) as caught:
        read_folder(tmp_path)
    assert str(caught.value) == f"file {str(tmp_path / name)!r} {complaint}"


@pytest.mark.parametrize(
    ("records", "complaint"),
    [
        ([record(), "text"], "record 1: found str; expected an object with an eventTime"),
        (
            [{"eventName": "Encrypt"}],
            "record 0: no eventTime; expected a UTC time such as '2023-07-10T11:57:49Z'",
        ),
        (
            [record(eventTime="2023-02-30T00:00:00Z")],
            ("record 0: eventTime '2023-02-30T00:00:00Z';"
            " expected a UTC time such as '2023-07-10T11:57:49Z'"),
        ),
        (
            [record(), record(), record(eventTime=1688990269)],
            "record 2: eventTime 1688990269; expected a UTC time such as '2023-07-10T11:57:49Z'",
        ),
    ],
)
def test_a_malformed_record_is_named_by_file_and_place(
    tmp_path: Path, records: list[Any], complaint: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"Records": records}))
    with pytest.raises(ReplayError) as caught:
        read_folder(tmp_path)
    assert str(caught.value) == f"file {str(path)!r}, {complaint}"


@pytest.mark.parametrize("year", [1969, 2012, 2201, 9999])
def test_a_time_outside_the_age_of_logs_is_no_event_time(tmp_path: Path, year: int) -> None:
    write_log(tmp_path / "a.json", record(eventTime=f"{year}-01-01T00:00:00Z"))
    with pytest.raises(ReplayError, match=rf"record 0: eventTime '{year}-01-01T00:00:00Z'; exp"):
        read_folder(tmp_path)


def test_logs_without_anything_to_replay_are_refused(tmp_path: Path) -> None:
    write_log(tmp_path / "a.json", record(eventName="Sign"))
    with pytest.raises(ReplayError) as caught:
        read_folder(tmp_path)
    assert str(caught.value) == (
        f"folder {str(tmp_path)!r} holds 1 records, none of them an event that can be replayed;"
        " expected CloudTrail log files with KMS calls"
    )


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"Records": [{"x": "\\ud800"}]}')
    with pytest.raises(ReplayError, match=r"is not JSON .*surrogates not allowed"):
        read_folder(tmp_path)


def test_a_folder_that_is_none_or_holds_no_logs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    expected = "expected CloudTrail log files"
    with pytest.raises(ReplayError) as caught:
        read_folder(tmp_path)
    assert str(caught.value) == (
        f"folder {str(tmp_path)!r} holds no .json or .json.gz file; {expected}"
    )
    with pytest.raises(ReplayError) as caught:
        read_folder(tmp_path / "notes.txt")
    assert str(caught.value) == (
        f"{str(tmp_path / 'notes.txt')!r} is not a folder;"
        " expected a folder of CloudTrail log files"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    write_log(tmp_path / "a.json", record())
    (tmp_path / "a.json").chmod(0)
    with pytest.raises(ReplayError, match=r"cannot be read \(Permission denied\); expected"):
        read_folder(tmp_path)
