"""A call of every CloudTrail operation by boto3; named as boto3 names the operation."""

import time

import pytest
from stand import ACCOUNT, Stand


def _trail(at: Stand) -> str:
    name = at.name("trail")
    at.cloudtrail.create_trail(Name=name, S3BucketName=at.bucket)
    return name


def _described(at: Stand, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = at.cloudtrail.describe_trails(trailNameList=[name])[
        "trailList"
    ]
    return found


def add_tags(at: Stand) -> None:
    name = _trail(at)
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{name}"
    at.cloudtrail.add_tags(ResourceId=arn, TagsList=[{"Key": "team", "Value": "audit"}])
    (found,) = at.cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert found == {"ResourceId": arn, "TagsList": [{"Key": "team", "Value": "audit"}]}
    at.cloudtrail.delete_trail(Name=name)


def create_trail(at: Stand) -> None:
    # Five trails of an account are one region's limit: the calls of this file share them.
    name = at.name("trail")
    made = at.cloudtrail.create_trail(
        Name=name, S3BucketName=at.bucket, S3KeyPrefix="audit", IsMultiRegionTrail=False
    )
    assert (made["TrailARN"], made["S3BucketName"], made["S3KeyPrefix"]) == (
        f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{name}",
        at.bucket,
        "audit",
    )
    at.cloudtrail.delete_trail(Name=name)


def delete_trail(at: Stand) -> None:
    name = _trail(at)
    at.cloudtrail.delete_trail(Name=name)
    assert _described(at, name) == []


def describe_trails(at: Stand) -> None:
    name = _trail(at)
    (found,) = _described(at, name)
    assert (found["Name"], found["HomeRegion"]) == (name, "us-east-1")
    at.cloudtrail.delete_trail(Name=name)


def get_event_configuration(at: Stand) -> None:
    name = _trail(at)
    found = at.cloudtrail.get_event_configuration(TrailName=name)
    assert (found["MaxEventSize"], found["ContextKeySelectors"]) == ("Standard", [])
    at.cloudtrail.delete_trail(Name=name)


def get_event_selectors(at: Stand) -> None:
    name = _trail(at)
    (selector,) = at.cloudtrail.get_event_selectors(TrailName=name)["EventSelectors"]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)
    at.cloudtrail.delete_trail(Name=name)


def get_insight_selectors(at: Stand) -> None:
    name = _trail(at)
    wanted = [{"InsightType": "ApiErrorRateInsight", "EventCategories": ["Management"]}]
    at.cloudtrail.put_insight_selectors(TrailName=name, InsightSelectors=wanted)
    assert at.cloudtrail.get_insight_selectors(TrailName=name)["InsightSelectors"] == wanted
    at.cloudtrail.delete_trail(Name=name)


def get_trail(at: Stand) -> None:
    name = _trail(at)
    found = at.cloudtrail.get_trail(Name=name)["Trail"]
    assert (found["Name"], found["LogFileValidationEnabled"]) == (name, False)
    at.cloudtrail.delete_trail(Name=name)


def get_trail_status(at: Stand) -> None:
    name = _trail(at)
    assert at.cloudtrail.get_trail_status(Name=name)["IsLogging"] is False
    at.cloudtrail.delete_trail(Name=name)


def list_public_keys(at: Stand) -> None:
    (key,) = at.cloudtrail.list_public_keys()["PublicKeyList"]
    assert (len(key["Value"]), len(key["Fingerprint"])) == (270, 32)


def list_tags(at: Stand) -> None:
    name = at.name("trail")
    tags = [{"Key": "stage", "Value": "test"}]
    arn = at.cloudtrail.create_trail(Name=name, S3BucketName=at.bucket, TagsList=tags)["TrailARN"]
    (found,) = at.cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert found["TagsList"] == tags
    at.cloudtrail.delete_trail(Name=name)


def list_trails(at: Stand) -> None:
    name = _trail(at)
    found = {t["Name"]: t["HomeRegion"] for t in at.cloudtrail.list_trails()["Trails"]}
    assert found[name] == "us-east-1"
    at.cloudtrail.delete_trail(Name=name)


def lookup_events(at: Stand) -> None:
    by_resource = [{"AttributeKey": "ResourceName", "AttributeValue": at.first_key}]
    found: list[dict[str, object]] = []
    for _ in range(3_000):  # Records are handed on in batches, every few seconds.
        found = at.cloudtrail.lookup_events(LookupAttributes=by_resource)["Events"]
        if found:
            break
        time.sleep(0.1)
    (event,) = found
    assert (event["EventName"], event["EventSource"]) == ("CreateKey", "kms.amazonaws.com")


def put_event_configuration(at: Stand) -> None:
    name = _trail(at)
    put = at.cloudtrail.put_event_configuration
    made = put(TrailName=name, MaxEventSize="Standard", ContextKeySelectors=[])
    assert (made["MaxEventSize"], made["ContextKeySelectors"]) == ("Standard", [])
    keys = [{"Type": "TagContext", "Equals": ["team"]}]
    with pytest.raises(at.cloudtrail.exceptions.InvalidParameterCombinationException):
        put(TrailName=name, MaxEventSize="Standard", ContextKeySelectors=keys)
    at.cloudtrail.delete_trail(Name=name)


def put_event_selectors(at: Stand) -> None:
    name = _trail(at)
    wanted = {
        "ReadWriteType": "WriteOnly",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }
    at.cloudtrail.put_event_selectors(TrailName=name, EventSelectors=[wanted])
    assert at.cloudtrail.get_event_selectors(TrailName=name)["EventSelectors"] == [wanted]
    at.cloudtrail.delete_trail(Name=name)


def put_insight_selectors(at: Stand) -> None:
    name = _trail(at)
    wanted = [{"InsightType": "ApiCallRateInsight", "EventCategories": ["Management"]}]
    made = at.cloudtrail.put_insight_selectors(TrailName=name, InsightSelectors=wanted)
    assert made["InsightSelectors"] == wanted
    assert at.cloudtrail.get_trail(Name=name)["Trail"]["HasInsightSelectors"] is True
    at.cloudtrail.delete_trail(Name=name)


def remove_tags(at: Stand) -> None:
    name = at.name("trail")
    tags = [{"Key": "stage", "Value": "test"}]
    arn = at.cloudtrail.create_trail(Name=name, S3BucketName=at.bucket, TagsList=tags)["TrailARN"]
    at.cloudtrail.remove_tags(ResourceId=arn, TagsList=tags)
    (found,) = at.cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert found["TagsList"] == []
    at.cloudtrail.delete_trail(Name=name)


def start_logging(at: Stand) -> None:
    name = _trail(at)
    at.cloudtrail.start_logging(Name=name)
    assert at.cloudtrail.get_trail_status(Name=name)["IsLogging"] is True
    at.cloudtrail.delete_trail(Name=name)


def stop_logging(at: Stand) -> None:
    name = _trail(at)
    at.cloudtrail.start_logging(Name=name)
    at.cloudtrail.stop_logging(Name=name)
    status = at.cloudtrail.get_trail_status(Name=name)
    assert (status["IsLogging"], "StopLoggingTime" in status) == (False, True)
    at.cloudtrail.delete_trail(Name=name)


def update_trail(at: Stand) -> None:
    name = _trail(at)
    at.cloudtrail.update_trail(Name=name, S3KeyPrefix="later")
    assert _described(at, name)[0]["S3KeyPrefix"] == "later"
    at.cloudtrail.delete_trail(Name=name)
