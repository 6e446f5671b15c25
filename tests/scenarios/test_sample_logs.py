"""The folder of a simulated day: true layout, several callers, failures, and fit for replay."""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from regions.clients import CLIENTS
from regions.names import REGIONS
from scenarios import sample_logs
from scenarios.sample_logs import FolderError, SampleLogs
from scenarios.workloads.replay_reader import read_folder

KEY = re.compile(
    r"AWSLogs/111122223333/CloudTrail/(?P<region>[a-z0-9-]+)/2026/01/01/"
    r"111122223333_CloudTrail_(?P=region)_20260101T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz"
)


@pytest.fixture(scope="module")
def hour() -> SampleLogs:
    return sample_logs.simulate(seed=3, length_hours=1)


def test_files_lie_where_a_trail_puts_them_and_carry_no_time_stamp(hour: SampleLogs) -> None:
    places = [KEY.fullmatch(name) for name in hour.files]
    regions = {place["region"] for place in places if place is not None}
    assert None not in places
    assert regions == {"us-east-1", "eu-west-1", "ap-northeast-1"}
    assert regions <= set(REGIONS)
    for data in hour.files.values():
        assert data[4:8] == bytes(4)  # RFC 1952: MTIME 0, no time stamp is available


def test_the_same_seed_gives_the_same_files_and_another_seed_others(hour: SampleLogs) -> None:
    assert sample_logs.simulate(seed=3, length_hours=1) == hour
    assert sample_logs.simulate(seed=4, length_hours=1).files.keys() != hour.files.keys()


def test_the_folder_can_be_replayed_and_is_rich_enough_to_be_worth_it(
    hour: SampleLogs, tmp_path: Path
) -> None:
    """CT-02, CT-03: users, roles, services and kinds of clients leave records that differ."""
    sample_logs.write(hour, tmp_path)
    replay = read_folder(tmp_path)
    assert (replay.files, replay.records) == (len(hour.files), hour.records)
    assert replay.skipped == ()
    assert replay.regions == ("ap-northeast-1", "eu-west-1", "us-east-1")
    assert {event.source for event in replay.activity} == {"cloudtrail.amazonaws.com"}
    principals = [call.principal for call in replay.calls]
    assert {p.kind for p in principals} == {"IAMUser", "AssumedRole", "AWSService"}
    assert {p.via_service for p in principals} == {"", "dynamodb", "s3", "secretsmanager", "ssm"}
    assert len({p.arn for p in principals}) >= 8
    agents = {client.user_agent for client in CLIENTS.values()}
    assert agents <= {call.user_agent for call in replay.calls}
    assert {call.user_agent for call in replay.calls if call.connection.console} == {"AWS Internal"}
    errors = Counter(call.error_code for call in replay.calls)
    assert errors[""] > 200
    assert sum(errors.values()) - errors[""] >= 5
    assert len(errors) >= 3


def test_a_folder_with_something_in_it_is_refused_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(FolderError) as caught:
        sample_logs.check_folder(tmp_path, force=False)
    assert str(caught.value) == (
        f"folder {str(tmp_path)!r} is not empty; expected an empty one, or --force to add to it"
    )
    sample_logs.check_folder(tmp_path, force=True)
    with pytest.raises(FolderError, match=r"is not a folder; expected one to write to$"):
        sample_logs.check_folder(tmp_path / "x", force=True)
    sample_logs.check_folder(tmp_path / "new" / "folder", force=False)
    assert (tmp_path / "new" / "folder").is_dir()


def test_forcing_adds_files_and_removes_none(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    sample_logs.write(SampleLogs(files={"a/b.json.gz": gzip.compress(b"{}")}, records=0), tmp_path)
    assert (tmp_path / "x").read_text() == "mine"
    assert gzip.decompress((tmp_path / "a" / "b.json.gz").read_bytes()) == b"{}"
