"""What event selectors match, on records reduced to what they look at."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_at import ACCOUNT, Event, a_trail

from regions.trail.archive import STATE_FRAMES
from regions.trail.messages import TRAIL_FRAMES, TrailShadow
from regions.trail.selectors import (
    AdvancedSelector,
    BasicSelector,
    DataResource,
    Facts,
    FieldSelector,
    InsightSelectors,
    Selectors,
    selected,
)
from regions.trail.trails import Logging, TrailSettings, wants
from sim.wire import Codec

OBJECT = "arn:aws:s3:::photos/2026/a.jpg"


PUT = Event(
    source="s3.amazonaws.com",
    name="PutObject",
    read_only=False,
    management=False,
    category="Data",
    resources=(("AWS::S3::Object", OBJECT), ("AWS::S3::Bucket", "arn:aws:s3:::photos")),
)
GET = replace(PUT, name="GetObject", read_only=True)


def basic(*selectors: BasicSelector) -> Selectors:
    return Selectors(basic=selectors)


def advanced(*selectors: tuple[FieldSelector, ...]) -> Selectors:
    made = tuple(AdvancedSelector(fields=fields) for fields in selectors)
    return Selectors(basic=(), advanced=made)


def field(name: str, **operators: tuple[str, ...]) -> FieldSelector:
    values: dict[str, Any] = operators
    return FieldSelector(field=name, **values)


DATA = field("eventCategory", equals=("Data",))


def trail(**fields: Any) -> TrailSettings:
    return a_trail(**{"logging": (Logging(start_ns=1),), **fields})


def test_a_new_trail_selects_all_management_events_and_no_other() -> None:
    """CT-18."""
    new = Selectors()
    others = [replace(PUT, category=c) for c in ("Data", "NetworkActivity", "Insight")]
    assert selected(new, Event())
    assert selected(new, Event(read_only=False))
    assert [selected(new, other) for other in others] == [False, False, False]


def test_one_basic_selector_that_matches_is_enough() -> None:
    both = basic(BasicSelector(write=False), BasicSelector(read=False, excluded_sources=("x",)))
    assert selected(both, Event())
    assert selected(both, Event(read_only=False))
    assert selected(both, Event(source="x"))
    assert not selected(both, Event(source="x", read_only=False))


@pytest.mark.parametrize(
    ("values", "matches"),
    [
        (("arn:aws:s3",), True),
        (("arn:aws:s3:::photos/",), True),
        (("arn:aws:s3:::photos/2025", "arn:aws:s3:::photos/2026"), True),
        (("arn:aws:s3:::photos-old/",), False),
        ((OBJECT + "x",), False),
        ((), False),
    ],
)
def test_data_events_match_the_start_of_a_resource_of_their_type(
    values: tuple[str, ...], matches: bool
) -> None:
    asked = DataResource(kind="AWS::S3::Object", values=values)
    assert selected(basic(BasicSelector(management=False, data=(asked,))), PUT) == matches


def test_a_basic_selector_asks_data_events_of_its_kinds_of_call_and_resource_type_only() -> None:
    all_objects = DataResource(kind="AWS::S3::Object", values=("arn:aws:s3",))
    tables = DataResource(kind="AWS::DynamoDB::Table", values=("arn:aws",))
    writes = basic(BasicSelector(read=False, data=(all_objects,)))
    assert selected(writes, PUT)
    assert not selected(writes, GET)
    assert not selected(basic(BasicSelector(data=(tables,))), PUT)


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        (field("eventName", equals=("GetObject", "PutObject")), True),
        (field("eventName", equals=("GetObject",)), False),
        (field("eventName", not_equals=("GetObject", "PutObject")), False),
        (field("eventName", not_equals=("GetObject",)), True),
        (field("eventName", starts_with=("Delete", "Put")), True),
        (field("eventName", starts_with=("Delete",)), False),
        (field("eventName", not_starts_with=("Delete", "Put")), False),
        (field("eventName", not_starts_with=("Delete",)), True),
        (field("eventName", ends_with=("Object",)), True),
        (field("eventName", ends_with=("Objects",)), False),
        (field("eventName", not_ends_with=("Object",)), False),
        (field("eventName", not_ends_with=("Objects",)), True),
        (field("eventName", starts_with=("Put",), not_ends_with=("Object",)), False),
        (field("readOnly", equals=("false",)), True),
        (field("readOnly", equals=("true",)), False),
        (field("eventSource", equals=("s3.amazonaws.com",)), True),
        (field("eventType", equals=("AwsServiceEvent",)), False),
        (field("userIdentity.arn", ends_with=("user/alice",)), True),
        (field("errorCode", equals=("VpceAccessDenied",)), False),
        (field("sessionCredentialFromConsole", equals=("true",)), False),
        (field("sessionCredentialFromConsole", equals=("false",)), True),
        (field("vpcEndpointId", not_equals=("vpce-1",)), True),
        (field("resources.type", equals=("AWS::S3::Object",)), True),
        (field("resources.ARN", starts_with=("arn:aws:s3:::photos/2026/",)), True),
        (field("resources.ARN", not_equals=("arn:aws:s3:::photos",)), True),
    ],
)
def test_every_operator_and_field_of_a_condition(condition: FieldSelector, matches: bool) -> None:
    assert selected(advanced((DATA, condition)), PUT) == matches


def test_calls_of_console_sessions_can_be_told_apart() -> None:
    condition = field("sessionCredentialFromConsole", equals=("true",))
    assert selected(advanced((DATA, condition)), replace(PUT, console=True))
    assert not selected(advanced((DATA, condition)), PUT)


def as_advanced(basics: list[BasicSelector]) -> Selectors:
    """Return advanced selectors that say the same of management events as some basic ones."""
    made = []
    for one in basics:
        fields = [field("eventCategory", equals=("Management",))]
        if not (one.read and one.write):
            fields.append(field("readOnly", equals=("true" if one.read else "false",)))
        if one.excluded_sources:
            fields.append(field("eventSource", not_equals=one.excluded_sources))
        if one.management:
            made.append(tuple(fields))
    return advanced(*made)


_SOURCES = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
_BASICS = st.builds(
    lambda kind, management, excluded: BasicSelector(
        read=kind != "w", write=kind != "r", management=management, excluded_sources=excluded
    ),
    st.sampled_from("rwa"),
    st.booleans(),
    st.lists(st.sampled_from(_SOURCES), unique=True).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_BASICS, min_size=1, max_size=5),
    st.booleans(),
    st.sampled_from((*_SOURCES, "iam.amazonaws.com")),
)
def test_advanced_selectors_can_say_what_basic_ones_say(
    basics: list[BasicSelector], read_only: bool, source: str
) -> None:
    """CT-18: both forms select the same management events, whatever they are."""
    event = Event(source=source, read_only=read_only)
    same = as_advanced(basics)
    assert selected(basic(*basics), event) == (bool(same.advanced) and selected(same, event))


def test_conditions_are_all_needed_and_selectors_are_alternatives() -> None:
    deletes = (DATA, field("eventName", starts_with=("Delete",)))
    puts = (DATA, field("eventName", starts_with=("Put",)), field("readOnly", equals=("false",)))
    assert not selected(advanced(deletes), PUT)
    assert selected(advanced(deletes, puts), PUT)
    assert not selected(advanced(deletes, puts), GET)
    assert not selected(advanced(deletes, puts), Event())


def test_conditions_on_resources_speak_of_one_resource() -> None:
    kind = field("resources.type", equals=("AWS::S3::Bucket",))
    assert selected(advanced((DATA, kind)), PUT)
    assert not selected(advanced((DATA, kind, field("resources.ARN", equals=(OBJECT,)))), PUT)


def test_insight_events_come_while_insights_are_on_whatever_the_selectors_say() -> None:
    rates = InsightSelectors(since_ns=40, types=(("ApiCallRateInsight", ("Management",)),))
    one = trail(insights=(rates, InsightSelectors(since_ns=60)))
    insight = replace(Event(), management=False, category="Insight")
    assert [wants(one, replace(insight, time_ns=at)) for at in (39, 40, 59, 60)] == [
        False,
        True,
        True,
        False,
    ]


def test_without_recursive_logging_what_deliveries_cause_is_left_out() -> None:
    caused: Facts = Event(invoked_by="cloudtrail.amazonaws.com")
    assert wants(trail(), caused)
    assert not wants(trail(recursive_logging=False), caused)
    assert wants(trail(recursive_logging=False), Event())


def test_settings_with_all_their_parts_travel_and_are_stored_whole() -> None:
    asked = DataResource(kind="AWS::S3::Object", values=("arn:aws:s3",))
    whole = trail(
        selectors=(
            basic(
                BasicSelector(read=False, excluded_sources=("kms.amazonaws.com",), data=(asked,))
            ),
            advanced((DATA, field("eventName", equals=("A",), not_ends_with=("B", "C")))),
        ),
        validation=(Logging(start_ns=1, stop_ns=2), Logging(start_ns=3)),
        sns_topic="news",
        sns_topic_arn=f"arn:aws:sns:us-east-1:{ACCOUNT}:news",
        log_group_arn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:audit:*",
        logs_role_arn=f"arn:aws:iam::{ACCOUNT}:role/CloudTrail_CloudWatchLogs_Role",
        kms_key_id=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        recursive_logging=False,
        created_ns=5,
        insights=(InsightSelectors(since_ns=7, types=(("ApiErrorRateInsight", ("Data",)),)),),
        tags=(("team", "audit"),),
        max_event_size="Large",
        context_keys=(("TagContext", ("team", "stage")),),
        aggregation=(("Data", ("API_ACTIVITY",)),),
    )
    state = Codec(STATE_FRAMES)
    assert state.decode(state.encode(whole)) == whole
    wire = Codec(TRAIL_FRAMES)
    assert wire.decode(wire.encode(TrailShadow(settings=whole))).settings == whole
    assert (whole.validates, whole.has_custom_event_selectors) == (True, True)
    assert whole.has_insight_selectors
