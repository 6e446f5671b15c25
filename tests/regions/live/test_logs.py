"""What a client of CloudWatch Logs relies on, against a running server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from notified import admin, group, now_ms, put, refusal
from serving import ACCOUNT, REGION, Running, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("logs") / "data"
    with serving(folder, "--regions", f"{REGION},eu-west-1") as running:
        yield running


def test_events_come_back_in_order_forward_and_backward(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/order"), now_ms()
    put(logs, name, *((now + number, f"m{number}") for number in range(10)))

    def page(**more: Any) -> tuple[list[str], str, str]:
        found = logs.get_log_events(logGroupName=name, logStreamName="s", limit=4, **more)
        texts = [event["message"] for event in found["events"]]
        return texts, found["nextForwardToken"], found["nextBackwardToken"]

    seen, token = [], None
    while True:
        texts, after, _ = page(startFromHead=True, **({"nextToken": token} if token else {}))
        if after == token:
            break
        seen += texts
        token = after
    assert seen == [f"m{number}" for number in range(10)]
    latest, _, before = page()
    assert latest == ["m6", "m7", "m8", "m9"]
    earlier, _, before = page(nextToken=before)
    assert earlier == ["m2", "m3", "m4", "m5"]
    first, _, before = page(nextToken=before)
    assert first == ["m0", "m1"]
    none, after, same = page(nextToken=before)
    assert (none, same) == ([], before)
    assert page(nextToken=after)[0] == ["m0", "m1", "m2", "m3"]


def test_events_that_are_too_old_or_too_new_are_rejected_and_the_others_taken(
    server: Running,
) -> None:
    logs = server.client("logs")
    name, now, day = group(logs, "/ages"), now_ms(), 86_400_000
    answer = put(
        logs, name, (now - 15 * day, "old"), (now, "good"), (now + day, "new"),
    )  # fmt: skip
    assert answer["rejectedLogEventsInfo"] == {
        "tooNewLogEventStartIndex": 2, "tooOldLogEventEndIndex": 1,
    }  # fmt: skip
    logs.put_retention_policy(logGroupName=name, retentionInDays=1)
    answer = put(logs, name, (now - 2 * day, "expired"), (now, "good too"))
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    found = logs.filter_log_events(logGroupName=name)["events"]
    assert [event["message"] for event in found] == ["good", "good too"]


def test_a_batch_out_of_order_or_too_large_or_too_long_is_refused(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/batches"), now_ms()
    with pytest.raises(ClientError, match="must be in chronological order"):
        put(logs, name, (now, "b"), (now - 1, "a"))
    with pytest.raises(ClientError, match="Upload too large: 1048603 bytes exceeds limit of 1048576"):
        put(logs, name, (now, "x" * (1_048_576 + 1)))
    with pytest.raises(ClientError, match="cannot span more than 24 hours"):
        put(logs, name, (now - 86_400_001, "a"), (now, "b"))
    put(logs, name, (now, "x" * (1_048_576 - 26)))


def test_filtering_goes_over_streams_and_pages(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/filter"), now_ms()
    logs.create_log_stream(logGroupName=name, logStreamName="t")
    put(logs, name, *((now + 2 * n, f'{{"n": {n}, "kind": "even"}}') for n in range(50)))
    logs.put_log_events(
        logGroupName=name, logStreamName="t",
        logEvents=[{"timestamp": now + 2 * n + 1, "message": f'{{"n": {n}, "kind": "odd"}}'} for n in range(50)],
    )  # fmt: skip
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=name, filterPattern="{ $.n >= 40 }", PaginationConfig={"PageSize": 7}
    )
    found = [event for page in pages for event in page["events"]]
    assert [json.loads(event["message"])["n"] for event in found] == [n for n in range(40, 50) for _ in "ab"]
    assert {event["logStreamName"] for event in found} == {"s", "t"}
    assert len({event["eventId"] for event in found}) == 20
    bad = refusal(logs.filter_log_events, logGroupName=name, filterPattern="{ $.n >= x }")
    assert bad == "InvalidParameterException: Invalid filter pattern: >= needs a number, not 'x'"


def test_what_is_not_there_or_there_already_is_said_in_the_services_words(server: Running) -> None:
    logs = server.client("logs")
    name = group(logs, "/words")
    assert refusal(logs.create_log_group, logGroupName=name) == (
        "ResourceAlreadyExistsException: The specified log group already exists"
    )
    assert refusal(logs.create_log_stream, logGroupName=name, logStreamName="s") == (
        "ResourceAlreadyExistsException: The specified log stream already exists"
    )
    assert refusal(logs.delete_log_group, logGroupName="/none") == (
        "ResourceNotFoundException: The specified log group does not exist."
    )
    assert refusal(logs.get_log_events, logGroupName=name, logStreamName="none") == (
        "ResourceNotFoundException: The specified log stream does not exist."
    )


def test_groups_and_streams_are_listed_page_by_page(server: Running) -> None:
    logs = server.client("logs")
    for number in range(7):
        group(logs, f"/list/{number}")
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/list/", PaginationConfig={"PageSize": 3}
    )
    names = [one["logGroupName"] for page in pages for one in page["logGroups"]]
    assert names == [f"/list/{number}" for number in range(7)]
    now = now_ms()
    for number in range(5):
        logs.create_log_stream(logGroupName="/list/0", logStreamName=f"x{number}")
        logs.put_log_events(
            logGroupName="/list/0", logStreamName=f"x{number}",
            logEvents=[{"timestamp": now - number, "message": "m"}],
        )  # fmt: skip
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName="/list/0", orderBy="LastEventTime", descending=True,
        PaginationConfig={"PageSize": 2},
    )  # fmt: skip
    names = [one["logStreamName"] for page in pages for one in page["logStreams"]]
    assert names == ["x0", "x1", "x2", "x3", "x4", "s"]


def test_metric_filters_count_what_comes_after_them(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/metrics"), now_ms()
    put(logs, name, (now, '{"took": 100}'))
    logs.put_metric_filter(
        logGroupName=name, filterName="slow", filterPattern="{ $.took > 10 }",
        metricTransformations=[
            {
                "metricName": "Took", "metricNamespace": "Shop", "metricValue": "$.took",
                "dimensions": {"Kind": "$.kind"},
            }
        ],
    )  # fmt: skip
    for took in (5, 20, 30):
        put(logs, name, (now, json.dumps({"took": took, "kind": "order"})))
    assert logs.test_metric_filter(
        filterPattern="{ $.took > 10 }", logEventMessages=['{"took": 5}', '{"took": 20}']
    )["matches"] == [
        {"eventNumber": 2, "eventMessage": '{"took": 20}', "extractedValues": {"$.took": "20"}}
    ]
    shown = admin(server, "GET", "/metrics").decode()
    labels = f'account="{ACCOUNT}",dimensions="Kind=order",metric="Took",namespace="Shop",region="{REGION}"'
    assert f"nines_log_metric_sum{{{labels}}} 50.0" in shown
    assert f"nines_log_metric_samples_total{{{labels}}} 2.0" in shown
