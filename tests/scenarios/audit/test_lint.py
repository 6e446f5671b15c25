"""Advice on trails: what earns it, what does not, and where the settings come from."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from records import ACCOUNT, record, write_log

from scenarios.__main__ import main
from scenarios.audit.advice import (
    ADVICE,
    SHOULD,
    Advice,
    BucketSettings,
    Setup,
    TrailSettings,
    advice,
)

GOOD = TrailSettings(
    name="all",
    home="us-east-1",
    bucket="logs",
    multi_region=True,
    validation=True,
    kms_key="arn:aws:kms:us-east-1:111122223333:key/1",
    log_group="arn:aws:logs:us-east-1:111122223333:log-group:trail",
    topic="",
    logging=True,
    delivery_error="",
    selectors={"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
)
BUCKET = BucketSettings(name="logs", expires_days=400, lifecycle=True, versions=True)
NO_KMS = {"ExcludeManagementEventSources": ["kms.amazonaws.com"]}
Capture = pytest.CaptureFixture[str]


def setup_of(bucket: BucketSettings = BUCKET, **changed: object) -> Setup:
    return Setup(trails=(replace(GOOD, **changed),), buckets=(bucket,))  # type: ignore[arg-type]


#: Advice -> a setup that earns it and nothing else, whom it concerns, and what it begins with.
EARNED: dict[str, tuple[Setup, str, str]] = {
    "no-trail": (Setup(trails=()), "", "there is no trail: "),
    "single-region-only": (
        setup_of(multi_region=False),
        "",
        "only single-region trails, of us-east-1: calls elsewhere are in no log file; ",
    ),
    "logging-stopped": (setup_of(logging=False), "all", "logging is off: "),
    "not-delivered": (
        setup_of(delivery_error="AccessDenied"),
        "all",
        "files do not reach the bucket: AccessDenied; ",
    ),
    "events-left-out": (
        setup_of(selectors={"EventSelectors": [NO_KMS]}),
        "all",
        "kms.amazonaws.com left out by its event selectors",
    ),
    "validation-off": (setup_of(validation=False), "all", "log file validation is off: "),
    "files-expire-soon": (
        setup_of(replace(BUCKET, expires_days=7)),
        "logs",
        "log files expire after 7 days, sooner than the 90 days ",
    ),
    "no-kms-key": (setup_of(kms_key=""), "all", "no KMS key: "),
    "kept-for-ever": (
        setup_of(replace(BUCKET, expires_days=0, lifecycle=False)),
        "logs",
        "no lifecycle rule: ",
    ),
    "no-versioning": (setup_of(replace(BUCKET, versions=False)), "logs", "no versioning: "),
    "nobody-told": (setup_of(log_group=""), "", "no trail has a log group or a topic: "),
    "paid-twice": (
        Setup(trails=(GOOD, replace(GOOD, name="again"))),
        "",
        "2 trails cover all regions: ",
    ),
}


@pytest.mark.parametrize("name", sorted(ADVICE))
def test_ct_23_each_piece_of_advice_is_given_where_it_is_earned(name: str) -> None:
    setup, subject, text = EARNED[name]
    (found,) = advice(setup)
    assert (found.name, found.subject, found.level) == (name, subject, ADVICE[name][0])
    assert found.text.startswith(text)


def test_a_careful_setup_earns_none_and_neither_does_what_is_not_known() -> None:
    assert advice(setup_of()) == []
    unknown = TrailSettings(name="all")
    assert advice(Setup(trails=(unknown,), buckets=(BucketSettings(name="logs"),))) == []


def test_ct_23_one_trail_over_all_regions_is_enough() -> None:
    alone = replace(GOOD, name="alone", multi_region=False)
    assert advice(Setup(trails=(alone, GOOD))) == []


def described(**changed: object) -> str:
    said = {
        "Name": "all",
        "TrailARN": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/all",
        "HomeRegion": "eu-west-1",
        "S3BucketName": "logs",
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "KmsKeyId": "key",
        "SnsTopicARN": "topic",
    }
    return json.dumps({"trailList": [said | changed]})


def test_the_answer_of_describe_trails_is_read_and_the_status_tells(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "trails.json"
    path.write_text(described())
    assert main(["lint", str(path)]) == 0
    assert capsys.readouterr().out == "trail all: all regions\n\nnothing to advise\n"
    path.write_text(described(KmsKeyId=""))
    assert main(["lint", str(path)]) == 0
    assert capsys.readouterr().out.startswith("trail all: all regions\n\ncould   no-kms-key: all: ")
    path.write_text(described(IsMultiRegionTrail=False))
    assert main(["lint", str(path), "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["advice"]
    assert Advice(**found).level == SHOULD
    assert found["name"] == "single-region-only"


def test_the_trails_of_a_run_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "steady-state", "--small", "--quiet"]) == 0
    assert main(["lint", "last"]) == 1
    out = capsys.readouterr().out
    assert "trail everywhere: all regions, logging\n" in out
    assert "should  validation-off: everywhere: " in out
    assert "single-region-only" not in out


def test_events_in_log_files_tell_of_trails(tmp_path: Path, capsys: Capture) -> None:
    made = {"name": "all", "s3BucketName": "logs"}
    answer = {"isMultiRegionTrail": False, "logFileValidationEnabled": True, "kmsKeyId": "k"}
    stop = record("StopLogging", 3, service="cloudtrail", requestParameters={"name": "all"})
    logs = write_log(
        tmp_path / "logs",
        record("CreateTrail", 1, service="cloudtrail", requestParameters=made,
               responseElements=answer),
        record("StartLogging", 2, service="cloudtrail", requestParameters={"name": "all"}),
        stop,
    )  # fmt: skip
    assert main(["lint", str(logs), "--json"]) == 1
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["advice"]]
    assert names == ["single-region-only", "logging-stopped", "nobody-told"]


REAL = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail-2023"


@pytest.mark.skipif(not REAL.is_dir(), reason="real log files are not beside this checkout")
def test_real_log_files_tell_of_trails(capsys: Capture) -> None:
    assert main(["lint", str(REAL), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert len(found["trails"]) == 2
    assert "single-region-only" in {one["name"] for one in found["advice"]}


EXPECTED = "what `aws cloudtrail describe-trails` prints"


def test_bad_input_gets_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    (tmp_path / "x.json").write_text("[]")
    write_log(tmp_path / "logs", record("Sign"))
    assert main(["lint", "x.json"]) == 2
    assert main(["lint", "logs"]) == 2
    assert main(["lint", "x.json", "--region", "us-east-1"]) == 2
    assert main(["lint"]) == 2
    assert main(["lint", "--endpoint", "http://127.0.0.1:9", "--region", "us-east-1"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"nines: file 'x.json' has no trailList; expected {EXPECTED}",
        (
            "nines: source 'logs' has no event that tells of a trail; expected one, or"
            f" {EXPECTED}, or --endpoint"
        ),
        "nines: SOURCE needs no server; expected no --endpoint and no --region",
        "nines: no region is named; expected --region or AWS_REGION",
        (
            "nines: cloudtrail in us-east-1 cannot be asked (Could not connect to the endpoint URL:"
            ' "http://127.0.0.1:9/"); expected an endpoint and credentials, in the environment or by'
            " --endpoint"
        ),
    ]
