"""Which selectors an event data store may have, and what comes of them over its whole life."""

import random
from typing import Any

import pytest
from lakeside import AWAY, HOME, Lakeside, opened

from regions.errors import InvalidEventSelectorsException
from regions.lake.errors import InvalidEventDataStoreCategoryException
from regions.trail.record import Resource
from sim.units import days, seconds

OBJECTS = ("resources.type", {"Equals": ["AWS::S3::Object"]})


def selector(category: str, *conditions: tuple[str, dict[str, list[str]]]) -> dict[str, Any]:
    fields = [{"Field": "eventCategory", "Equals": [category]}]
    return {"FieldSelectors": [*fields, *({"Field": n, **how} for n, how in conditions)]}


#: What the pages of the service show as examples, or say is allowed.
ALLOWED = [
    selector("Management"),
    selector("Management", ("readOnly", {"Equals": ["false"]})),
    selector("Management", ("eventSource", {"NotEquals": ["kms.amazonaws.com"]})),
    selector("Management", ("eventSource", {"Equals": ["ec2.amazonaws.com"]})),
    selector("Management", ("eventName", {"NotEquals": ["ListKeys"], "NotStartsWith": ["Get"]})),
    selector("Management", ("eventType", {"Equals": ["AwsServiceEvent"]})),
    selector("Management", ("sessionCredentialFromConsole", {"NotEquals": ["true"]})),
    selector("Management", ("userIdentity.arn", {"NotEndsWith": ["/audit"]})),
    selector("Data", OBJECTS, ("resources.ARN", {"StartsWith": ["arn:aws:s3:::photos/"]})),
    selector("Data", OBJECTS, ("eventName", {"Equals": ["PutObject", "DeleteObject"]})),
    selector(
        "NetworkActivity",
        ("eventSource", {"Equals": ["kms.amazonaws.com"]}),
        ("errorCode", {"Equals": ["VpceAccessDenied"]}),
    ),
]
NEEDS = (
    "Every advanced event selector must have the field eventCategory with Equals and one of these"
    " values: ActivityAuditLog, Data, Insight, Management, NetworkActivity."
)


def refusal(lake: Lakeside, *chosen: dict[str, Any]) -> str:
    with pytest.raises(InvalidEventSelectorsException) as caught:
        lake.call("CreateEventDataStore", Name="events", AdvancedEventSelectors=list(chosen))
    return str(caught.value.message)


def test_a_store_takes_every_selector_that_is_documented(lake: Lakeside) -> None:
    made = lake.call("CreateEventDataStore", Name="events", AdvancedEventSelectors=ALLOWED)
    shown = [{"Name": "", **one} for one in ALLOWED]
    assert made["AdvancedEventSelectors"] == shown
    for category in ("Insight", "ActivityAuditLog"):
        alone = [selector(category)]
        lake.call("CreateEventDataStore", Name=category, AdvancedEventSelectors=alone)


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ({"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}, NEEDS),
        ({"FieldSelectors": [{"Field": "eventCategory", "NotEquals": ["Data"]}]}, NEEDS),
        (selector("Managment"), NEEDS),
        (selector("ConfigurationItem"), "Event category ConfigurationItem is not modelled."),
        (selector("Evidence"), "Event category Evidence is not modelled."),
        (
            selector("Data"),
            "Field resources.type is required in advanced event selectors of category Data.",
        ),
        (
            selector("NetworkActivity"),
            ("Field eventSource is required in advanced event selectors of category"
            " NetworkActivity."),
        ),
        (
            selector("Management", OBJECTS),
            "Field resources.type is not valid in advanced event selectors of category Management.",
        ),
        (
            selector("Insight", ("eventName", {"Equals": ["Encrypt"]})),
            "Field eventName is not valid in advanced event selectors of category Insight.",
        ),
        (
            selector("ActivityAuditLog", ("readOnly", {"Equals": ["true"]})),
            ("Field readOnly is not valid in advanced event selectors of category"
            " ActivityAuditLog."),
        ),
        (
            selector("Management", ("userName", {"Equals": ["bob"]})),
            "Field userName is not valid in advanced event selectors of category Management.",
        ),
        (
            selector("Management", ("readOnly", {"NotEquals": ["true"]})),
            "Equals is the only valid operator of the field readOnly.",
        ),
        (
            selector("Data", ("resources.type", {"StartsWith": ["AWS::S3"]})),
            "Equals is the only valid operator of the field resources.type.",
        ),
        (
            selector("Management", ("readOnly", {"Equals": ["yes"]})),
            "Value yes of the field readOnly is not one of: false, true.",
        ),
        (
            selector("Management", *[("eventName", {"Equals": [name]}) for name in "AB"]),
            "Field eventName stands more than once in one advanced event selector.",
        ),
        (
            selector("Management", ("eventName", {"Equals": [f"A{n}" for n in range(500)]})),
            ("Specify a valid number of values (1 to 500) for all conditions of your advanced event"
            " selectors."),
        ),
    ],
)  # fmt: skip
def test_other_selectors_are_refused_as_those_of_trails(
    lake: Lakeside, chosen: dict[str, Any], text: str
) -> None:
    assert refusal(lake, chosen) == text


def test_categories_that_fill_stores_in_other_ways_stand_alone(lake: Lakeside) -> None:
    assert refusal(lake, selector("Management"), selector("Insight")) == (
        "Event categories Insight, Management cannot be in one event data store."
    )


def test_a_store_of_calls_may_change_to_other_calls_and_to_nothing_else(lake: Lakeside) -> None:
    store = lake.store(AdvancedEventSelectors=[selector("Management")])
    data = [selector("Data", OBJECTS)]
    lake.call("UpdateEventDataStore", EventDataStore=store, AdvancedEventSelectors=data)
    for category in ("Insight", "ActivityAuditLog"):
        with pytest.raises(InvalidEventDataStoreCategoryException) as caught:
            lake.call(
                "UpdateEventDataStore",
                EventDataStore=store,
                AdvancedEventSelectors=[selector(category)],
            )
        text = "Event data store events is for events of category Data."
        assert str(caught.value.message) == text


def test_a_refused_update_changes_nothing(lake: Lakeside) -> None:
    store = lake.store(AdvancedEventSelectors=[ALLOWED[1]])
    with pytest.raises(InvalidEventSelectorsException):
        lake.call(
            "UpdateEventDataStore", EventDataStore=store, AdvancedEventSelectors=[selector("Data")]
        )
    found = lake.call("GetEventDataStore", EventDataStore=store)["AdvancedEventSelectors"]
    assert found == [{"Name": "", **ALLOWED[1]}]


#: Selectors, and which of the events below they want.
TURNS = [
    ([selector("Management")], {"Encrypt", "Decrypt"}),
    ([selector("Management", ("eventName", {"NotStartsWith": ["En"]}))], {"Decrypt"}),
    ([selector("Data", OBJECTS)], {"GetObject"}),
    ([selector("Management"), selector("Data", OBJECTS)], {"Encrypt", "Decrypt", "GetObject"}),
    ([selector("Management", ("userIdentity.arn", {"Equals": ["arn:aws:iam::1:root"]}))], set()),
]


def _publish(lake: Lakeside, region: str, number: int) -> list[str]:
    """Publish one event of each name; return their ids by name."""
    thing = Resource(arn="arn:aws:s3:::b/k", account="111122223333", kind="AWS::S3::Object")
    ids, records = [], []
    for name in ("Encrypt", "Decrypt", "GetObject"):
        more: dict[str, Any] = {"event_id": f"{name}-{number}"}
        if name == "GetObject":
            more |= {"category": "Data", "source": "s3.amazonaws.com", "resources": (thing,)}
        records.append(lake.record(name, region, **more))
        ids.append(more["event_id"])
    lake.publish(*records)
    return ids


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_store_holds_exactly_what_its_settings_wanted_when_it_happened(seed: int) -> None:
    # Goal: selectors and ingestion change, actors die, the store is deleted and restored; what it
    # has in the end is what an oracle of two variables says, once each.
    dice = random.Random(seed)
    with opened(seed) as world:
        lake = Lakeside(world, HOME, AWAY)
        chosen, wanted = TURNS[0]
        store = lake.store(AdvancedEventSelectors=chosen, TerminationProtectionEnabled=False)
        on, expected = True, list[str]()
        for number in range(24):
            match dice.choice(["select", "switch", "crash", "crash", "nothing", "delete"]):
                case "select":
                    chosen, wanted = dice.choice(TURNS)
                    lake.call(
                        "UpdateEventDataStore", EventDataStore=store, AdvancedEventSelectors=chosen
                    )
                case "switch":
                    action = "Stop" if on else "Start"
                    lake.call(f"{action}EventDataStoreIngestion", EventDataStore=store)
                    on = not on
                case "crash":
                    name = f"{dice.choice([HOME, AWAY])}/{dice.choice(['lake', 'trail'])}"
                    world.crash(name)
                    world.restart(name)
                case "delete":
                    lake.call("DeleteEventDataStore", EventDataStore=store)
                    world.run_for(days(2))
                    lake.call("RestoreEventDataStore", EventDataStore=store)
                    on = True  # It takes events in again.
                case _:
                    pass
            world.run_for(seconds(11))
            for name_of in _publish(lake, dice.choice([HOME, AWAY]), number):
                if on and name_of.partition("-")[0] in wanted:
                    expected.append(name_of)
        world.run_for(seconds(120))
        rows = lake.query(
            f"SELECT eventID FROM {store} WHERE eventSource <> 'cloudtrail.amazonaws.com'"
        )
        assert sorted(row["eventID"] for row in rows) == sorted(expected)
        assert expected
