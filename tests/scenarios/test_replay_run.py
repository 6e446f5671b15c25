"""A log is played again: its calls, as their callers, and everything else as it was recorded."""

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.catalogue import SCENARIOS
from scenarios.result import OK, RunResult
from scenarios.run import run
from scenarios.workloads.replay_reader import read_folder

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "cloudtrail-2023"
OWNER, GUEST = "111111111111", "222222222222"
KEY = f"arn:aws:kms:eu-west-2:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def event(number: int, name: str, **changes: Any) -> dict[str, Any]:
    """Return one KMS record, ten seconds after the one before."""
    base: dict[str, Any] = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "arn": f"arn:aws:iam::{OWNER}:user/ana",
            "accountId": OWNER,
            "userName": "ana",
            "accessKeyId": "AKIAEXAMPLE",
            "principalId": "AIDAEXAMPLE",
        },
        "eventTime": f"2024-03-01T10:{number // 6:02}:{number % 6 * 10:02}Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-2",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli",
        "requestParameters": {"keyId": KEY, "encryptionContext": {"app": "one"}},
        "responseElements": None,
        "requestID": f"00000000-0000-4000-8000-{number:012}",
        "eventID": f"10000000-0000-4000-8000-{number:012}",
        "readOnly": True,
        "resources": [{"ARN": KEY, "accountId": OWNER, "type": "AWS::KMS::Key"}],
        "eventType": "AwsApiCall",
        "recipientAccountId": OWNER,
    }
    return {**base, **changes}


def play(folder: Path, records: list[dict[str, Any]]) -> RunResult:
    (folder / "log.json").write_text(json.dumps({"Records": records}))
    return run(SCENARIOS["az-outage"].small(), seed=1, replay=read_folder(folder))


def broken(result: RunResult) -> list[str]:
    return [f"{v.name}: {v.detail}" for v in result.promises if not v.holds]


def test_a_log_of_another_region_brings_that_region_into_the_world(tmp_path: Path) -> None:
    result = play(tmp_path, [event(n, "Encrypt") for n in range(12)])
    assert result.topology["eu-west-2"] == ("euw2-az1", "euw2-az2", "euw2-az3")
    assert result.calls == {"eu-west-2": {OK: 12}}
    assert broken(result) == []


def test_a_guest_of_another_account_may_do_what_it_did_in_the_log(tmp_path: Path) -> None:
    guest = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{GUEST}:assumed-role/reader/session",
        "accountId": GUEST,
        "principalId": "AROAEXAMPLE:session",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": f"arn:aws:iam::{GUEST}:role/reader",
                "accountId": GUEST,
                "userName": "reader",
                "principalId": "AROAEXAMPLE",
            }
        },
    }
    records = [event(0, "Encrypt"), event(1, "Decrypt", userIdentity=guest)]
    result = play(tmp_path, records)
    assert result.calls == {"eu-west-2": {OK: 2}}
    assert broken(result) == []


def test_what_failed_in_the_log_fails_again_for_the_same_reason(tmp_path: Path) -> None:
    records = [
        event(0, "Encrypt"),
        event(1, "Decrypt", errorCode="AccessDenied", errorMessage="no"),
        event(2, "Decrypt", errorCode="InvalidCiphertextException"),
    ]
    result = play(tmp_path, records)
    assert result.calls == {
        "eu-west-2": {OK: 1, "AccessDeniedException": 1, "InvalidCiphertextException": 1}
    }
    assert broken(result) == []


def test_activity_of_other_services_is_delivered_even_if_its_record_lacks_a_recipient(
    tmp_path: Path,
) -> None:
    other = event(1, "DescribeInstances", eventSource="ec2.amazonaws.com", resources=None)
    del other["recipientAccountId"]
    result = play(tmp_path, [event(0, "Encrypt"), other])
    assert result.replay is not None
    assert result.replay.passed_through == {"ec2.amazonaws.com": 1}
    assert broken(result) == []


@pytest.mark.skipif(not REAL.is_dir(), reason="the real CloudTrail files are not beside the checkout")
def test_the_real_log_meets_the_outage_and_keeps_every_promise() -> None:
    result = run(SCENARIOS["az-outage"], seed=1, replay=read_folder(REAL))
    assert result.calls == {"us-east-1": {OK: 186}}
    assert result.replay is not None
    assert result.replay.replayed == {"Decrypt": 124, "Encrypt": 42, "GenerateDataKey": 20}
    assert sum(result.replay.passed_through.values()) == 954 - 186
    during = [row.calls for row in result.availability if row.phase == "during"]
    assert during
    assert during[0] > 0
    assert broken(result) == []
