"""A call of every CloudWatch Logs operation by boto3, named as boto3 names the operation."""

import json
import time

from serving import REGION
from stand import ACCOUNT, Stand, policy


def _group(at: Stand) -> str:
    name = at.name("/group")
    at.logs.create_log_group(logGroupName=name)
    at.logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def _put(at: Stand, group: str, *messages: str) -> None:
    now_ms = int(time.time() * 1000)
    at.logs.put_log_events(
        logGroupName=group, logStreamName="s",
        logEvents=[{"timestamp": now_ms, "message": message} for message in messages],
    )  # fmt: skip


def _filter(at: Stand, group: str, name: str = "f") -> None:
    at.logs.put_metric_filter(
        logGroupName=group, filterName=name, filterPattern="ERROR",
        metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
    )  # fmt: skip


def _policy(at: Stand) -> str:
    name = at.name("policy")
    document = policy("logs:PutLogEvents", Principal={"Service": "events.amazonaws.com"})
    at.logs.put_resource_policy(policyName=name, policyDocument=document)
    return name


def _retention(at: Stand, group: str) -> int | None:
    (found,) = at.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    days: int | None = found.get("retentionInDays")
    return days


def create_log_group(at: Stand) -> None:
    group = _group(at)
    (found,) = at.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["arn"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"


def delete_log_group(at: Stand) -> None:
    group = _group(at)
    at.logs.delete_log_group(logGroupName=group)
    assert at.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def describe_log_groups(at: Stand) -> None:
    group = _group(at)
    found = at.logs.describe_log_groups(logGroupNamePattern=group[1:])["logGroups"]
    assert group in [one["logGroupName"] for one in found]


def create_log_stream(at: Stand) -> None:
    group = _group(at)
    at.logs.create_log_stream(logGroupName=group, logStreamName="t")
    found = at.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [one["logStreamName"] for one in found] == ["s", "t"]


def delete_log_stream(at: Stand) -> None:
    group = _group(at)
    at.logs.delete_log_stream(logGroupName=group, logStreamName="s")
    assert at.logs.describe_log_streams(logGroupName=group)["logStreams"] == []


def describe_log_streams(at: Stand) -> None:
    group = _group(at)
    _put(at, group, "m")
    (found,) = at.logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert found["firstEventTimestamp"] == found["lastEventTimestamp"]


def put_log_events(at: Stand) -> None:
    group = _group(at)
    _put(at, group, "one", "two")
    (found,) = at.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["storedBytes"] == 2 * (3 + 26)


def get_log_events(at: Stand) -> None:
    group = _group(at)
    _put(at, group, "one", "two")
    found = at.logs.get_log_events(logGroupName=group, logStreamName="s")["events"]
    assert [event["message"] for event in found] == ["one", "two"]


def filter_log_events(at: Stand) -> None:
    group = _group(at)
    _put(at, group, "one", json.dumps({"n": 2}))
    found = at.logs.filter_log_events(logGroupName=group, filterPattern="{ $.n = 2 }")["events"]
    assert [event["message"] for event in found] == ['{"n": 2}']


def put_metric_filter(at: Stand) -> None:
    group = _group(at)
    _filter(at, group)
    (found,) = at.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["metricFilterCount"] == 1


def delete_metric_filter(at: Stand) -> None:
    group = _group(at)
    _filter(at, group)
    at.logs.delete_metric_filter(logGroupName=group, filterName="f")
    assert at.logs.describe_metric_filters(logGroupName=group)["metricFilters"] == []


def describe_metric_filters(at: Stand) -> None:
    group = _group(at)
    for name in ("b", "a"):
        _filter(at, group, name)
    pages = at.logs.get_paginator("describe_metric_filters").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 1}
    )
    assert [one["filterName"] for page in pages for one in page["metricFilters"]] == ["a", "b"]


def test_metric_filter(at: Stand) -> None:
    found = at.logs.test_metric_filter(
        filterPattern="[code = 4*, text]", logEventMessages=["404 gone", "200 here"]
    )["matches"]
    values = {"$code": "404", "$text": "gone"}
    assert found == [{"eventNumber": 1, "eventMessage": "404 gone", "extractedValues": values}]


def put_retention_policy(at: Stand) -> None:
    group = _group(at)
    at.logs.put_retention_policy(logGroupName=group, retentionInDays=30)
    assert _retention(at, group) == 30


def delete_retention_policy(at: Stand) -> None:
    group = _group(at)
    at.logs.put_retention_policy(logGroupName=group, retentionInDays=30)
    at.logs.delete_retention_policy(logGroupName=group)
    assert _retention(at, group) is None


def put_resource_policy(at: Stand) -> None:
    at.logs.delete_resource_policy(policyName=_policy(at))


def delete_resource_policy(at: Stand) -> None:
    name = _policy(at)
    at.logs.delete_resource_policy(policyName=name)
    found = at.logs.describe_resource_policies()["resourcePolicies"]
    assert name not in [one["policyName"] for one in found]


def describe_resource_policies(at: Stand) -> None:
    name = _policy(at)
    found = at.logs.describe_resource_policies()["resourcePolicies"]
    assert name in [one["policyName"] for one in found]
    at.logs.delete_resource_policy(policyName=name)
