"""Records as the service writes them, made by hand; only what a test speaks of is said."""

import gzip
import json
from pathlib import Path
from typing import Any

from scenarios.audit.event import Event, event_of, moment_of, seconds_of

ACCOUNT, OTHER_ACCOUNT, REGION = "111122223333", "444455556666", "us-east-1"
BEGIN = "2026-03-02T00:00:00Z"
ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"


def key_arn(number: int = 1, account: str = ACCOUNT, region: str = REGION) -> str:
    return f"arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-{number:012d}"


def at(minute: float) -> str:
    return moment_of(seconds_of(BEGIN) + int(minute * 60))


_counter = iter(range(1_000_000))


def user(arn: str = ANA, **more: Any) -> dict[str, Any]:
    account, _, name = arn.split(":", 4)[4].partition(":user/")
    return {"type": "IAMUser", "arn": arn, "accountId": account, "userName": name, **more}


def record(name: str, minute: float = 0, **more: Any) -> dict[str, Any]:
    """Return a record of a KMS call by ana; ``key`` names its resource, ``who`` its caller."""
    number = next(_counter)
    key, who = more.pop("key", ""), more.pop("who", user())
    made: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": who,
        "eventTime": at(minute),
        "eventSource": f"{more.pop('service', 'kms')}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.34.0",
        "requestParameters": None,
        "responseElements": None,
        "requestID": f"00000000-0000-4000-8000-{number:012d}",
        "eventID": f"00000000-0000-4000-9000-{number:012d}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": who.get("accountId", ACCOUNT),
        "eventCategory": "Management",
    }
    if key:
        account = key.split(":")[4]
        made["resources"] = [{"accountId": account, "type": "AWS::KMS::Key", "ARN": key}]
    return made | more


def event(name: str, minute: float = 0, **more: Any) -> Event:
    return event_of(record(name, minute, **more))


def log_file(*records: Any) -> bytes:
    return gzip.compress(json.dumps({"Records": list(records)}).encode(), mtime=0)


def write_log(folder: Path, *records: Any, name: str = "log.json.gz") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(log_file(*records))
    return folder
