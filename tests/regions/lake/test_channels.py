"""Channels, events from outside, policies, imports and other settings of a lake (CT-15)."""

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest
from lakeside import (
    ACCOUNT,
    ACTIVITY,
    AWAY,
    HOME,
    MISSING,
    ROOT,
    STRANGER,
    Lakeside,
)

from regions.bucket import GetObject, ListObjects, PutObject
from regions.errors import (
    AccessDeniedException,
    InsightNotEnabledException,
    InvalidNextTokenException,
    InvalidParameterException,
    ResourceTypeNotSupportedException,
    S3BucketDoesNotExistException,
    TagsLimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from regions.lake import errors
from sim.units import seconds


def refused(lake: Lakeside, error: type[Any], action: str, **parameters: Any) -> str:
    with pytest.raises(error) as caught:
        lake.call(action, **parameters)
    return str(caught.value.message)


def data(**members: Any) -> str:
    return json.dumps(
        {
            "version": "1.0", "userIdentity": {"type": "Custom", "principalId": "joe"},
            "eventSource": "shop.example.com", "eventName": "Sold",
            "eventTime": "2026-01-01T00:00:00Z", "UID": "u1", "recipientAccountId": ACCOUNT,
            "requestParameters": {"item": "hat", "price": 3},
            **members,
        }
    )  # fmt: skip


def channel(lake: Lakeside) -> tuple[str, str]:
    """Make a store for events from outside, and a channel to it."""
    store = lake.store("outside", AdvancedEventSelectors=ACTIVITY)
    made = lake.call(
        "CreateChannel", Name="shop", Source="Custom",
        Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store}],
    )  # fmt: skip
    return store, made["ChannelArn"]


def put(lake: Lakeside, arn: str, *events: dict[str, Any], who: Any = ROOT) -> Any:
    return lake.call(
        "PutAuditEvents", who, service="cloudtrail-data", channelArn=arn, auditEvents=list(events)
    )


def test_events_from_outside_are_found_by_queries(lake: Lakeside) -> None:
    store, arn = channel(lake)
    text = data()
    checksum = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    answer = put(lake, arn, {"id": "1", "eventData": text, "eventDataChecksum": checksum})
    assert answer["failed"] == []
    rows = lake.query(
        "SELECT eventID, eventCategory, eventData.userIdentity.principalId AS who,"
        " element_at(eventData.requestParameters, 'price') AS price, metadata.channelArn AS arn"
        f" FROM {store}"
    )
    assert rows == [
        {
            "eventID": answer["successful"][0]["eventID"], "eventCategory": "ActivityAuditLog",
            "who": "joe", "price": "3", "arn": arn,
        }
    ]  # fmt: skip
    status = lake.call("GetChannel", Channel=arn)["IngestionStatus"]
    assert status["LatestIngestionSuccessEventID"] == answer["successful"][0]["eventID"]


@pytest.mark.parametrize(
    ("event", "code", "text"),
    [
        ({"eventData": "x"}, "InvalidData", "eventData is no JSON object."),
        ({"eventData": "{}"}, "FieldNotFound", "eventData has no version."),
        (
            {"eventData": data(), "eventDataChecksum": "x"},
            "InvalidChecksum", "eventDataChecksum is not that of eventData.",
        ),
        (
            {"eventData": data(recipientAccountId="999999999999")},
            "InvalidRecipient", "recipientAccountId is not the channel's account.",
        ),
        (
            {"eventData": data(eventSource="kms.amazonaws.com")},
            "InvalidEventSource", "eventSource is one of an AWS service.",
        ),
        (
            {"eventData": data(eventName="x" * 1025)},
            "FieldTooLong", "eventName has more than 1024 characters.",
        ),
        (
            {"eventData": data(userIdentity={"type": "x"})},
            "FieldNotFound", "userIdentity has no type or no principalId.",
        ),
    ],
)  # fmt: skip
def test_one_event_is_refused_and_the_others_are_taken(
    lake: Lakeside, event: dict[str, str], code: str, text: str
) -> None:
    _, arn = channel(lake)
    answer = put(lake, arn, {"id": "bad", **event}, {"id": "good", "eventData": data()})
    assert answer["failed"] == [{"id": "bad", "errorCode": code, "errorMessage": text}]
    assert [each["id"] for each in answer["successful"]] == ["good"]


def test_a_call_brings_at_most_a_hundred_events_of_a_megabyte(lake: Lakeside) -> None:
    # CT-15: PutAuditEvents, 100 events or 1 MB.
    _, arn = channel(lake)
    events = [{"id": str(n), "eventData": data()} for n in range(101)]
    with pytest.raises(ValidationException, match="less than or equal to 100"):
        put(lake, arn, *events)
    assert len(put(lake, arn, *events[:100])["successful"]) == 100
    big = data(additionalEventData={"x": "y" * 1_048_576})
    with pytest.raises(ValidationException, match=r"^.*expected at most 1048576.*$"):
        put(lake, arn, {"id": "1", "eventData": big})
    with pytest.raises(errors.DuplicatedAuditEventId):
        put(lake, arn, events[0], events[0])


def test_another_account_needs_the_policy_of_the_channel(lake: Lakeside) -> None:
    _, arn = channel(lake)
    event = {"id": "1", "eventData": data()}
    with pytest.raises(AccessDeniedException):
        put(lake, arn, event, who=STRANGER)
    statement = {
        "Effect": "Allow", "Principal": {"AWS": STRANGER.arn},
        "Action": "cloudtrail-data:PutAuditEvents", "Resource": arn,
    }  # fmt: skip
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    lake.call("PutResourcePolicy", ResourceArn=arn, ResourcePolicy=document)
    assert lake.call("GetResourcePolicy", ResourceArn=arn)["ResourcePolicy"] == document
    assert len(put(lake, arn, event, who=STRANGER)["successful"]) == 1
    lake.call("DeleteResourcePolicy", ResourceArn=arn)
    text = f"Resource {arn} has no policy."
    for action in ("GetResourcePolicy", "DeleteResourcePolicy"):
        assert refused(
            lake, errors.ResourcePolicyNotFoundException, action, ResourceArn=arn
        ) == text  # fmt: skip


def test_a_policy_speaks_of_its_own_resource(lake: Lakeside) -> None:
    _, arn = channel(lake)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    assert refused(
        lake, errors.ResourcePolicyNotValidException, "PutResourcePolicy",
        ResourceArn=arn, ResourcePolicy=document,
    ) == f"The resource of each statement must be {arn}."  # fmt: skip
    bucket = "arn:aws:s3:::b"
    assert refused(
        lake, ResourceTypeNotSupportedException, "GetResourcePolicy", ResourceArn=bucket
    ) == f"Resource {bucket} is no event data store or channel."  # fmt: skip


def test_channels_are_made_changed_and_removed(lake: Lakeside) -> None:
    store, arn = channel(lake)
    assert refused(
        lake, errors.ChannelAlreadyExistsException, "CreateChannel", Name="shop", Source="Custom",
        Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store}],
    ) == "Channel shop already exists."  # fmt: skip
    lake.call("UpdateChannel", Channel=arn, Name="market")
    assert lake.call("ListChannels")["Channels"] == [{"ChannelArn": arn, "Name": "market"}]
    lake.call("UpdateEventDataStore", EventDataStore=store, TerminationProtectionEnabled=False)
    assert refused(
        lake, errors.ChannelExistsForEDSException, "DeleteEventDataStore", EventDataStore=store
    ) == "A channel leads to event data store outside."  # fmt: skip
    lake.call("DeleteChannel", Channel=arn)
    assert refused(lake, errors.ChannelNotFoundException, "GetChannel", Channel=arn) == (
        f"Channel {arn} does not exist."
    )
    with pytest.raises(errors.ChannelNotFound):
        put(lake, arn, {"id": "1", "eventData": data()})
    with pytest.raises(errors.InvalidChannelARN):
        put(lake, "arn:aws:s3:::x", {"id": "1", "eventData": data()})


def test_only_stores_for_outside_events_are_destinations(lake: Lakeside) -> None:
    store = lake.store("calls")
    assert refused(
        lake, errors.InvalidEventDataStoreCategoryException, "CreateChannel", Name="shop",
        Source="Custom", Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store}],
    ) == "Event data store calls is for events of category Management."  # fmt: skip


# Imports and delivered results.


def log_file(*names: str) -> bytes:
    records = [
        {
            "eventTime": f"2024-05-01T10:00:{number:02}Z", "eventID": f"old-{name}",
            "eventName": name, "eventSource": "kms.amazonaws.com", "eventCategory": "Management",
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    return json.dumps({"Records": records}).encode()


def fill(lake: Lakeside, region: str = HOME, more: int = 0) -> None:
    lake.bucket("logs", region)
    folder = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2024/05/01"
    files = {
        f"{folder}/a.json.gz": log_file("Encrypt", "Sign"),
        f"{folder}/b.json.gz": log_file("Verify"),
        f"{folder}/c.json.gz": b"rotten",
        f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/us-east-1/d.json.gz": b"{}",
        "notes.txt": b"x",
        **{f"{folder}/x{number}.json.gz": log_file("Encrypt") for number in range(more)},
    }
    for key, body in files.items():
        put_object = PutObject(bucket="logs", key=key, body=body, encoding="gzip")
        lake.world.ask(f"{region}/bucket", put_object)


def start(lake: Lakeside, store: str, **more: Any) -> str:
    source = {
        "S3LocationUri": "s3://logs/AWSLogs/", "S3BucketRegion": HOME,
        "S3BucketAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/import",
    }  # fmt: skip
    made = lake.call("StartImport", Destinations=[store], ImportSource={"S3": source}, **more)
    return str(made["ImportId"])


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_an_import_copies_log_files_and_lists_those_that_it_cannot(
    lake: Lakeside, region: str
) -> None:
    fill(lake, region)
    store = lake.store(RetentionPeriod=3653)
    found = start(lake, store)
    lake.world.run_for(seconds(30))
    told = lake.call("GetImport", ImportId=found)
    assert (told["ImportStatus"], told["ImportStatistics"]) == (
        "FAILED",
        {
            "PrefixesFound": 1, "PrefixesCompleted": 1, "FilesCompleted": 2,
            "EventsCompleted": 3, "FailedEntries": 1,
        },
    )  # fmt: skip
    (failure,) = lake.call("ListImportFailures", ImportId=found)["Failures"]
    assert failure["Location"].endswith("c.json.gz")
    assert lake.names(store) == ["Encrypt", "Sign", "Verify"]
    again = start(lake, store)
    lake.world.run_for(seconds(30))
    assert lake.names(store) == ["Encrypt", "Sign", "Verify"]
    listed = lake.call("ListImports", ImportStatus="FAILED", Destination=store)["Imports"]
    assert [each["ImportId"] for each in listed] == [found, again]


def test_an_import_takes_only_the_time_that_is_asked_for(lake: Lakeside) -> None:
    fill(lake)
    store = lake.store(RetentionPeriod=3653)
    start(lake, store, StartEventTime=1_714_557_601, EndEventTime=1_714_557_700)
    lake.world.run_for(seconds(30))
    assert lake.names(store) == ["Sign"]


def test_an_import_goes_on_after_a_power_cut_and_when_it_was_stopped(lake: Lakeside) -> None:
    fill(lake, more=50)
    store = lake.store(RetentionPeriod=3653)
    found = start(lake, store)
    assert refused(
        lake, errors.AccountHasOngoingImportException, "StartImport", ImportId=found
    ) == f"User: {ACCOUNT} has an ongoing import."  # fmt: skip
    assert lake.call("StopImport", ImportId=found)["ImportStatus"] == "STOPPED"
    assert refused(lake, InvalidParameterException, "StopImport", ImportId=found) == (
        f"Import {found} has ended with status STOPPED."
    )
    lake.call("StartImport", ImportId=found)
    lake.world.crash(f"{HOME}/lake")
    lake.world.restart(f"{HOME}/lake")
    lake.world.run_for(seconds(30))
    assert lake.names(store) == ["Encrypt", "Sign", "Verify"]


def test_what_cannot_be_imported_is_refused(lake: Lakeside) -> None:
    store = lake.store()
    assert refused(lake, errors.ImportNotFoundException, "GetImport", ImportId=MISSING) == (
        f"Import {MISSING} does not exist."
    )
    with pytest.raises(S3BucketDoesNotExistException, match="S3 bucket logs does not exist!"):
        start(lake, store)


def test_the_result_of_a_query_is_delivered_as_csv(lake: Lakeside) -> None:
    lake.bucket("results", AWAY)
    store = lake.store()
    lake.publish(lake.record("Encrypt"), lake.record("Sign"))
    query = lake.call(
        "StartQuery",
        QueryStatement=f"SELECT eventName, count(*) AS n FROM {store} WHERE eventSource ="
        " 'kms.amazonaws.com' GROUP BY eventName ORDER BY eventName",
        DeliveryS3Uri="s3://results/lake",
    )["QueryId"]
    lake.world.run_for(seconds(10))
    told = lake.call("DescribeQuery", QueryId=query)
    assert (told["DeliveryStatus"], told["DeliveryS3Uri"]) == ("SUCCESS", "s3://results/lake")
    site = f"{AWAY}/bucket"
    (entry,) = lake.world.ask(site, ListObjects(bucket="results")).objects
    assert entry.key.startswith(f"lake/AWSLogs/{ACCOUNT}/CloudTrail-Lake/Query/")
    assert entry.key.endswith(f"/{query}/result_1.csv.gz")
    body = lake.world.ask(site, GetObject(bucket="results", key=entry.key)).body
    assert body == b'"eventName","n"\n"Encrypt","1"\n"Sign","1"\n'
    assert gzip.compress(body)


# Tags, Insights, configuration, samples, and what is not modelled.


def test_tags_of_stores_and_channels_are_kept(lake: Lakeside) -> None:
    _, arn = channel(lake)
    lake.call("AddTags", ResourceId=arn, TagsList=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    lake.call("RemoveTags", ResourceId=arn, TagsList=[{"Key": "a"}])
    found = lake.call("ListTags", ResourceIdList=[arn])["ResourceTagList"]
    assert found == [{"ResourceId": arn, "TagsList": [{"Key": "b"}]}]
    many = [{"Key": f"k{number}"} for number in range(50)]
    assert refused(
        lake, TagsLimitExceededException, "AddTags", ResourceId=arn, TagsList=many
    ) == f"Resource {arn} would have 51 tags; at most 50."  # fmt: skip


def test_settings_of_a_store_are_kept(lake: Lakeside) -> None:
    store = lake.store()
    insight = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Insight"]}]}]
    to = lake.call("CreateEventDataStore", Name="insights", AdvancedEventSelectors=insight)
    assert refused(
        lake, InsightNotEnabledException, "GetInsightSelectors", EventDataStore=store
    ) == ("Event data store events has no Insights enabled.")
    put_selectors = lake.call(
        "PutInsightSelectors", EventDataStore=store, InsightsDestination=to["EventDataStoreArn"],
        InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}],
    )  # fmt: skip
    assert lake.call("GetInsightSelectors", EventDataStore=store) == put_selectors
    configured = lake.call(
        "PutEventConfiguration", EventDataStore=store, MaxEventSize="Large",
        ContextKeySelectors=[{"Type": "RequestContext", "Equals": ["aws:userid"]}],
    )  # fmt: skip
    assert lake.call("GetEventConfiguration", EventDataStore=store) == configured


def test_sample_queries_are_found_and_run(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Encrypt"))
    found = lake.call("SearchSampleQueries", SearchPhrase="calls KMS keys regions hour denied who")
    samples = found["SearchResults"]
    assert len(samples) >= 8
    assert samples == sorted(samples, key=lambda each: (-each["Relevance"], each["Name"]))
    for each in samples:
        lake.query(each["SQL"].replace("EVENT_DATA_STORE", store))


def test_a_page_token_is_of_its_request(lake: Lakeside) -> None:
    for number in range(3):
        lake.call("CreateEventDataStore", Name=f"store-{number}")
    token = lake.call("ListEventDataStores", MaxResults=1)["NextToken"]
    for parameters in ({"MaxResults": 2, "NextToken": token}, {"NextToken": "zzzzzzzzz"}):
        with pytest.raises(InvalidNextTokenException, match=r"^.*Invalid pagination token\.$"):
            lake.call("ListEventDataStores", **parameters)


def test_what_is_not_modelled_says_so(lake: Lakeside) -> None:
    with pytest.raises(UnsupportedOperationException, match="GetDashboard is not modelled"):
        lake.call("GetDashboard", DashboardId="x")
