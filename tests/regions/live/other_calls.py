"""Calls by boto3 of operations that no test of their own service makes; named as boto3 names them."""

import json

import pytest
from botocore.exceptions import ClientError
from stand import ACCOUNT, Stand, policy

PATTERN = json.dumps({"source": ["shop"]})


def _bucket(at: Stand) -> str:
    name = at.name("bucket")
    at.s3.create_bucket(Bucket=name)
    return name


def _gone(code: str, call: object, **parameters: object) -> None:
    with pytest.raises(ClientError) as refused:
        call(**parameters)  # type: ignore[operator]
    assert refused.value.response["Error"]["Code"] == code


# s3


def copy_object(at: Stand) -> None:
    name = _bucket(at)
    at.s3.put_object(Bucket=name, Key="a", Body=b"text", Metadata={"by": "stand"})
    at.s3.copy_object(Bucket=name, Key="b", CopySource={"Bucket": name, "Key": "a"})
    found = at.s3.get_object(Bucket=name, Key="b")
    assert (found["Body"].read(), found["Metadata"]) == (b"text", {"by": "stand"})


def delete_bucket_policy(at: Stand) -> None:
    name = _bucket(at)
    allow = policy("s3:GetObject", resource=f"arn:aws:s3:::{name}/*", Principal={"AWS": ACCOUNT})
    at.s3.put_bucket_policy(Bucket=name, Policy=allow)
    at.s3.delete_bucket_policy(Bucket=name)
    _gone("NoSuchBucketPolicy", at.s3.get_bucket_policy, Bucket=name)


def delete_bucket_encryption(at: Stand) -> None:
    name = _bucket(at)
    by_kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    at.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [by_kms]})
    at.s3.delete_bucket_encryption(Bucket=name)
    found = at.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert found[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def get_bucket_versioning(at: Stand) -> None:
    name = _bucket(at)
    assert "Status" not in at.s3.get_bucket_versioning(Bucket=name)
    at.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    assert at.s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


def list_multipart_uploads(at: Stand) -> None:
    name = _bucket(at)
    begun = at.s3.create_multipart_upload(Bucket=name, Key="large")["UploadId"]
    (found,) = at.s3.list_multipart_uploads(Bucket=name)["Uploads"]
    assert (found["Key"], found["UploadId"]) == ("large", begun)


def abort_multipart_upload(at: Stand) -> None:
    name = _bucket(at)
    begun = at.s3.create_multipart_upload(Bucket=name, Key="large")["UploadId"]
    at.s3.abort_multipart_upload(Bucket=name, Key="large", UploadId=begun)
    assert "Uploads" not in at.s3.list_multipart_uploads(Bucket=name)


def list_parts(at: Stand) -> None:
    name = _bucket(at)
    upload = {"Bucket": name, "Key": "large"}
    upload["UploadId"] = at.s3.create_multipart_upload(**upload)["UploadId"]
    for number in (1, 2):
        at.s3.upload_part(**upload, PartNumber=number, Body=b"x" * number)
    parts = at.s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in parts] == [(1, 1), (2, 2)]


def upload_part_copy(at: Stand) -> None:
    name = _bucket(at)
    at.s3.put_object(Bucket=name, Key="a", Body=b"0123456789")
    upload = {"Bucket": name, "Key": "large"}
    upload["UploadId"] = at.s3.create_multipart_upload(**upload)["UploadId"]
    part = at.s3.upload_part_copy(
        **upload, PartNumber=1, CopySource=f"{name}/a", CopySourceRange="bytes=2-4"
    )["CopyPartResult"]
    whole = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    at.s3.complete_multipart_upload(**upload, MultipartUpload=whole)
    assert at.s3.get_object(Bucket=name, Key="large")["Body"].read() == b"234"


# logs


def _group(at: Stand) -> str:
    name = at.name("group")
    at.client("logs").create_log_group(logGroupName=name)
    return name


def delete_log_group(at: Stand) -> None:
    logs, name = at.client("logs"), _group(at)
    logs.delete_log_group(logGroupName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []


def delete_log_stream(at: Stand) -> None:
    logs, name = at.client("logs"), _group(at)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    logs.delete_log_stream(logGroupName=name, logStreamName="s")
    assert logs.describe_log_streams(logGroupName=name)["logStreams"] == []


def describe_log_streams(at: Stand) -> None:
    logs, name = at.client("logs"), _group(at)
    for stream in "ba":
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    found = logs.describe_log_streams(logGroupName=name)["logStreams"]
    assert [one["logStreamName"] for one in found] == ["a", "b"]


def delete_metric_filter(at: Stand) -> None:
    logs, name = at.client("logs"), _group(at)
    counted = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName=name, filterName="f", filterPattern="x", metricTransformations=[counted]
    )
    logs.delete_metric_filter(logGroupName=name, filterName="f")
    assert logs.describe_metric_filters(logGroupName=name)["metricFilters"] == []


def delete_retention_policy(at: Stand) -> None:
    logs, name = at.client("logs"), _group(at)
    logs.put_retention_policy(logGroupName=name, retentionInDays=7)
    logs.delete_retention_policy(logGroupName=name)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert "retentionInDays" not in found


def _resource_policies(at: Stand) -> dict[str, str]:
    found = at.client("logs").describe_resource_policies()["resourcePolicies"]
    return {one["policyName"]: one["policyDocument"] for one in found}


def describe_resource_policies(at: Stand) -> None:
    wanted = policy("logs:PutLogEvents", Principal={"Service": "events.amazonaws.com"})
    at.client("logs").put_resource_policy(policyName="described", policyDocument=wanted)
    assert json.loads(_resource_policies(at)["described"]) == json.loads(wanted)


def delete_resource_policy(at: Stand) -> None:
    logs = at.client("logs")
    wanted = policy("logs:PutLogEvents", Principal={"Service": "events.amazonaws.com"})
    logs.put_resource_policy(policyName="deleted", policyDocument=wanted)
    logs.delete_resource_policy(policyName="deleted")
    assert "deleted" not in _resource_policies(at)


# events


def disable_rule(at: Stand) -> None:
    events, name = at.client("events"), at.name("rule")
    events.put_rule(Name=name, EventPattern=PATTERN)
    events.disable_rule(Name=name)
    assert events.describe_rule(Name=name)["State"] == "DISABLED"


def test_event_pattern(at: Stand) -> None:
    event = {
        "id": "1", "account": ACCOUNT, "source": "shop", "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1", "resources": [], "detail-type": "order",
    }  # fmt: skip
    events, others = at.client("events"), event | {"source": "bank"}
    found = [
        events.test_event_pattern(EventPattern=PATTERN, Event=json.dumps(one))["Result"]
        for one in (event, others)
    ]
    assert found == [True, False]


# sns


def _topic(at: Stand) -> str:
    return str(at.client("sns").create_topic(Name=at.name("topic"))["TopicArn"])


def get_topic_attributes(at: Stand) -> None:
    arn = _topic(at)
    found = at.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (found["TopicArn"], found["Owner"]) == (arn, ACCOUNT)


def delete_topic(at: Stand) -> None:
    sns, arn = at.client("sns"), _topic(at)
    sns.delete_topic(TopicArn=arn)
    _gone("NotFound", sns.get_topic_attributes, TopicArn=arn)


def _subscription(at: Stand) -> tuple[str, str]:
    """Return a topic and its one subscription: a file, which need not confirm."""
    sns, topic = at.client("sns"), _topic(at)
    file = at.server.data.with_name(f"{at.name('mail')}.jsonl")
    made = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"file://{file}")
    return topic, str(made["SubscriptionArn"])


def set_subscription_attributes(at: Stand) -> None:
    sns, (_, arn) = at.client("sns"), _subscription(at)
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["RawMessageDelivery"] == "true"


def unsubscribe(at: Stand) -> None:
    sns, (topic, arn) = at.client("sns"), _subscription(at)
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
