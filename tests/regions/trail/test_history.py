"""Event history and the look-up in it."""

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.calls import Principal
from regions.errors import InvalidNextTokenException
from regions.trail.history import ATTRIBUTES, HISTORY_SECONDS, History, Query
from regions.trail.kept import Kept, kept
from regions.trail.messages import RECORD_CODEC
from sim.units import NS_PER_SECOND, days, seconds


def fill(made: ModuleType, *fields: dict[str, object]) -> History:
    """Return a history of records 0, 1, ... one second apart."""
    history = History()
    for number, extra in enumerate(fields):
        time_ns = made.EPOCH_NS + seconds(number)
        record = made.record(number, **{"time_ns": time_ns, **extra})
        history.add(kept(number, record, RECORD_CODEC.encode(record)), time_ns)
    return history


def ids(events: list[Kept]) -> list[int]:
    return [int(event.event_id[:8], 16) for event in events]


def look_up(
    made: ModuleType, history: History, at_ns: int | None = None, **query: object
) -> list[int]:
    asked = Query(account=made.ACCOUNT, **query)  # type: ignore[arg-type]
    return ids(history.look_up(asked, "", at_ns or made.EPOCH_NS + days(1))[0])


def test_the_newest_event_comes_first(made: ModuleType) -> None:
    assert look_up(made, fill(made, {}, {}, {})) == [2, 1, 0]


def test_events_are_ordered_by_time_and_not_by_arrival(made: ModuleType) -> None:
    history = fill(made, {}, {"time_ns": made.EPOCH_NS + seconds(-5)}, {})
    assert look_up(made, history) == [2, 0, 1]


def test_an_event_is_visible_for_ninety_days_and_not_a_second_longer(made: ModuleType) -> None:
    """CT-15: viewing, searching and paging all honour the limit."""
    history = fill(made, {"time_ns": made.EPOCH_NS + seconds(0.7)})
    last = made.EPOCH_NS + days(90)
    search = {"attribute": "EventName", "value": "Encrypt"}
    assert look_up(made, history, last) == [0]
    assert look_up(made, history, last + seconds(0.9), **search) == [0]
    assert look_up(made, history, last + seconds(1)) == []
    assert look_up(made, history, last + seconds(1), **search) == []
    assert HISTORY_SECONDS == 90 * 24 * 3600


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("EventId", "00000001-0000-4000-8000-000000000000"),
        ("EventName", "Decrypt"),
        ("ReadOnly", "false"),
        ("Username", "session-1"),
        ("ResourceType", "AWS::KMS::Alias"),
        ("ResourceName", "arn:aws:kms:us-east-1:111122223333:alias/app"),
        ("EventSource", "ssm.amazonaws.com"),
        ("AccessKeyId", "ASIAEXAMPLE"),
    ],
)
def test_each_of_the_eight_attributes_finds_its_event_alone(
    made: ModuleType, attribute: str, value: str
) -> None:
    """CT-07."""
    from regions.trail.record import Resource

    arn = "arn:aws:kms:us-east-1:111122223333:alias/app"
    alias = Resource(arn=arn, account=made.ACCOUNT, kind="AWS::KMS::Alias")
    different = {
        "EventId": {},
        "EventName": {"name": "Decrypt"},
        "ReadOnly": {"read_only": False},
        "Username": {"principal": made.ROLE},
        "ResourceType": {"resources": (alias,)},
        "ResourceName": {"resources": (alias,)},
        "EventSource": {"source": "ssm.amazonaws.com"},
        "AccessKeyId": {"principal": made.ROLE},
    }[attribute]
    history = fill(made, {}, different, {})
    assert look_up(made, history, attribute=attribute, value=value) == [1]
    assert len(ATTRIBUTES) == 8


def test_start_and_end_are_inclusive_to_the_second(made: ModuleType) -> None:
    epoch = made.EPOCH_NS // NS_PER_SECOND
    history = fill(made, *[{"time_ns": made.EPOCH_NS + seconds(n + 0.4)} for n in range(5)])
    assert look_up(made, history, start=epoch + 1, end=epoch + 3) == [3, 2, 1]


def test_another_accounts_events_and_data_events_stay_hidden(made: ModuleType) -> None:
    stranger = Principal(kind="Root", account="999988887777", arn="arn:aws:iam::999988887777:root")
    history = fill(made, {}, {"principal": stranger}, {"category": "Data"})
    assert look_up(made, history) == [0]


@settings(max_examples=40, deadline=None)
@given(size=st.integers(0, 25), page=st.integers(1, 7))
def test_pages_together_are_the_whole_result(made: ModuleType, size: int, page: int) -> None:
    history = fill(made, *[{"time_ns": made.EPOCH_NS + seconds(n // 3)} for n in range(size)])
    query, token, found = Query(account=made.ACCOUNT, page=page), "", []
    for _ in range(size + 1):
        events, token = history.look_up(query, token, made.EPOCH_NS + days(1))
        assert len(events) <= page
        found += ids(events)
        if not token:
            break
    assert found == list(reversed(range(size)))


def test_a_token_of_another_query_is_refused(made: ModuleType) -> None:
    history = fill(made, {}, {}, {})
    query = Query(account=made.ACCOUNT, page=1)
    _, token = history.look_up(query, "", made.EPOCH_NS)
    other = Query(account=made.ACCOUNT, page=1, attribute="EventName", value="Encrypt")
    for wrong, asked in ((token, other), ("nonsense", query)):
        with pytest.raises(
            InvalidNextTokenException,
            match=r"^InvalidNextTokenException: Invalid pagination token\.$",
        ):
            history.look_up(asked, wrong, made.EPOCH_NS)


def test_old_events_are_forgotten_but_their_ids_are_known_a_month_longer(made: ModuleType) -> None:
    history = fill(made, {}, {})
    for day in (92, 122):
        now_ns = made.EPOCH_NS + days(day)
        record = made.record(day, time_ns=now_ns)
        history.add(kept(day, record, RECORD_CODEC.encode(record)), now_ns)
        if day == 92:
            assert len(history) == 1
            assert history.knows(made.event_id(0), now_ns, now_ns)
    assert not history.knows(made.event_id(0), now_ns, now_ns)
    assert history.knows(made.event_id(0), made.EPOCH_NS, now_ns), "too old to tell apart"
