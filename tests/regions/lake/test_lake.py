"""Event data stores in simulated regions: what they take in, and what queries find (CT-15)."""

from typing import Any

import pytest
from lakeside import ACCOUNT, AWAY, HOME, MISSING, OTHER, Lakeside, opened, user

from regions.errors import AccessDeniedException
from regions.lake import errors
from regions.trail.record import Resource
from sim.graph import undeclared_asks
from sim.units import days, seconds


def test_a_store_takes_in_the_calls_of_every_region_from_its_creation_on(lake: Lakeside) -> None:
    lake.publish(lake.record("Before"))
    store = lake.store()
    lake.publish(lake.record("Encrypt"), lake.record("Decrypt", AWAY), lake.record("Sign"))
    assert lake.names(store) == ["Decrypt", "Encrypt", "Sign"]


def test_a_store_of_one_region_takes_in_no_calls_of_another(lake: Lakeside) -> None:
    store = lake.store(MultiRegionEnabled=False)
    lake.publish(lake.record("Encrypt"), lake.record("Decrypt", AWAY))
    assert lake.names(store) == ["Encrypt"]


def test_nobody_sees_the_events_of_another_account(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Encrypt", recipient_account=OTHER, resources=()), lake.record("Sign"))
    assert lake.names(store) == ["Sign"]


def test_selectors_say_which_events_a_store_takes_in(lake: Lakeside) -> None:
    fields = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "eventName", "NotStartsWith": ["Gen"]},
    ]
    store = lake.store(AdvancedEventSelectors=[{"Name": "most", "FieldSelectors": fields}])
    lake.publish(lake.record("GenerateDataKey"), lake.record("Decrypt"))
    assert lake.names(store) == ["Decrypt"]


def test_data_events_are_taken_in_only_if_selectors_ask_for_them(lake: Lakeside) -> None:
    plain = lake.store("plain")
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    data = lake.store("data", AdvancedEventSelectors=[{"FieldSelectors": fields}])
    thing = Resource(arn="arn:aws:s3:::b/k", account=ACCOUNT, kind="AWS::S3::Object")
    lake.publish(
        lake.record("GetObject", category="Data", source="s3.amazonaws.com", resources=(thing,)),
        lake.record("Encrypt"),
    )
    assert (lake.names(plain), lake.names(data)) == (["Encrypt"], ["GetObject"])


def test_a_store_without_ingestion_misses_what_happens_meanwhile(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Encrypt"))
    lake.call("StopEventDataStoreIngestion", EventDataStore=store)
    lake.world.run_for(seconds(1))
    lake.publish(lake.record("Missed"))
    lake.world.run_for(seconds(11))
    lake.call("StartEventDataStoreIngestion", EventDataStore=store)
    lake.world.run_for(seconds(11))
    lake.publish(lake.record("Decrypt"))
    assert lake.names(store) == ["Decrypt", "Encrypt"]


@pytest.mark.parametrize("victim", ["lake", "trail"])
def test_no_event_is_lost_or_doubled_by_power_cuts(lake: Lakeside, victim: str) -> None:
    store, world = lake.store(), lake.world
    for number in range(8):
        lake.publish(lake.record(f"A{number}"), lake.record(f"B{number}", AWAY))
        name = f"{HOME if number % 2 else AWAY}/{victim}"
        world.crash(name)
        if victim == "lake":
            lake.publish(lake.record(f"C{number}"))
        world.restart(name)
        world.run_for(seconds(2 + number))
    world.run_for(seconds(70))
    expected = {f"{kind}{number}" for number in range(8) for kind in "AB"}
    expected |= {f"C{number}" for number in range(8)} if victim == "lake" else set()
    found = lake.names(store)
    assert (len(found), set(found)) == (len(expected), expected)


def test_a_region_that_cannot_be_reached_is_read_when_it_can(lake: Lakeside) -> None:
    store, world = lake.store(), lake.world
    lake.publish(lake.record("One", AWAY))
    world.crash(f"{HOME}/lake")
    lake.publish(*(lake.record(f"N{number}", AWAY) for number in range(3)))
    world.run_for(seconds(300))
    world.restart(f"{HOME}/lake")
    world.run_for(seconds(5))
    assert lake.names(store) == ["N0", "N1", "N2", "One"]


def test_quiet_time_costs_nothing(lake: Lakeside) -> None:
    # Goal: nothing polls. Method: the same quiet month with a store that follows, and without.
    lake.world.run_for(seconds(300))
    events = []
    for _ in range(2):
        before = lake.world.kernel.clock.events
        lake.world.run_for(days(30))
        events.append(lake.world.kernel.clock.events - before)
        lake.store(f"store-{before}")
        lake.publish(lake.record("Encrypt", AWAY))
        lake.world.run_for(seconds(300))
    assert events[1] <= events[0]


def test_retention_ends_events_and_not_stores(lake: Lakeside) -> None:
    store = lake.store(RetentionPeriod=7)
    lake.publish(lake.record("Old"))
    lake.world.run_for(days(8))
    lake.publish(lake.record("New"))
    assert lake.names(store) == ["New"]
    kept = [f for f in lake.world.disk(f"{HOME}/lake").files() if f.startswith("events:")]
    assert len(kept) == 1


def test_equal_seeds_give_equal_traces_with_queries() -> None:
    hashes = set()
    for _ in range(2):
        with opened() as world:
            lake = Lakeside(world, HOME)
            store = lake.store()
            lake.publish(*(lake.record(f"N{number}") for number in range(5)))
            lake.query(f"SELECT eventName, count(*) AS n FROM {store} GROUP BY eventName")
            hashes.add(world.trace.hash)
    assert len(hashes) == 1


def test_every_ask_of_a_lake_stands_in_the_table(lake: Lakeside) -> None:
    lake.bucket("results")
    store = lake.store()
    lake.call("StartQuery", QueryStatement=f"SELECT * FROM {store}", DeliveryS3Uri="s3://results/x")
    lake.world.run_for(seconds(10))
    assert undeclared_asks(lake.world) == []


def refused(lake: Lakeside, error: type[Any], action: str, **parameters: Any) -> str:
    with pytest.raises(error) as caught:
        lake.call(action, **parameters)
    return str(caught.value.message)


def test_a_store_is_protected_restored_and_ends_after_seven_days(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Encrypt"))
    assert refused(
        lake, errors.EventDataStoreTerminationProtectedException, "DeleteEventDataStore",
        EventDataStore=store,
    ) == "Event data store events has termination protection enabled."  # fmt: skip
    lake.call("UpdateEventDataStore", EventDataStore=store, TerminationProtectionEnabled=False)
    lake.call("DeleteEventDataStore", EventDataStore=store)
    assert lake.call("GetEventDataStore", EventDataStore=store)["Status"] == "PENDING_DELETION"
    text = f"Event data store {store} is pending deletion."
    assert refused(
        lake, errors.InactiveEventDataStoreException, "UpdateEventDataStore", EventDataStore=store
    ) == text  # fmt: skip
    lake.world.run_for(days(6))
    lake.call("RestoreEventDataStore", EventDataStore=store)
    assert lake.names(store) == ["Encrypt"]
    lake.call("DeleteEventDataStore", EventDataStore=store)
    lake.world.run_for(days(7))
    assert refused(
        lake, errors.EventDataStoreNotFoundException, "GetEventDataStore", EventDataStore=store
    ) == f"Event data store {store} does not exist."  # fmt: skip
    files = lake.world.disk(f"{HOME}/lake").files()
    assert [file for file in files if file.startswith("events:")] == []


def test_statuses_of_a_store_follow_its_ingestion(lake: Lakeside) -> None:
    def status() -> str:
        return str(lake.call("GetEventDataStore", EventDataStore=store)["Status"])

    made = lake.call("CreateEventDataStore", Name="events")
    store = made["EventDataStoreArn"]
    seen = [made["Status"]]
    lake.world.run_for(seconds(11))
    seen.append(status())
    for action in ("StopEventDataStoreIngestion", "StartEventDataStoreIngestion"):
        lake.call(action, EventDataStore=store)
        seen.append(status())
        lake.world.run_for(seconds(11))
        seen.append(status())
    assert seen == [
        "CREATED", "ENABLED", "STOPPING_INGESTION", "STOPPED_INGESTION", "STARTING_INGESTION",
        "ENABLED",
    ]  # fmt: skip


def test_an_account_has_ten_stores_and_25_channels_in_a_region(lake: Lakeside) -> None:
    # LIM: event data stores 10 per region, channels 25.
    for number in range(10):
        lake.call("CreateEventDataStore", Name=f"store-{number}")
    assert refused(
        lake, errors.EventDataStoreMaxLimitExceededException, "CreateEventDataStore", Name="one-more"
    ) == f"User: {ACCOUNT} already has 10 event data stores in {HOME}."  # fmt: skip
    found = lake.call("ListEventDataStores", MaxResults=7)
    rest = lake.call("ListEventDataStores", MaxResults=7, NextToken=found["NextToken"])
    names = [each["Name"] for page in (found, rest) for each in page["EventDataStores"]]
    assert names == [f"store-{number}" for number in range(10)]


def test_a_query_without_right_is_refused_on_any_store_that_it_reads(lake: Lakeside) -> None:
    one, two = lake.store("one"), lake.store("two")
    arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:eventdatastore/{one}"
    eve = user("cloudtrail:StartQuery", resource=arn)
    lake.call("StartQuery", eve, QueryStatement=f"SELECT eventID FROM {one}")
    with pytest.raises(AccessDeniedException) as error:
        lake.call("StartQuery", eve, QueryStatement=f"SELECT a.eventID FROM {one} a, {two} b")
    assert error.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/eve is not authorized to perform: cloudtrail:StartQuery"
        f" on resource: {arn.replace(one, two)} because no identity-based policy allows the"
        " cloudtrail:StartQuery action"
    )


def test_queries_wait_their_turn_and_at_most_ten_go_on(lake: Lakeside) -> None:
    store = lake.store()
    ids = [
        lake.call("StartQuery", QueryStatement=f"SELECT {n} AS n FROM {store}")["QueryId"]
        for n in range(10)
    ]
    assert refused(
        lake, errors.MaxConcurrentQueriesException, "StartQuery",
        QueryStatement=f"SELECT 1 FROM {store}",
    ) == f"User: {ACCOUNT} already runs 10 queries in {HOME}."  # fmt: skip
    assert lake.call("DescribeQuery", QueryId=ids[9])["QueryStatus"] == "QUEUED"
    assert lake.call("CancelQuery", QueryId=ids[9])["QueryStatus"] == "CANCELLED"
    lake.world.run_for(seconds(10))
    found = lake.call("ListQueries", EventDataStore=store)["Queries"]
    assert [each["QueryStatus"] for each in found] == ["FINISHED"] * 9 + ["CANCELLED"]
    assert refused(lake, errors.InactiveQueryException, "CancelQuery", QueryId=ids[0]) == (
        f"Query {ids[0]} has ended with status FINISHED."
    )


def test_results_survive_power_cuts_and_are_kept_for_seven_days(lake: Lakeside) -> None:
    store, world = lake.store(), lake.world
    lake.publish(*(lake.record(f"N{number}") for number in range(5)))
    statement = f"SELECT eventName FROM {store} WHERE eventName LIKE 'N%' ORDER BY eventName"
    done = lake.call("StartQuery", QueryStatement=statement)["QueryId"]
    rows = lake.rows(done)
    waiting = lake.call("StartQuery", QueryStatement=statement)["QueryId"]
    world.crash(f"{HOME}/lake")
    world.restart(f"{HOME}/lake")
    assert lake.rows(waiting) == lake.rows(done) == rows
    page = lake.call("GetQueryResults", QueryId=done, MaxQueryResults=3)
    rest = lake.call(
        "GetQueryResults", QueryId=done, MaxQueryResults=3, NextToken=page["NextToken"]
    )
    assert [len(each["QueryResultRows"]) for each in (page, rest)] == [3, 2]
    assert page["QueryStatistics"]["TotalResultsCount"] == 5
    world.run_for(days(7))
    assert refused(lake, errors.QueryIdNotFoundException, "GetQueryResults", QueryId=done) == (
        f"Query {done} does not exist."
    )
    lake.query(statement)
    results = [f for f in world.disk(f"{HOME}/lake").files() if f.startswith("result:")]
    assert len(results) == 1


def test_a_query_tells_what_it_took(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Encrypt"))
    query = lake.call("StartQuery", QueryStatement=f"SELECT eventID FROM {store}")["QueryId"]
    lake.world.run_for(seconds(2))
    told = lake.call("DescribeQuery", QueryId=query)
    statistics = told["QueryStatistics"]
    assert (told["QueryStatus"], statistics["EventsMatched"], statistics["EventsScanned"]) == (
        "FINISHED", 2, 2,
    )  # fmt: skip
    assert (statistics["BytesScanned"] > 500, statistics["ExecutionTimeInMillis"]) == (True, 200)


def test_a_query_that_fails_says_why(lake: Lakeside) -> None:
    store = lake.store()
    lake.publish(lake.record("Encrypt"))
    text = f"SELECT CAST(eventName AS INTEGER) AS n FROM {store}"
    query = lake.call("StartQuery", QueryStatement=text)["QueryId"]
    lake.world.run_for(seconds(2))
    told = lake.call("GetQueryResults", QueryId=query)
    assert told["QueryStatus"] == "FAILED"
    assert "Could not convert string" in told["ErrorMessage"]


def test_a_store_that_is_not_there_cannot_be_asked(lake: Lakeside) -> None:
    assert refused(
        lake, errors.EventDataStoreNotFoundException, "StartQuery",
        QueryStatement=f"SELECT * FROM {MISSING}",
    ) == f"Event data store {MISSING} does not exist."  # fmt: skip
