"""Faults of links: what each does to messages that cross, to no others, and not after its end."""

from collections.abc import Callable

import pytest
from toy_world import CODEC, LINK_NS, PING_BYTES, Ping, make, planned, talk

from sim import SimWorld, minutes, ms, seconds
from sim.faults import FAULTS, Fault
from sim.network import Partition

COUNT = 1_000
EVERYTHING = list(range(COUNT))


def injected(world: SimWorld, line: str, **options: str) -> Fault:
    name, target = line.split()
    fault = FAULTS[name](target, **options)
    fault.inject(world)
    return fault


def calm(told: list[tuple[int, int]]) -> bool:
    """Say whether every message arrived as if nothing were wrong."""
    return told == [(LINK_NS, number) for number in range(len(told))] and len(told) == COUNT


def speak(world: SimWorld) -> list[tuple[int, int]]:
    return talk(world, "r1/az1/a", "r1/az2/a", COUNT, ms(1))


LINK_FAULTS = {
    "clog": {"bandwidth": "100"},
    "corrupt": {"share": "100%"},
    "delay": {"share": "100%"},
    "duplicate": {"share": "100%"},
    "flapping": {},
    "gray-link": {"share": "100%"},
    "packet-loss": {"share": "100%"},
    "partition": {},
    "reorder": {"share": "100%"},
}


def touches(world: SimWorld, line: str, source: str, target: str) -> bool:
    """Say whether a fault changes anything about messages between two actors."""
    name, _ = line.split()
    fault = injected(world, line, **LINK_FAULTS[name])
    before = world.statistics()["actors"][target]["repeated"]
    told = talk(world, source, target, 5, ms(1))
    repeated = world.statistics()["actors"][target]["repeated"] - before
    fault.heal(world)
    world.run_for(minutes(2))
    return told != [(LINK_NS, number) for number in range(5)] or repeated > 0


@pytest.mark.parametrize("name", LINK_FAULTS)
def test_every_link_fault_reaches_what_its_target_says_and_nothing_else(name: str) -> None:
    # Goal: A, A<->B and A->B mean the same for all of them, at any level of the tree.
    a, b, c, far = "r1/az1/a", "r1/az2/a", "r1/az3/a", "r2/az1/a"
    with make() as world:
        for target, hit, spared in [
            ("r1/az1", [(a, b), (b, a), (a, far)], [(b, c)]),
            ("r1/az1<->r1/az2", [(a, b), (b, a)], [(a, c), (c, b), (a, far)]),
            ("r1/az1->r1/az2", [(a, b)], [(b, a), (a, c)]),
            ("r1<->r2", [(a, far), (far, a)], [(a, b)]),
            ("r1<->r1/az1", [(a, b), (c, a)], [(a, far), (b, c)]),
            (f"{a}->{far}", [(a, far)], [(far, a), ("r1/az1/b", far)]),
            ("r1/@leader", [(a, b)], [(a, c)]),
        ]:
            for way in hit:
                assert touches(world, f"{name} {target}", *way), (target, way)
            for way in spared:
                assert not touches(world, f"{name} {target}", *way), (target, way)


@pytest.mark.parametrize("name", LINK_FAULTS)
def test_no_link_fault_leaves_anything_behind(name: str) -> None:
    with make() as world:
        fault = injected(world, f"{name} r1/az1", **LINK_FAULTS[name])
        speak(world)
        fault.heal(world)
        world.run_for(minutes(2))
        assert calm(speak(world))
        assert world.network.rules == ()
        fault.heal(world)  # To heal what is healed is harmless.


@pytest.mark.parametrize("name", LINK_FAULTS)
def test_a_target_that_is_no_way_between_places_is_refused(name: str) -> None:
    wanted = f"^fault {name} wants A, A<->B or A->B as its target, not 'r1->'$"
    with pytest.raises(ValueError, match=wanted):
        FAULTS[name].check("r1->")
    same = f"^fault {name} wants two different places, not 'r1<->r1'$"
    with pytest.raises(ValueError, match=same):
        FAULTS[name].check("r1<->r1")


def test_a_place_where_nothing_is_is_named() -> None:
    text = "^nothing is at 'r3'; there are: r1, r1/az1, r1/az2, r1/az3, r2, r2/az1, r2/az2$"
    with make() as world, pytest.raises(ValueError, match=text):
        FAULTS["partition"]("r1<->r3").inject(world)


def test_loss_takes_its_share_and_counts_it() -> None:
    with make() as world:
        injected(world, "packet-loss r1/az1", share="30%")
        numbers = [number for _, number in speak(world)]
        assert 640 < len(numbers) < 760
        assert numbers == sorted(numbers)
        lost = world.statistics()["links"]["r1/az1>r1/az2"]["lost"]
        assert lost == COUNT - len(numbers)


def test_two_losses_of_one_place_roll_different_dice() -> None:
    with make() as world:
        injected(world, "packet-loss r1/az1", share="50%")
        injected(world, "packet-loss r1/az1", share="50%")
        assert 190 < len(speak(world)) < 310


def test_a_doubled_message_is_handled_once_and_its_repeat_is_counted() -> None:
    with make() as world:
        injected(world, "duplicate r1/az1", share="30%", after="2ms")
        assert calm(speak(world))
        world.run_for(ms(5))
        assert 240 < world.statistics()["actors"]["r1/az2/a"]["repeated"] < 360


def test_reordered_messages_all_arrive_but_not_in_order() -> None:
    with make() as world:
        injected(world, "reorder r1/az1", share="30%", spread="5ms")
        told = speak(world)
        numbers = [number for _, number in told]
        assert numbers != sorted(numbers)
        # The last few are still under way.
        assert sorted(numbers)[: COUNT - 10] == EVERYTHING[: COUNT - 10]
        assert {LINK_NS <= taken <= LINK_NS + ms(5) for taken, _ in told} == {True}


def test_a_delay_spike_holds_up_what_comes_behind_it() -> None:
    with make() as world:
        injected(world, "delay r1/az1", share="1%", by="10ms")
        told = speak(world)
        numbers = [number for _, number in told]
        assert numbers == sorted(numbers)
        spikes = [number for taken, number in told if taken == LINK_NS + ms(10)]
        assert 2 <= len(spikes) <= 25
        # Those sent in the 10 ms after a spike arrive together with it.
        taken = {number: ns for ns, number in told}
        assert taken[spikes[0] + 3] >= LINK_NS + ms(7)


def test_a_clogged_way_carries_its_bandwidth_and_loses_what_would_wait_too_long() -> None:
    with make() as world:
        injected(world, "clog r1/az1->r1/az2", bandwidth=str(500 * PING_BYTES), queue="100ms")
        told = talk(world, "r1/az1/a", "r1/az2/a", 100, ms(1))
        # A message takes 2 ms to send, and one is sent every ms.
        assert told[:3] == [(LINK_NS + ms(2), 0), (LINK_NS + ms(3), 1), (LINK_NS + ms(4), 2)]
        talk(world, "r1/az1/a", "r1/az2/a", 100, ms(1))
        told = talk(world, "r1/az1/a", "r1/az2/a", 100, ms(1))
        world.run_for(seconds(1))
        assert 40 < world.statistics()["links"]["r1/az1>r1/az2"]["lost"] < 110


def test_a_clogged_place_shares_one_wire_out_and_one_wire_in() -> None:
    with make() as world:
        injected(world, "clog r1/az1", bandwidth=str(1_000 * PING_BYTES))
        kernel = world.kernel
        ways = [("r1/az1/a", "r1/az2/a"), ("r1/az1/b", "r1/az3/a"), ("r1/az2/a", "r1/az1/a")]
        for source, target in ways:
            kernel.post(kernel.cells[source], target, Ping(number=1), None)
        world.run_for(seconds(1))
        arrivals = [kernel.cells[target].actor.heard for _, target in ways]  # type: ignore[union-attr]
        assert arrivals == [[(LINK_NS + ms(n), 1)] for n in (1, 2, 1)]


def test_nothing_waits_in_a_clogged_wire_beyond_the_end_of_the_fault() -> None:
    with make() as world:
        planned(world, "at 0s clog r1/az1 for 2s with bandwidth=1", span_ns=seconds(10))
        world.run_for(ms(1))
        told = talk(world, "r1/az1/a", "r1/az2/a", 2, seconds(1))
        assert told == [(ms(1_999) + LINK_NS, 0), (ms(999) + LINK_NS, 1)]
        world.run_for(seconds(1))
        assert calm(speak(world))


def test_corrupted_frames_are_thrown_away_where_they_arrive() -> None:
    with make() as world:
        injected(world, "corrupt r1/az1", share="10%")
        numbers = [number for _, number in speak(world)]
        thrown = [e for e in world.trace.events() if e.kind == "corrupt"]
        assert 70 < len([e for e in thrown if e.subject == "r1/az1/a>r1/az2/a"]) < 130
        assert len(numbers) + len([e for e in thrown if e.subject == "r1/az1/a>r1/az2/a"]) == COUNT


def test_a_gray_link_with_a_wrong_mtu_takes_small_messages_only() -> None:
    with make() as world:
        injected(world, "gray-link r1/az1", above="1400", share="100%")
        assert talk(world, "r1/az1/a", "r1/az2/a", 1, ms(1), size=1_300) == [(LINK_NS, 0)]
        assert talk(world, "r1/az1/a", "r1/az2/a", 1, ms(1), size=1_400) == []


def test_a_gray_link_may_be_slow_instead_of_lossy() -> None:
    with make() as world:
        injected(world, "gray-link r1/az1", kind="slow", share="100%", by="3ms")
        assert talk(world, "r1/az1/a", "r1/az2/a", 1, ms(9)) == [(LINK_NS + ms(3), 0)]


def test_a_gray_link_with_bursts_is_bad_for_a_share_of_the_time() -> None:
    with make() as world:
        injected(world, "gray-link r1/az1", share="20%", burst="10ms")
        heard = {number for _, number in speak(world)}
        stretches = [heard & set(range(start, start + 10)) for start in range(0, COUNT, 10)]
        # Each stretch of ten is wholly good or wholly bad.
        assert {len(stretch) for stretch in stretches} == {0, 10}
        assert 10 <= sum(not stretch for stretch in stretches) <= 32


def test_a_flapping_partition_opens_and_closes() -> None:
    with make() as world:
        planned(world, "at 0s flapping r1/az1 for 25ms with down=3ms up=7ms", span_ns=seconds(1))
        world.run_for(1)
        told = talk(world, "r1/az1/a", "r1/az2/a", 40, ms(1))
        lost = set(range(40)) - {number for _, number in told}
        # Each cut begins with the message that is sent in the same millisecond.
        assert lost == {0, 1, 2, 10, 11, 12, 20, 21, 22}


def test_a_flapping_fault_that_ends_while_it_is_open_stays_open() -> None:
    with make() as world:
        fault = injected(world, "flapping r1/az1", down="1ms", up="5ms")
        world.run_for(ms(3))
        assert world.network.rules == ()
        fault.heal(world)
        world.run_for(seconds(1))
        assert world.network.rules == ()


CUTS: dict[str, Callable[[], Partition]] = {
    "r1/az1": lambda: Partition(one="r1/az1"),
    "r1/az1<->r1/az2": lambda: Partition(one="r1/az1", other="r1/az2"),
    "r1/az1->r1/az2": lambda: Partition(one="r1/az1", other="r1/az2", both_ways=False),
    "r1/@leader->r2": lambda: Partition(one="r1/az2/a", other="r2", both_ways=False),
}


@pytest.mark.parametrize("target", CUTS)
def test_full_partial_and_one_way_partitions_are_rules_of_the_network(target: str) -> None:
    with make() as world:
        fault = injected(world, f"partition {target}")
        assert world.network.rules == (CUTS[target](),)
        fault.heal(world)
        assert world.network.rules == ()


def test_a_partial_partition_leaves_a_third_place_that_reaches_both() -> None:
    with make() as world:
        injected(world, "partition r1/az1<->r1/az2")
        ways = [("r1/az1/a", "r1/az2/a"), ("r1/az2/a", "r1/az1/a"), ("r1/az1/a", "r1/az3/a"),
                ("r1/az3/a", "r1/az2/a")]  # fmt: skip
        assert [len(talk(world, *way, 1, ms(1))) for way in ways] == [0, 0, 1, 1]


def test_overlapping_faults_of_one_link_all_have_their_effect() -> None:
    with make() as world:
        planned(
            world,
            "at 0s delay r1/az1 for 2s with share=100% by=1ms",
            "at 0s delay r1 for 4s with share=100% by=2ms",
            "at 0s duplicate r1/az1 with share=100%",
            "at 0s partition r1/az1->r1/az3",
            span_ns=seconds(60),
        )
        world.run_for(ms(1))
        assert talk(world, "r1/az1/a", "r2/az1/a", 1, seconds(2)) == [(LINK_NS + ms(3), 0)]
        assert talk(world, "r1/az1/a", "r2/az1/a", 1, seconds(3)) == [(LINK_NS + ms(2), 0)]
        assert talk(world, "r1/az1/a", "r2/az1/a", 1, ms(1)) == [(LINK_NS, 0)]
        assert talk(world, "r1/az1/a", "r1/az3/a", 1, ms(1)) == []
        assert world.statistics()["actors"]["r2/az1/a"]["repeated"] == 3


@pytest.mark.parametrize(
    ("name", "option", "text", "what"),
    [
        ("clog", "bandwidth", "0", "'0' is too little; expected at least 1"),
        ("clog", "queue", "-1s", "'-1s' is too little; expected at least 0s"),
        ("flapping", "up", "0s", "'0s' is too little; expected at least 1ms"),
        ("gray-link", "kind", "rude", "'rude' is not one of lossy, slow"),
        ("packet-loss", "share", "120%", "'120%' is no share; expected 0% to 100%"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    name: str, option: str, text: str, what: str
) -> None:
    with pytest.raises(ValueError, match=f"^option {option} of {name}: {what}$"):
        FAULTS[name]("r1", **{option: text})


def test_a_ping_is_as_large_as_the_bandwidths_of_these_tests_assume() -> None:
    assert len(CODEC.encode(Ping(number=1))) == PING_BYTES
