"""Fleets: what placement changes, and what it does not."""

import math
from dataclasses import replace

import pytest

from scenarios.durability.fleet import (
    Loss,
    Placement,
    Shared,
    falls,
    loss_at_once,
    loss_of,
    placements,
)
from scenarios.durability.fleet_plot import fleet
from scenarios.durability.fleet_text import to_text, to_values
from scenarios.durability.laws import Deterministic
from scenarios.durability.model import Layout, Mistake, Model, ModelError
from tests.scenarios.durability.models import M1, M4

SPREAD = replace(M4, layout=Layout())


def placed(copysets: int, loss: Loss, keys: int = 10**6) -> Placement:
    return Placement(name="", copysets=copysets, loss=loss, keys=keys, nodes=60, copies=3)


@pytest.mark.parametrize(
    ("copysets", "published"),
    [(5_000 / 3, 0.0015), (5 * 5_000 / 3, 0.0078), (275_000, 0.228), (5_000 * 8_000 / 3, 0.9999)],
)
def test_fifty_of_5000_nodes_lose_data_as_published(copysets: float, published: float) -> None:
    # Source: Cidon et al., USENIX ATC 2013, section 2.
    assert loss_at_once(5_000, 50, 3, round(copysets)) == pytest.approx(published, rel=0.06)


@pytest.mark.parametrize(("copysets", "any_loss"), [(8_000, 1.07e-5), (20, 2.7e-8)])
def test_copysets_decide_how_often_a_million_keys_lose_any(copysets: int, any_loss: float) -> None:
    found = placed(copysets, Loss(own=1.34e-9, shared=()))
    assert found.any_loss == pytest.approx(any_loss, rel=0.01)
    assert found.expected_keys == pytest.approx(1.34e-3)
    assert found.keys_per_event == pytest.approx(10**6 / copysets, rel=1e-4)


def test_20_nodes_in_each_of_3_azs_are_8000_copysets_or_20() -> None:
    found = {one.name: one for one in placements(SPREAD, keys=10**6)}
    assert {name: one.copysets for name, one in found.items()} == {
        "any node, random": 34_220,
        "any node, copysets": 20,
        "every AZ, random": 8_000,
        "every AZ, copysets": 20,
    }
    many, few = found["every AZ, random"], found["every AZ, copysets"]
    assert many.expected_keys == few.expected_keys
    assert many.any_loss / few.any_loss == pytest.approx(400, rel=0.01)


def test_keys_on_any_node_go_with_one_az() -> None:
    # All three copies in one AZ: 3 C(20, 3) of C(60, 3) keys, and an AZ is lost with 2e-3 a year.
    found = placements(SPREAD, keys=10**6)[0]
    worst = max(found.events, key=lambda event: event.keys * event.chance)
    assert worst.chance == pytest.approx(2e-3, rel=0.01)
    assert worst.keys == pytest.approx(1e6 * 1_140 / 34_220)
    assert found.loss.either > 100 * placements(SPREAD, keys=10**6)[2].loss.either


def test_what_strikes_whole_azs_does_not_multiply_with_copysets() -> None:
    loss = Loss(own=0.0, shared=(Shared(keys=1.0, chance=1e-9),))
    assert placed(8_000, loss).any_loss == pytest.approx(1e-9)
    assert placed(8_000, loss).keys_per_event == pytest.approx(1e6)


def test_a_mistake_strikes_one_key_and_no_copyset() -> None:
    # 1e-6 a year; half of them are noticed in time, as the window is as long as ln 2 waits.
    mistake = Mistake(name="deleted", rate=1e-6, window=math.log(2) / 10, noticed=0.1)
    loss = loss_of(replace(M1, mistakes=(mistake,)))
    assert loss.single == pytest.approx(5e-7, rel=1e-3)
    found = placed(20, loss)
    assert found.events[0].keys == 1
    assert found.any_loss == pytest.approx(1 - math.exp(-0.5), rel=1e-3)


def test_the_two_kinds_of_loss_are_all_of_it() -> None:
    loss = loss_of(M4)
    assert loss.either == pytest.approx(4.378e-11, rel=1e-3)
    assert loss.shared[0].chance == pytest.approx(3.38e-11, rel=0.01)


def test_copies_fall_somewhere() -> None:
    found = dict(falls(3, 3, 20))
    assert sum(found.values()) == pytest.approx(1)
    assert found[1, 1, 1] == pytest.approx(8_000 / 34_220)


def test_a_billion_keys_are_as_quick_as_one() -> None:
    found = placements(M1, keys=10**9)
    assert [one.keys_per_event for one in found[2:]] == [
        pytest.approx(1e9 / 8_000, rel=1e-3), pytest.approx(1e9 / 20, rel=1e-3)
    ]  # fmt: skip
    # One key has one copyset, however it is placed.
    assert {one.copysets for one in placements(M1, keys=1)} == {1}


def test_without_exponential_laws_only_whole_layouts_are_placed() -> None:
    model = replace(SPREAD, copy=replace(SPREAD.copy, repaired=Deterministic(1e-3)))
    assert [one.name for one in placements(model, keys=10)] == [
        "every AZ, random",
        "every AZ, copysets",
    ]


def test_copies_of_one_az_need_nodes_of_their_own() -> None:
    with pytest.raises(ModelError, match=r"^1 nodes in an AZ: expected 2 or more for its copies$"):
        placements(M4, keys=1, nodes=1)


def test_the_table_fits_a_terminal() -> None:
    assert (
        to_text(placements(SPREAD, keys=10**6), 1.0)
        == """\
Chance of a loss in a fleet of 1,000,000 keys on 60 nodes, within one year

placement          copysets of a key  of any keys then keys lost  if 1 % of
                                                  lost  expected nodes fail
any node, random     34,220  2.1e-04 2.4e-01       852   2.1e+02    6.3e-01
any node, copysets       20  2.1e-04 3.1e-03    66,895   2.1e+02    5.8e-04
every AZ, random      8,000  1.1e-06 8.7e-03       126   1.1e+00    2.1e-01
every AZ, copysets       20  1.1e-06 2.2e-05    50,002   1.1e+00    5.8e-04

Fewer copysets lose keys more seldom and more of them at once; the expected
number is the same.
"""
    )


def test_the_values_are_those_of_the_table() -> None:
    first = to_values(placements(M1, keys=1_000))[2]
    assert first == {
        "placement": "every AZ, random",
        "keys": 1_000,
        "copysets": 1_000,
        "key_loss": pytest.approx(8.984896580e-11),
        "any_loss": pytest.approx(8.984896e-8, rel=1e-5),
        "keys_lost_per_event": pytest.approx(1.0),
        "keys_lost_expected": pytest.approx(8.984896580e-8),
        "any_loss_if_one_percent_of_nodes_fail": pytest.approx(1_000 / 34_220, rel=0.02),
        "events": [{"keys": 1.0, "chance": pytest.approx(8.984896e-8, rel=1e-5)}],
    }


def test_the_picture_has_a_mark_for_each_event_and_a_name_for_each_placement() -> None:
    from matplotlib.figure import Figure

    page, found = Figure(), placements(SPREAD, keys=10**6)
    fleet(page, found)
    (axis,) = page.axes
    assert [len(marks.get_offsets()) for marks in axis.collections] == [
        len(one.events) for one in found
    ]
    assert len(axis.get_legend().get_texts()) == len(found)


def test_a_model_is_named_by_its_layout_alone() -> None:
    assert placements(Model(), keys=5)[0].nodes == 60
