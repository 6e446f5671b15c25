"""The API of one trail's settings, asked of Trail actors: every action that is not delivery."""

import json
from types import ModuleType
from typing import Any

import pytest

from regions.errors import (
    CloudTrailARNInvalidException,
    InsightNotEnabledException,
    InvalidEventSelectorsException,
    InvalidHomeRegionException,
    InvalidInsightSelectorsException,
    InvalidNextTokenException,
    InvalidParameterCombinationException,
    InvalidTokenException,
    OperationNotPermittedException,
    OrganizationsNotInUseException,
    ResourceNotFoundException,
    ResourceTypeNotSupportedException,
    ServiceError,
    TagsLimitExceededException,
    ThrottlingException,
    TrailNotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from regions.trail.messages import Publish
from regions.trail.operations import OPERATIONS
from regions.trail.rates import rate_of
from sim.units import minutes, seconds
from sim.world import SimWorld

EAST, WEST = "us-east-1", "eu-west-1"
ARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"
STORE = "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/1234abcd"


def country(made: ModuleType, world: SimWorld, *regions: str) -> Any:
    land = made.Country(world, list(regions or (EAST,))).build()
    world.run_for(seconds(1))
    land.bucket("logs")
    return land


def refused(
    error: type[ServiceError], land: Any, action: str, where: str = EAST, **given: Any
) -> str:
    with pytest.raises(error) as caught:
        land.call(where, action, **given)
    return caught.value.message


def delivered(land: Any, bucket: str) -> list[str]:
    """Return event ids of the made-up records in a bucket."""
    bodies = [land.body(bucket, entry.key) for entry in land.objects(bucket)]
    events = [event for body in bodies for event in json.loads(body)["Records"]]
    return [e["eventID"] for e in events if e["eventSource"] == "s3.amazonaws.com"]


def test_every_setting_is_kept_and_shown_by_get_trail_in_all_regions(made: ModuleType) -> None:
    """CT-28: what the home region says, every region says after a moment, also after a restart."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, EAST, WEST)
        created = land.call(
            EAST,
            "CreateTrail",
            Name="audit",
            S3BucketName="logs",
            S3KeyPrefix="all",
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            RecursiveLogging=False,
        )
        assert created == {
            "Name": "audit",
            "S3BucketName": "logs",
            "S3KeyPrefix": "all",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "TrailARN": ARN,
            "LogFileValidationEnabled": True,
            "IsOrganizationTrail": False,
            "RecursiveLogging": False,
        }
        whole = created | {
            "HomeRegion": EAST,
            "HasCustomEventSelectors": False,
            "HasInsightSelectors": False,
        }
        world.run_for(seconds(1))
        assert land.call(EAST, "GetTrail", Name="audit") == {"Trail": whole}
        assert land.call(WEST, "GetTrail", Name=ARN) == {"Trail": whole}
        changed = land.call(EAST, "UpdateTrail", Name=ARN, S3KeyPrefix="", RecursiveLogging=True)
        later = {**whole, "RecursiveLogging": True}
        del later["S3KeyPrefix"]
        assert changed == {k: v for k, v in later.items() if k in created}
        world.run_for(seconds(1))
        for region in (EAST, WEST):
            world.crash(f"{region}/trail")
            world.restart(f"{region}/trail")
            assert land.call(region, "GetTrail", Name=ARN) == {"Trail": later}
        assert refused(TrailNotFoundException, land, "GetTrail", WEST, Name="audit") == (
            "Unknown trail: arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit for the user: "
            "111122223333"
        )


def test_a_new_trail_of_the_api_is_single_region_and_does_not_log(made: ModuleType) -> None:
    """CT-22, CT-36: IsMultiRegionTrail alone makes the type of a trail, and is false unless set."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, EAST, WEST)
        created = land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs")
        assert created["IsMultiRegionTrail"] is False
        assert created["LogFileValidationEnabled"] is False
        assert land.call(EAST, "GetTrailStatus", Name="audit")["IsLogging"] is False
        world.run_for(seconds(1))
        assert land.call(WEST, "DescribeTrails") == {"trailList": ()}
        land.call(EAST, "UpdateTrail", Name="audit", IsMultiRegionTrail=True)
        world.run_for(seconds(1))
        assert [t["TrailARN"] for t in land.call(WEST, "DescribeTrails")["trailList"]] == [ARN]
        land.call(EAST, "UpdateTrail", Name="audit", IsMultiRegionTrail=False)
        world.run_for(seconds(1))
        assert land.call(WEST, "DescribeTrails") == {"trailList": ()}


def test_trails_of_all_regions_are_listed_in_pages(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, EAST, WEST)
        land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs")
        land.call(WEST, "CreateTrail", Name="other", S3BucketName="logs")
        land.call(WEST, "CreateTrail", Name="gone", S3BucketName="logs")
        land.call(WEST, "DeleteTrail", Name="gone")
        world.run_for(seconds(1))
        other = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"
        for region in (EAST, WEST):
            assert land.call(region, "ListTrails") == {
                "Trails": (
                    {"TrailARN": other, "Name": "other", "HomeRegion": WEST},
                    {"TrailARN": ARN, "Name": "audit", "HomeRegion": EAST},
                )
            }
        error = InvalidNextTokenException
        assert refused(error, land, "ListTrails", NextToken="x") == "Invalid pagination token."


def test_tags_are_added_listed_and_removed_at_home(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, EAST, WEST)
        tags = ({"Key": "team", "Value": "audit"},)
        land.call(
            EAST, "CreateTrail", Name="audit", S3BucketName="logs", IsMultiRegionTrail=True,
            TagsList=tags,
        )  # fmt: skip
        land.call(EAST, "AddTags", ResourceId=ARN, TagsList=({"Key": "stage", "Value": "1"},))
        land.call(EAST, "AddTags", ResourceId=ARN, TagsList=({"Key": "stage", "Value": "2"},))
        land.call(EAST, "RemoveTags", ResourceId=ARN, TagsList=tags)
        world.run_for(seconds(1))
        listed = {"ResourceId": ARN, "TagsList": ({"Key": "stage", "Value": "2"},)}
        for region in (EAST, WEST):
            found = land.call(region, "ListTags", ResourceIdList=(ARN,))
            assert found == {"ResourceTagList": (listed,)}
        given = {"ResourceId": ARN, "TagsList": tags}
        for action in ("AddTags", "RemoveTags"):
            assert refused(OperationNotPermittedException, land, action, WEST, **given) == (
                f"Tags of trail {ARN} can only be changed in its home region us-east-1."
            )
        many = tuple({"Key": f"k{n}"} for n in range(50))
        error = TagsLimitExceededException
        assert refused(error, land, "AddTags", ResourceId=ARN, TagsList=many) == (
            "A trail can have at most 50 tags; this would make 51."
        )


def test_tags_need_the_arn_of_a_trail_that_is_there(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        tags = {"TagsList": ({"Key": "team"},)}
        for error, name, text in (
            (CloudTrailARNInvalidException, "audit", "Trail ARN audit is not valid."),
            (ResourceNotFoundException, ARN, f"Resource {ARN} is not found."),
            (
                ResourceTypeNotSupportedException,
                "arn:aws:cloudtrail:us-east-1:111122223333:import/1234abcd",
                "Resources of type import cannot have tags.",
            ),
        ):
            assert refused(error, land, "AddTags", ResourceId=name, **tags) == text
            assert refused(error, land, "ListTags", ResourceIdList=(name,)) == text
        assert refused(ValidationException, land, "ListTags", ResourceIdList=(ARN,) * 21) == (
            "1 validation error detected: Value at 'resourceIdList' failed to satisfy constraint: "
            "Member must have length less than or equal to 20"
        )
        token = {"ResourceIdList": (ARN,), "NextToken": "x"}
        assert refused(InvalidTokenException, land, "ListTags", **token) == (
            "Token is not valid: all tags are always in one answer."
        )


def test_basic_and_advanced_selectors_replace_each_other(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs")
        field = {"Field": "eventCategory", "Equals": ("Management",)}
        advanced = ({"Name": "all", "FieldSelectors": (field,)},)
        put = land.call(
            EAST, "PutEventSelectors", TrailName="audit", AdvancedEventSelectors=advanced
        )
        assert put == {"TrailARN": ARN, "AdvancedEventSelectors": advanced}
        assert land.call(EAST, "GetEventSelectors", TrailName=ARN) == put
        assert land.call(EAST, "GetTrail", Name=ARN)["Trail"]["HasCustomEventSelectors"] is True
        basic = {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": (),
            "ExcludeManagementEventSources": (),
        }
        put = land.call(EAST, "PutEventSelectors", TrailName="audit", EventSelectors=({},))
        assert put == {"TrailARN": ARN, "EventSelectors": (basic,)}
        assert land.call(EAST, "GetEventSelectors", TrailName=ARN) == put
        assert land.call(EAST, "GetTrail", Name=ARN)["Trail"]["HasCustomEventSelectors"] is False
        error, both = InvalidEventSelectorsException, {"AdvancedEventSelectors": advanced}
        action = "PutEventSelectors"
        assert refused(error, land, action, TrailName=ARN, EventSelectors=({},), **both) == (
            "Specify either EventSelectors or AdvancedEventSelectors, not both."
        )
        assert refused(error, land, action, TrailName=ARN) == (
            "Specify either EventSelectors or AdvancedEventSelectors."
        )


def test_data_events_are_delivered_if_selected_and_never_looked_up(made: ModuleType) -> None:
    """CT-18."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("objects")
        for name in ("logs", "objects"):
            land.log(f"of-{name}", EAST, S3BucketName=name)
        resource = {"Type": "AWS::S3::Object", "Values": ("arn:aws:s3:::photos/",)}
        selector = {"IncludeManagementEvents": False, "DataResources": (resource,)}
        land.call(EAST, "PutEventSelectors", TrailName="of-objects", EventSelectors=(selector,))
        photo = made.Resource(
            arn="arn:aws:s3:::photos/a.jpg", account=made.ACCOUNT, kind="AWS::S3::Object"
        )
        records = (
            land.record(1, EAST, source="s3.amazonaws.com", name="PutObject", category="Data",
                        read_only=False, resources=(photo,)),
            land.record(2, EAST, source="s3.amazonaws.com", name="PutObject", category="Data",
                        read_only=False),
        )  # fmt: skip
        world.ask(f"{EAST}/trail", Publish(records=records))
        world.run_for(minutes(20))
        assert delivered(land, "objects") == [made.event_id(1)]
        assert delivered(land, "logs") == []
        by_name = ({"AttributeKey": "EventName", "AttributeValue": "PutObject"},)
        assert land.call(EAST, "LookupEvents", LookupAttributes=by_name) == {"Events": ()}


def test_insights_are_put_shown_and_switched_off(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, EAST, WEST)
        land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs", IsMultiRegionTrail=True)
        off = (
            f"Trail {ARN} does not have Insights enabled. Edit the trail settings to enable "
            "Insights, and then try the operation again."
        )
        error = InsightNotEnabledException
        assert refused(error, land, "GetInsightSelectors", TrailName="audit") == off
        put = land.call(
            EAST, "PutInsightSelectors", TrailName="audit",
            InsightSelectors=(
                {"InsightType": "ApiCallRateInsight"},
                {"InsightType": "ApiErrorRateInsight", "EventCategories": ("Management",)},
            ),
        )  # fmt: skip
        assert put == {
            "TrailARN": ARN,
            "InsightSelectors": (
                {"InsightType": "ApiCallRateInsight", "EventCategories": ("Management",)},
                {"InsightType": "ApiErrorRateInsight", "EventCategories": ("Management",)},
            ),
        }
        world.run_for(seconds(1))
        assert land.call(WEST, "GetInsightSelectors", TrailName=ARN) == put
        assert land.call(WEST, "GetTrail", Name=ARN)["Trail"]["HasInsightSelectors"] is True
        with pytest.raises(InvalidHomeRegionException):
            land.call(WEST, "PutInsightSelectors", TrailName=ARN, InsightSelectors=())
        land.call(EAST, "PutInsightSelectors", TrailName=ARN, InsightSelectors=())
        assert refused(error, land, "GetInsightSelectors", TrailName="audit") == off


def test_insights_need_events_that_the_trail_logs(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs")
        reads = ({"ReadWriteType": "ReadOnly"},)
        land.call(EAST, "PutEventSelectors", TrailName="audit", EventSelectors=reads)

        def put(kind: str | None, *categories: str, action: str = "PutInsightSelectors") -> str:
            chosen: dict[str, Any] = {} if kind is None else {"InsightType": kind}
            chosen |= {"EventCategories": categories} if categories else {}
            error = InvalidInsightSelectorsException
            return refused(error, land, action, TrailName="audit", InsightSelectors=(chosen,))

        rate, errors = "ApiCallRateInsight", "ApiErrorRateInsight"
        text = "{} needs {} events, which trail {} does not log."
        assert put(rate) == text.format(rate, "write management", ARN)
        assert put(errors, "Data") == text.format(errors, "data", ARN)
        assert put(None) == "InsightType is missing."
        fields = (
            {"Field": "eventCategory", "Equals": ("Management",)},
            {"Field": "readOnly", "Equals": ("true",)},
        )
        advanced = ({"FieldSelectors": fields},)
        land.call(EAST, "PutEventSelectors", TrailName=ARN, AdvancedEventSelectors=advanced)
        assert put(rate) == text.format(rate, "write management", ARN)
        twice = ({"InsightType": errors}, {"InsightType": errors})
        again = {"TrailName": "audit", "InsightSelectors": twice}
        error = InvalidInsightSelectorsException
        assert refused(error, land, "PutInsightSelectors", **again) == (
            "InsightType ApiErrorRateInsight is given more than once."
        )


@pytest.mark.parametrize("action", ["GetInsightSelectors", "GetEventConfiguration"])
def test_a_call_names_a_trail_and_no_event_data_store(made: ModuleType, action: str) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        error = InvalidParameterCombinationException
        assert refused(error, land, action) == "TrailName must be specified."
        assert refused(error, land, action, TrailName="audit", EventDataStore=STORE) == (
            "TrailName cannot be specified together with EventDataStore."
        )
        assert refused(UnsupportedOperationException, land, action, EventDataStore=STORE) == (
            "EventDataStore is not modelled"
        )


def test_events_of_a_trail_are_never_large_or_enriched(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs")
        plain = {
            "TrailARN": ARN,
            "MaxEventSize": "Standard",
            "ContextKeySelectors": (),
            "AggregationConfigurations": (),
        }
        assert land.call(EAST, "GetEventConfiguration", TrailName="audit") == plain
        put = {"TrailName": "audit", "MaxEventSize": "Standard", "ContextKeySelectors": ()}
        assert land.call(EAST, "PutEventConfiguration", **put) == plain
        error, action = InvalidParameterCombinationException, "PutEventConfiguration"
        assert refused(error, land, action, TrailName=ARN, MaxEventSize="Large") == (
            "MaxEventSize Large is for event data stores, not for trails."
        )
        keys = ({"Type": "TagContext", "Equals": ("team",)},)
        assert refused(error, land, action, TrailName=ARN, ContextKeySelectors=keys) == (
            "ContextKeySelectors are for event data stores, not for trails."
        )
        assert land.call(EAST, "GetEventConfiguration", TrailName=ARN) == plain


def test_aggregation_of_events_is_refused_as_not_modelled(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.call(EAST, "CreateTrail", Name="audit", S3BucketName="logs")
        templates = ({"EventCategory": "Data", "Templates": ("API_ACTIVITY",)},)
        put = {"TrailName": "audit", "AggregationConfigurations": templates}
        assert refused(UnsupportedOperationException, land, "PutEventConfiguration", **put) == (
            "AggregationConfigurations is not modelled"
        )


def test_trails_of_organizations_are_refused(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        wanted = {"Name": "audit", "S3BucketName": "logs"}
        text = (
            "Your account is not a member of an organization, so it cannot have an organization "
            "trail."
        )
        error = OrganizationsNotInUseException
        of_all = {"IsOrganizationTrail": True}
        assert refused(error, land, "CreateTrail", **wanted, **of_all) == text
        land.call(EAST, "CreateTrail", **wanted)
        assert refused(error, land, "UpdateTrail", Name="audit", **of_all) == text


def test_each_action_has_the_calls_a_second_that_the_service_publishes() -> None:
    rates = {action: rate_of(action) for action in OPERATIONS}
    assert {a for a, rate in rates.items() if rate == 1} == {
        a for a, operation in OPERATIONS.items() if not operation.read_only
    }
    assert rates["LookupEvents"] == 2
    assert {rates[a] for a in rates if a.startswith(("Get", "Describe", "List"))} == {10}


def test_more_calls_than_the_quota_are_refused_and_recorded(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = made.Country(world, [EAST], quotas=True).build()
        for _ in range(10):
            land.call(EAST, "DescribeTrails")
        error = ThrottlingException
        assert refused(error, land, "DescribeTrails") == "Rate exceeded"
        assert land.call(EAST, "ListTrails") == {"Trails": ()}
        world.run_for(seconds(1))
        assert land.call(EAST, "DescribeTrails") == {"trailList": ()}
        found = land.call(EAST, "LookupEvents")["Events"]
        codes = [json.loads(event["CloudTrailEvent"]).get("errorCode") for event in found]
        assert codes == [None, None, "ThrottlingException", *[None] * 10]
