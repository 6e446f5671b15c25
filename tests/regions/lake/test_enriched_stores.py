"""Event data stores that enrich their events, beside stores and trails that do not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from lakeside import ACCOUNT, ROOT, Lakeside
from test_channels import channel

from regions.bucket import GetObject, ListObjects
from regions.errors import InvalidParameterException, UnsupportedOperationException
from regions.lake.errors import InvalidEventDataStoreCategoryException
from sim.units import minutes, seconds

TEAM = [{"Key": "team", "Value": "audit"}, {"Key": "cost", "Value": "7"}]
SELECTORS = [
    {"Type": "TagContext", "Equals": ["team", "owner"]},
    {"Type": "RequestContext", "Equals": ["aws:ViaAWSService", "aws:PrincipalType"]},
]


def enrich(lake: Lakeside, store: str, **settings: Any) -> Any:
    usual = {"MaxEventSize": "Large", "ContextKeySelectors": SELECTORS}
    return lake.call("PutEventConfiguration", EventDataStore=store, **{**usual, **settings})


def refusal(lake: Lakeside, error: type[Exception], store: str, **settings: Any) -> str:
    with pytest.raises(error) as caught:
        enrich(lake, store, **settings)
    return str(caught.value).partition(": ")[2]


def events(lake: Lakeside, store: str, name: str) -> list[dict[str, Any]]:
    rows = lake.query(f"SELECT eventJson FROM {store} WHERE eventName = '{name}'")
    return [json.loads(row["eventJson"]) for row in rows]


def test_context_is_in_the_store_that_wants_it_and_nowhere_else(lake: Lakeside) -> None:
    """Neither another store, a trail, nor event history has an eventContext."""
    rich, plain = lake.store("rich"), lake.store("plain")
    enrich(lake, rich)
    lake.bucket("logs")
    lake.call("CreateTrail", Name="audit", S3BucketName="logs")
    lake.call("StartLogging", Name="audit")
    caller = replace(ROOT, tags=(("owner", "me"),))
    topic = lake.call("CreateTopic", caller, service="sns", Name="news", Tags=TEAM)["TopicArn"]
    lake.call("GetTopicAttributes", caller, service="sns", TopicArn=topic)
    lake.world.run_for(minutes(20))
    context = {
        "requestContext": {"aws:ViaAWSService": "false", "aws:PrincipalType": "Account"},
        "tagContext": {
            "resourceTags": [{"arn": topic, "tags": {"team": "audit"}}],
            "principalTags": {"owner": "me"},
        },
    }
    for name in ("CreateTopic", "GetTopicAttributes"):
        (told,) = events(lake, rich, name)
        (bare,) = events(lake, plain, name)
        assert told == bare | {"eventVersion": "1.11", "eventContext": context}
    (found,) = lake.call(
        "LookupEvents",
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTopic"}],
    )["Events"]
    assert "eventContext" not in json.loads(found["CloudTrailEvent"])
    site = "us-east-1/bucket"
    objects = lake.world.ask(site, ListObjects(bucket="logs")).objects
    bodies = [lake.world.ask(site, GetObject(bucket="logs", key=o.key)).body for o in objects]
    records = [record for body in bodies for record in json.loads(body)["Records"]]
    assert "CreateTopic" in {record["eventName"] for record in records}
    assert not [record for record in records if "eventContext" in record]


def test_context_begins_and_ends_with_the_configuration(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Before"))
    enrich(lake, store)
    lake.publish(lake.record("Within"))
    enrich(lake, store, MaxEventSize="Standard", ContextKeySelectors=[])
    lake.publish(lake.record("After"))
    found = [events(lake, store, name)[0] for name in ("Before", "Within", "After")]
    assert ["eventContext" in event for event in found] == [False, True, False]
    assert [event["eventVersion"] for event in found] == ["1.08", "1.11", "1.08"]


def test_a_store_of_large_events_keeps_what_another_leaves_out(lake: Lakeside) -> None:
    large, plain = lake.store("large"), lake.store("plain")
    enrich(lake, large, ContextKeySelectors=[])
    lake.publish(lake.record("Encrypt", request_parameters={"x": "p" * 300_000}))
    (whole,), (cut,) = events(lake, large, "Encrypt"), events(lake, plain, "Encrypt")
    assert whole["requestParameters"] == {"x": "p" * 300_000}
    assert cut["requestParameters"]["originalSize"] == "300008"
    assert "eventContext" not in whole


def test_queries_find_events_by_their_context(lake: Lakeside) -> None:
    """The forms of the service's own examples."""
    store = lake.store()
    enrich(lake, store)
    tagged = lake.record().resources[0].arn
    lake.publish(
        lake.record("Tagged", tagged=((tagged, (("team", "audit"),)),)),
        lake.record("Other", tagged=((tagged, (("team", "shop"),)),)),
        lake.record("Bare"),
    )
    of_kms = "eventSource = 'kms.amazonaws.com'"
    assert lake.query(
        f"SELECT eventName FROM {store} WHERE any_match(eventContext.tagContext.resourceTags,"
        " rt -> element_at(rt.tags, 'team') = 'audit')"
    ) == [{"eventName": "Tagged"}]  # fmt: skip
    assert lake.query(
        f"SELECT element_at(eventContext.requestContext, 'aws:ViaAWSService') AS via, count(*) AS n"
        f" FROM {store} WHERE {of_kms} GROUP BY 1"
    ) == [{"via": "false", "n": "3"}]


def test_keys_that_cannot_be_had_are_refused(lake: Lakeside) -> None:
    store = lake.store()
    error = InvalidParameterException
    wrong = [{"Type": "RequestContext", "Equals": ["aws:userid", "aws:SourceIp"]}]
    assert refusal(lake, error, store, ContextKeySelectors=wrong).startswith(
        "RequestContext key aws:SourceIp is not supported; expected one of aws:FederatedProvider,"
    )
    assert refusal(lake, error, store, ContextKeySelectors=SELECTORS[:1] * 2) == (
        "Each type of context keys can be given once."
    )
    assert refusal(lake, error, store, MaxEventSize="Standard") == (
        "ContextKeySelectors need MaxEventSize Large."
    )
    aggregated = [{"EventCategory": "Data", "Templates": ["API_ACTIVITY"]}]
    assert refusal(
        lake, UnsupportedOperationException, store, AggregationConfigurations=aggregated
    ) == "AggregationConfigurations is not modelled"  # fmt: skip
    assert lake.call("GetEventConfiguration", EventDataStore=store)["MaxEventSize"] == "Standard"


def test_stores_of_other_categories_have_no_context(lake: Lakeside) -> None:
    store, _ = channel(lake)
    assert refusal(lake, InvalidEventDataStoreCategoryException, store) == (
        "Event data store outside is for events of category ActivityAuditLog."
    )


def test_the_configuration_outlives_a_power_cut(lake: Lakeside) -> None:
    store = lake.store()
    configured = enrich(lake, store)
    lake.world.crash("us-east-1/lake")
    lake.world.restart("us-east-1/lake")
    lake.world.run_for(seconds(1))
    assert lake.call("GetEventConfiguration", EventDataStore=store) == configured
    lake.publish(lake.record("Encrypt", principal=replace(ROOT, tags=(("owner", ACCOUNT),))))
    (event,) = events(lake, store, "Encrypt")
    assert event["eventContext"]["tagContext"] == {"principalTags": {"owner": ACCOUNT}}
