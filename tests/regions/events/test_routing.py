"""From an event to its targets: which rules match, and what each target gets."""

import json
from itertools import count

import pytest

from regions.errors import ServiceError
from regions.events.changes import CHANGES, Rule, Target
from regions.events.places import kind_of_target
from regions.events.routing import event_text, routed, steps_of
from regions.events.state import EventsState
from sim.wire import Codec

REGION, ACCOUNT = "us-east-1", "111122223333"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
ENTRY = {
    "Source": "shop", "DetailType": "order", "Time": 1481646767.9, "Resources": ("a",),
    "Detail": ' {"items": [{"sku": "é"}], "total": 1.10} ',
}  # fmt: skip


def state() -> EventsState:
    made = EventsState()
    for name, pattern, enabled, given, path in (
        ("all", '{"source": ["shop"]}', True, "", ""),
        ("fixed", '{"source": ["shop"]}', True, '{"go": true}', ""),
        ("part", '{"detail": {"total": [1.1]}}', True, "", "$.detail.items[0]"),
        ("gone", '{"source": ["shop"]}', True, "", "$.detail.none.x"),
        ("off", '{"source": ["shop"]}', False, "", ""),
        ("other", '{"source": ["bank"]}', True, "", ""),
    ):
        made.apply(Rule(account=ACCOUNT, name=name, pattern=pattern, enabled=enabled))
        made.apply(
            Target(account=ACCOUNT, rule=name, target_id="t", arn=TOPIC, given=given, path=path)
        )
    made.apply(Rule(account="444455556666", name="foreign", pattern='{"source": ["shop"]}', enabled=True))
    return made


def test_an_event_has_its_documented_fields_and_its_detail_as_it_came() -> None:
    text = event_text("e-1", ACCOUNT, REGION, 0, ENTRY)
    assert text == (
        '{"version":"0","id":"e-1","detail-type":"order","source":"shop","account":"111122223333",'
        '"time":"2016-12-13T16:32:47Z","region":"us-east-1","resources":["a"],'
        '"detail":{"items": [{"sku": "é"}], "total": 1.10}}'
    )
    assert json.loads(text)["detail"]["total"] == 1.1


def test_every_target_of_every_enabled_rule_that_matches_gets_its_part() -> None:
    numbers = count()
    text = event_text("e-1", ACCOUNT, REGION, 0, ENTRY)
    parcels = routed(state(), REGION, ACCOUNT, text, lambda: str(next(numbers)))
    assert {parcel.about.rpartition("/")[2]: parcel.body for parcel in parcels} == {
        "all": text, "fixed": '{"go": true}', "part": '{"sku":"é"}', "gone": "null",
    }  # fmt: skip
    assert [parcel.to for parcel in parcels] == [TOPIC] * 4


def test_a_state_is_made_again_out_of_its_own_changes() -> None:
    made, copy, codec = state(), EventsState(), Codec(CHANGES)
    for change in made.changes():
        copy.apply(codec.decode(codec.encode(change)))
    assert copy.rules == made.rules


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", []),
        ("$.detail", ["detail"]),
        ("$.detail-type", ["detail-type"]),
        ("$.a[0]['b.c'][\"d\"]", ["a", 0, "b.c", "d"]),
        ("detail", None),
        ("$.", None),
        ("$..a", None),
        ("$.a[*]", None),
    ],
)
def test_paths_are_read_or_refused(path: str, steps: list[str | int] | None) -> None:
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (TOPIC, "sns"),
        (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a", "logs"),
        (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a:*", "logs"),
        ("arn", "ValidationException"),
        (f"arn:aws:sns:eu-west-1:{ACCOUNT}:t", "UnsupportedOperationException"),
        (f"arn:aws:logs:{REGION}:444455556666:log-group:/a", "UnsupportedOperationException"),
        (f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "UnsupportedOperationException"),
    ],
)
def test_targets_are_topics_and_own_log_groups_of_the_region(arn: str, kind: str) -> None:
    try:
        found = kind_of_target(arn, REGION, ACCOUNT)
    except ServiceError as error:
        found = error.code
    assert found == kind


def test_a_number_that_no_float_holds_is_handed_on_as_text() -> None:
    made = EventsState()
    made.apply(Rule(account=ACCOUNT, name="r", pattern='{"source": ["shop"]}', enabled=True))
    made.apply(
        Target(account=ACCOUNT, rule="r", target_id="t", arn=TOPIC, path="$.detail.n")
    )
    text = event_text("e-1", ACCOUNT, REGION, 0, ENTRY | {"Detail": '{"n": [1e400, 0.5]}'})
    (parcel,) = routed(made, REGION, ACCOUNT, text, lambda: "1")
    assert json.loads(parcel.body) == ["1E+400", 0.5]
