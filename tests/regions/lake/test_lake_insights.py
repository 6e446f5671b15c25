"""Insights of an event data store reach the store that it has for them, once."""

import json

from lakeside import ACCOUNT, HOME, Lakeside

from sim.units import days, minutes

_INSIGHT = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Insight"]}]}]


def burst(lake: Lakeside, count: int = 30) -> None:
    lake.publish(*(lake.record("CreateGrant", read_only=False) for _ in range(count)))


def test_an_unusual_rate_is_one_insight_with_start_and_end_whatever_fails(lake: Lakeside) -> None:
    # Goal: one Start and one End within 30 minutes, once, over power cuts of trail and lake.
    store = lake.store()
    made = lake.call("CreateEventDataStore", Name="insights", AdvancedEventSelectors=_INSIGHT)
    target = made["EventDataStoreArn"]
    selectors = [{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]
    lake.call(
        "PutInsightSelectors", EventDataStore=store, InsightsDestination=target,
        InsightSelectors=selectors,
    )  # fmt: skip
    burst(lake)
    lake.world.run_for(days(2))
    burst(lake)
    lake.world.crash(f"{HOME}/trail")
    lake.world.restart(f"{HOME}/trail")
    lake.world.run_for(minutes(20))
    lake.world.crash(f"{HOME}/lake")
    lake.world.restart(f"{HOME}/lake")
    lake.world.run_for(minutes(10))
    found = lake.query(
        "SELECT insightState, insightEventName, insightType, insightContext.insightAverage AS n,"
        f" sharedEventID, eventJson FROM {target.rpartition('/')[2]} ORDER BY eventTime"
    )
    assert [(row["insightState"], row["insightEventName"], row["n"]) for row in found] == [
        ("Start", "CreateGrant", "30.0"), ("End", "CreateGrant", "30.0"),
    ]  # fmt: skip
    assert found[0]["sharedEventID"] == found[1]["sharedEventID"]
    event = json.loads(found[0]["eventJson"])
    assert (event["recipientAccountId"], event["eventType"]) == (ACCOUNT, "AwsCloudTrailInsight")
    assert "userIdentity" not in event
