"""How much may fail at once: what is within the budget, what is beyond it, and what that permits."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from regions.faults import FAULTS
from regions.topology import Topology
from scenarios import harm
from scenarios.budget import (
    LEARNING_NS,
    REJOIN_NS,
    REPAIR_NS,
    SCRUB_NS,
    Allowance,
    Reason,
    Stretch,
    judge,
    room,
)
from scenarios.harm import HEALING_NS, SLOW_HEALING_NS
from scenarios.registration import register
from sim.faults import Fault
from sim.plan import FaultLine, Plan
from sim.units import days, minutes, seconds
from sim.world import World

HOUR_NS = minutes(60)
ONE = "us-east-1"
AZS = ("use1-az1", "use1-az2", "use1-az4")
TOPOLOGY = Topology(regions={ONE: AZS, "eu-west-1": ("euw1-az1", "euw1-az2", "euw1-az3")})
FOUR = Topology(regions={ONE: ("use1-az1", "use1-az2", "use1-az3", "use1-az4")})
FIVE = Topology(regions={ONE: ("use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az5")})


class Wipe(Fault):
    """A disk comes back empty; stands for every fault that forgets."""

    name = "wipe"
    forgets = True

    def inject(self, world: World) -> None:
        """Nothing here runs."""

    def heal(self, world: World) -> None:
        """Nor ends."""


@pytest.fixture(autouse=True)
def wipes() -> Iterator[None]:
    with register(Wipe):
        yield


def allowance(*lines: str, topology: Topology = TOPOLOGY) -> Allowance:
    return judge(Plan.parse(lines, FAULTS), topology, HOUR_NS)


def beyond(*lines: str, topology: Topology = TOPOLOGY) -> bool:
    return bool(allowance(*lines, topology=topology).beyond)


def test_without_faults_nothing_is_permitted() -> None:
    none = allowance()
    assert none == Allowance()
    assert (none.keys(ONE), none.records(ONE), none.service(ONE, 0, HOUR_NS)) == ("", "", "")
    assert (none.near(ONE, 0, HOUR_NS), none.last_ns) == ("", 0)


@pytest.mark.parametrize(
    "lines",
    [
        ("at 5m power-off us-east-1/use1-az1 for 10m",),
        # One after the other, each with time to heal.
        (
            "at 5m power-off us-east-1/use1-az1 for 5m",
            "at 11m power-off us-east-1/use1-az2 for 5m",
        ),
        # Two faults in one AZ are one AZ.
        (
            "at 5m power-off us-east-1/use1-az1 for 10m",
            "at 6m pause us-east-1/use1-az1/node for 10m",
            "at 7m partition us-east-1/use1-az1 for 10m",
        ),
        # Each region has its own budget.
        (
            "at 5m power-off us-east-1/use1-az1 for 10m",
            "at 5m power-off eu-west-1/euw1-az1 for 10m",
        ),
        # Both cuts are the trouble of the AZ that they share.
        (
            "at 5m partition us-east-1/use1-az1<->us-east-1/use1-az2 for 10m",
            "at 5m partition us-east-1/use1-az1->us-east-1/use1-az4 for 10m",
        ),
        # Inside a region that is cut off, everybody still reaches everybody.
        ("at 5m partition us-east-1 for 10m", "at 6m power-off us-east-1/use1-az1 for 2m"),
        ("at 5m partition us-east-1<->eu-west-1 for 10m",),
        # What a region has once may stop while an AZ is down.
        (
            "at 5m power-off us-east-1/use1-az1 for 10m",
            "at 5m crash us-east-1/trail for 10m",
            "at 5m pause us-east-1/front for 10m",
            "at 5m crash us-east-1/bucket for 10m",
            "at 5m crash safe/us-east-1/operator for 10m",
        ),
        # Whoever leads is one AZ, whichever.
        ("at 5m crash-loop us-east-1/@leader for 10m",),
        # One AZ after the other, each with time to heal.
        ("at 5m rolling-upgrade us-east-1 for 10m",),
        ("at 5m hsm-restart us-east-1 for 30m with down=60s gap=4m",),
        # Slow, twice, out of order: nobody stops.
        ("at 5m duplicate us-east-1 for 10m", "at 5m reorder eu-west-1/euw1-az1 for 10m"),
        # What a customer's staff does stops no AZ, and a sealed bucket only delays.
        ("at 5m policy-lockout us-east-1 for 10m", "at 5m bucket-policy-removed us-east-1"),
        # Inside a place that is badly connected to the rest all is well.
        ("at 5m packet-loss us-east-1 for 10m",),
        ("at 5m swizzle-clog us-east-1/use1-az1/node,us-east-1/use1-az1/az for 10m",),
        ("at 5m clock-step us-east-1/use1-az1 for 10m",),
    ],
)
def test_what_leaves_a_majority_of_every_region_alone_is_within_the_budget(
    lines: tuple[str, ...],
) -> None:
    assert allowance(*lines).beyond == ()


@pytest.mark.parametrize(
    "lines",
    [
        ("at 5m power-off us-east-1 for 1s",),
        (
            "at 5m power-off us-east-1/use1-az1 for 10m",
            "at 6m pause us-east-1/use1-az2/hsm-1 for 1m",
        ),
        # The first AZ has not healed yet.
        (
            "at 5m power-off us-east-1/use1-az1 for 5m",
            "at 601s power-off us-east-1/use1-az2 for 5m",
        ),
        # Each cut is somebody's trouble, and no one AZ is in both.
        (
            "at 5m partition us-east-1/use1-az1 for 10m",
            "at 5m partition us-east-1/use1-az2<->us-east-1/use1-az4 for 10m",
        ),
        # A fault without an end lasts until the run's.
        (
            "at 5m pause us-east-1/use1-az1",
            "at 50m pause us-east-1/use1-az2 for 1s",
        ),
        ("at 5m wipe us-east-1/trail for 1s",),
        ("at 5m wipe us-east-1/bucket for 1s",),
        ("at 5m hsm-tamper us-east-1 for 10m",),
        ("at 5m hsm-restart us-east-1 for 30m with down=60s gap=1m",),
        ("at 5m rolling-upgrade us-east-1 for 10m with gap=30s",),
        ("at 5m audit-down us-east-1 for 10m",),
        ("at 5m bad-config us-east-1 for 30m",),
        ("at 5m swizzle-clog us-east-1/use1-az1,us-east-1/use1-az2 for 10m",),
        # Clocks of two AZs are wrong at once.
        ("at 5m clock-offset us-east-1/use1-az1", "at 9m clock-drift us-east-1/use1-az2 for 1m"),
    ],
)
def test_what_harms_too_much_at_once_is_beyond_the_budget(lines: tuple[str, ...]) -> None:
    assert len(allowance(*lines).beyond) == 1


def test_five_azs_spare_two_and_four_spare_one() -> None:
    two = ("at 5m pause us-east-1/use1-az1 for 9m", "at 5m pause us-east-1/use1-az2 for 9m")
    assert not beyond(*two, topology=FIVE)
    assert beyond(*two, topology=FOUR)
    assert beyond(*two, "at 5m pause us-east-1/use1-az3 for 9m", topology=FIVE)


def test_too_many_dark_azs_may_refuse_service_and_lose_nothing() -> None:
    lines = (
        "at 5m pause us-east-1/use1-az1 for 10m",
        "at 6m pause us-east-1/use1-az2 for 10m",
    )
    found = allowance(*lines)
    text = f"beyond the budget of 1 of 3 AZs: '{lines[0]}', '{lines[1]}'"
    end_ns = minutes(15) + HEALING_NS
    assert found.refusals == {ONE: (Stretch(minutes(6), end_ns, text),)}
    assert found.service(ONE, minutes(10), minutes(10)) == text
    assert found.service(ONE, minutes(5), minutes(6)) == ""
    assert found.service(ONE, end_ns, HOUR_NS) == ""
    assert found.service("eu-west-1", 0, HOUR_NS) == ""
    assert (found.keys(ONE), found.records(ONE)) == ("", "")
    assert found.last_ns == minutes(16) + HEALING_NS


def test_a_region_whose_hsms_are_all_empty_waits_for_its_safe() -> None:
    found = allowance(
        "at 5m power-off us-east-1 for 1m", topology=replace(TOPOLOGY, ceremony_ns=minutes(20))
    )
    assert found.service(ONE, minutes(6) + HEALING_NS + minutes(20), HOUR_NS) == (
        "every HSM is empty until the safe has been opened: 'at 5m power-off us-east-1 for 1m'"
    )
    opened_ns = minutes(6) + HEALING_NS + minutes(20) + REJOIN_NS
    assert found.service(ONE, opened_ns, HOUR_NS) == ""
    assert found.keys(ONE) == ""


def test_a_stopped_endpoint_refuses_service_and_a_cut_region_does_not() -> None:
    stopped = allowance("at 5m crash us-east-1/front for 1m")
    assert stopped.service(ONE, minutes(5), HOUR_NS) == (
        "the region has one endpoint: 'at 5m crash us-east-1/front for 1m'"
    )
    assert allowance("at 5m partition us-east-1 for 1m").service(ONE, 0, HOUR_NS) == ""


def test_azs_that_forget_before_the_first_has_copied_again_may_lose_keys_and_records() -> None:
    first = "at 5m wipe us-east-1/use1-az1 for 1s"
    soon_ns = minutes(5) + seconds(1) + HEALING_NS + REPAIR_NS
    soon = f"at {soon_ns // seconds(1) - 1}s wipe us-east-1/use1-az2 for 1s"
    late = f"at {soon_ns // seconds(1)}s wipe us-east-1/use1-az2 for 1s"
    reason = Reason(
        "beyond", f"beyond the budget: more than 1 of 3 AZs forgot: '{first}', '{soon}'"
    )
    found = allowance(first, soon)
    assert (found.lost_keys, found.lost_records) == ({ONE: reason}, {ONE: reason})
    assert found.keys(ONE) == found.records(ONE) == reason.text
    assert allowance(first, late).beyond == ()


def test_a_forgetful_disk_loses_only_what_is_on_it() -> None:
    nodes = [f"at 5m wipe us-east-1/{az}/node for 1s" for az in AZS]
    recorders = [f"at 5m wipe us-east-1/{az}/recorder for 1s" for az in AZS]
    hsms = [f"at 5m wipe us-east-1/{az}/hsm-1 for 1s" for az in AZS]
    found = [allowance(*lines) for lines in (nodes, recorders, hsms)]
    assert [bool(each.keys(ONE)) for each in found] == [True, False, False]
    assert [bool(each.records(ONE)) for each in found] == [False, True, False]


def test_harm_delays_the_repair_of_what_was_forgotten() -> None:
    lines = (
        "at 5m wipe us-east-1/use1-az1 for 1s",
        "at 6m pause us-east-1/use1-az4 for 20m",
        "at 29m wipe us-east-1/use1-az2 for 1s",
    )
    assert allowance(*lines).keys(ONE) != ""
    assert allowance(lines[0], lines[2]).keys(ONE) == ""


def test_audit_records_have_two_copies_however_many_azs_there_are() -> None:
    lines = [f"at 5m wipe us-east-1/use1-az{number} for 1s" for number in (1, 2)]
    found = allowance(*lines, topology=FIVE)
    assert found.keys(ONE) == ""
    assert found.records(ONE) == (
        f"beyond the budget: more than 1 of 5 AZs forgot: '{lines[0]}', '{lines[1]}'"
    )


@pytest.mark.parametrize(
    ("ack", "line", "permitted"),
    [
        ("quorum", "at 5m power-off us-east-1/use1-az1 for 1m", False),
        ("quorum", "at 5m wipe us-east-1/use1-az1 for 1m", False),
        ("local", "at 5m power-off us-east-1/use1-az1 for 1m", False),
        ("local", "at 5m wipe us-east-1/use1-az1/recorder for 1m", True),
        ("local", "at 5m wipe us-east-1/use1-az1/node for 1m", False),
        ("async", "at 5m pause us-east-1/use1-az1 for 1m", False),
        ("async", "at 5m power-off us-east-1/use1-az1 for 1m", True),
        ("async", "at 5m wipe us-east-1/use1-az1/recorder for 1m", True),
    ],
)
def test_a_setting_of_audit_ack_permits_what_its_table_says(
    ack: str, line: str, permitted: bool
) -> None:
    found = allowance(line, topology=Topology(regions={ONE: AZS}, audit_acks={ONE: ack}))
    expected = {ONE: Reason("setting", f"audit_ack {ack!r} permits it: '{line}'")}
    assert found.lost_records == (expected if permitted else {})
    assert (found.keys(ONE), found.beyond) == ("", ())


def test_a_bucket_that_forgets_may_cost_records_of_every_region() -> None:
    line = "at 5m wipe eu-west-1/bucket for 1s"
    text = f"beyond the budget: a bucket forgets under '{line}'"
    assert allowance(line).lost_records == {
        ONE: Reason("beyond", text),
        "eu-west-1": Reason("beyond", text),
    }


def test_a_fault_is_near_until_it_has_healed() -> None:
    line = "at 5m pause us-east-1/use1-az1 for 1m"
    found = allowance(line)
    assert found.near(ONE, minutes(4), minutes(5)) == ""
    assert found.near(ONE, minutes(5), minutes(5) + 1) == f"near '{line}'"
    assert found.near(ONE, minutes(6) + HEALING_NS, HOUR_NS) == ""


def test_times_are_world_times_when_the_start_is_given() -> None:
    plan = Plan.parse(["at 10% pause us-east-1/use1-az1 for 10%"])
    found = judge(plan, TOPOLOGY, HOUR_NS, start_ns=minutes(5))
    assert [(s.begin_ns, s.end_ns) for s in found.faults[ONE]] == [
        (minutes(11), minutes(17) + HEALING_NS)
    ]


def test_there_is_room_for_a_line_that_leaves_the_plan_within_the_budget() -> None:
    lines = [FaultLine.parse("at 5m power-off us-east-1/use1-az1 for 10m")]
    fits = FaultLine.parse("at 20m power-off us-east-1/use1-az2 for 10m")
    too_soon = FaultLine.parse("at 10m power-off us-east-1/use1-az2 for 10m")
    assert room(lines, fits, TOPOLOGY, HOUR_NS)
    assert not room(lines, too_soon, TOPOLOGY, HOUR_NS)


def test_a_process_that_kills_itself_heals_more_slowly() -> None:
    found = allowance("at 5m disk-eio us-east-1/use1-az1/node for 1m")
    assert found.faults[ONE][0].end_ns == minutes(6) + SLOW_HEALING_NS


def test_rot_counts_as_forgotten_until_the_next_scrub() -> None:
    lines = (
        "at 0s disk-rot us-east-1/use1-az1/node for 1s",
        "at 6d disk-rot us-east-1/use1-az2/node for 1s",
    )
    week = judge(Plan.parse(lines, FAULTS), TOPOLOGY, days(30))
    assert week.keys(ONE) != ""
    later = f"at {(SCRUB_NS + minutes(10)) // seconds(1)}s disk-rot us-east-1/use1-az2/node for 1s"
    assert judge(Plan.parse((lines[0], later), FAULTS), TOPOLOGY, days(30)).keys(ONE) == ""


@pytest.mark.parametrize(("ack", "permitted"), [("quorum", False), ("local", True)])
def test_a_stuck_log_agent_drops_records_where_that_is_permitted(
    ack: str, permitted: bool
) -> None:
    topology = Topology(regions={ONE: AZS}, audit_acks={ONE: ack})
    found = allowance("at 5m audit-drop us-east-1/use1-az1 for 10m", topology=topology)
    assert bool(found.records(ONE)) is permitted


def test_an_az_that_is_replaced_is_missed_until_another_has_taken_its_part() -> None:
    line = "at 5m replace-az us-east-1/use1-az1 for 1s"
    soon = "at 6m pause us-east-1/use1-az2 for 1s"
    late = "at 8m pause us-east-1/use1-az2 for 1s"
    assert beyond(line, soon)
    assert not beyond(line, late)


def test_a_region_that_gave_up_an_az_of_three_can_spare_none() -> None:
    line = "at 5m remove-az us-east-1/use1-az1 for 1s"
    assert not beyond(line)
    assert beyond(line, "at 50m pause us-east-1/use1-az2 for 1s")


def test_a_trail_that_was_told_to_stop_may_deliver_nothing() -> None:
    line = "at 5m stop-logging us-east-1 for 10m"
    found = allowance(line)
    end_ns = minutes(15) + HEALING_NS + LEARNING_NS
    text = f"the trail was told to stop: '{line}'"
    assert found.stopped_trails == {ONE: (Stretch(minutes(5), end_ns, text),)}
    assert found.undelivered(ONE, minutes(6), minutes(6)) == text
    assert found.undelivered("eu-west-1", minutes(6), minutes(7)) == ""
    assert found.undelivered(ONE, end_ns, HOUR_NS) == ""
    # A region that is cut off learns of it when it can be reached again.
    cut = allowance(line, "at 14m partition eu-west-1 for 20m")
    assert cut.undelivered(ONE, minutes(33), minutes(34)) == text


@pytest.mark.parametrize(
    "table",
    [
        "DROPS_RECORDS",
        "EMPTIES_HSMS",
        "KILLS_PROCESSES",
        "REMOVES_AZS",
        "REPLACES_AZS",
        "ROTS_UNSEEN",
        "STAGGERED",
        "STOPS_TRAILS",
    ],
)
def test_every_fault_that_the_budget_names_exists(table: str) -> None:
    assert sorted(getattr(harm, table) - FAULTS.keys()) == []


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_can_be_judged_wherever_it_may_strike(name: str) -> None:
    # Goal: no fault is unknown to the budget; whatever hits one AZ alone is survivable.
    zone, other = "us-east-1/use1-az1", "us-east-1/use1-az2"
    targets = [ONE, zone, f"{zone}/node", f"{zone}/hsm-1", f"{zone}<->{other}", "us-east-1/@leader"]
    for target in targets:
        try:
            FAULTS[name].check(target)
        except ValueError:
            continue
        found = allowance(f"at 5m {name} {target} for 10m")
        if target != ONE:
            assert found.beyond == (), target
