"""What tests of SNS, CloudWatch Logs and EventBridge behind the real wire have in common."""

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import ACCOUNT, PATIENCE_S, REGION, Running

TOPIC_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    },
}  # fmt: skip
LOGS_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/events/*:*",
    },
}  # fmt: skip
EVENT = {"Source": "shop", "DetailType": "order", "Detail": '{"state": "paid", "total": 12.50}'}


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def until(look: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return found


def lines(path: Path, count: int) -> list[Any]:
    def look() -> list[str]:
        found = path.read_text().splitlines() if path.exists() else []
        return found if len(found) >= count else []

    return [json.loads(line) for line in until(look)]


def admin(server: Running, method: str, path: str, body: Any = None) -> bytes:
    found = json.loads((server.data / "admin.json").read_text())
    request = urllib.request.Request(
        found["url"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {found['token']}"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        content: bytes = answer.read()
        return content


def advance(server: Running, seconds: int) -> None:
    admin(server, "POST", "/advance", {"seconds": seconds})


def group(logs: Any, name: str) -> str:
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def put(logs: Any, name: str, *events: tuple[int, str]) -> Any:
    return logs.put_log_events(
        logGroupName=name, logStreamName="s",
        logEvents=[{"timestamp": time_ms, "message": text} for time_ms, text in events],
    )  # fmt: skip


def now_ms() -> int:
    return int(time.time() * 1000)
