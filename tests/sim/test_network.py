"""The network: latency, jitter, loss, partitions, rules together, oddities, counters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import (
    DROP,
    PASS,
    Actor,
    Codec,
    Deliver,
    Duplicate,
    Expired,
    LinkSpec,
    Message,
    Partition,
    Request,
    SimWorld,
    Stream,
    ms,
    seconds,
    uniform,
    us,
)
from sim.network import Corrupt, Rule, Verdict, meets, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Message):
    number: int


CODEC = Codec({401: Word})
FRAME_BYTES = 5  #: of a Word of less than 128


class Ear(Actor):
    """Answers and keeps when it heard what."""

    inline = frozenset({Word})

    def __init__(self, config: object) -> None:
        super().__init__(config)
        self.heard: list[tuple[int, int]] = []

    def receive(self, request: Request) -> None:
        self.heard.append((self.now_ns, request.body.number))
        request.reply(request.body)


class Mouth(Actor):
    """Sends numbered words to one name, one every microsecond."""

    def start(self) -> None:
        to, count = self.config
        for number in range(count):
            self.after(us(number), self.send, to, Word(number=number))


def heard(world: SimWorld, name: str) -> list[tuple[int, int]]:
    actor = world.kernel.cells[name].actor
    assert isinstance(actor, Ear)
    return actor.heard


def talk(
    spec: LinkSpec, count: int, *rules: Rule, seed: int = 1
) -> tuple[list[tuple[int, int]], dict[str, int]]:
    """Return what b/ear heard of ``count`` words from a/mouth, and the counters of the link."""
    with SimWorld(seed=seed, codec=CODEC, latency=lambda *_: spec) as world:
        world.start(Ear, None, name="b/ear")
        for rule in rules:
            world.add_rule(rule)
        world.start(Mouth, ("b/ear", count), name="a/mouth")
        world.run_for(seconds(1))
        return heard(world, "b/ear"), world.statistics()["links"]["a>b"]


def test_a_message_takes_the_latency_of_its_link_and_less_within_a_zone() -> None:
    with SimWorld(codec=CODEC, latency=uniform(us(300))) as world:
        world.start(Ear, None, name="a/ear")
        world.start(Ear, None, name="b/ear")
        world.start(Mouth, ("a/ear", 1), name="a/mouth")
        world.start(Mouth, ("b/ear", 1), name="a/other")
        world.run_for(ms(1))
        assert heard(world, "a/ear") == [(us(20), 0)]
        assert heard(world, "b/ear") == [(us(300), 0)]


def test_jitter_spreads_over_its_range_and_no_further() -> None:
    arrivals, _ = talk(LinkSpec(base_ns=us(100), jitter_ns=us(50)), 1)
    assert us(100) <= arrivals[0][0] < us(150)
    firsts = {
        talk(LinkSpec(base_ns=us(100), jitter_ns=us(50)), 1, seed=s)[0][0][0] for s in range(40)
    }
    assert len(firsts) == 40
    assert max(firsts) - min(firsts) > us(40)


def test_a_spike_takes_its_factor_longer() -> None:
    spiky = LinkSpec(base_ns=us(100), jitter_ns=1, spike=1.0, spike_factor=1.12)
    assert talk(spiky, 1)[0] == [(us(112), 0)]


def test_loss_takes_its_share_and_is_counted() -> None:
    arrivals, link = talk(LinkSpec(base_ns=us(100), loss=0.25), 2_000)
    assert len(arrivals) + link["lost"] == 2_000
    assert 420 < link["lost"] < 580
    assert link["messages"] == 2_000


def test_bandwidth_makes_messages_queue_up() -> None:
    # 5,000 bytes/s carry one 5-byte frame in a millisecond; three are sent within 2 us.
    slow = LinkSpec(base_ns=us(100), bytes_per_second=1_000 * FRAME_BYTES)
    arrivals, _ = talk(slow, 3)
    assert arrivals == [(us(100) + ms(n + 1), n) for n in range(3)]


def test_a_link_counts_messages_bytes_and_losses_each_way() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Ear, None, name="b/ear")
        world.ask("b/ear", Word(number=1))
        rule = Partition(one="b", other="", both_ways=True)
        world.add_rule(rule)
        world.call("b/ear", Word(number=2), lambda _: None)
        world.run_for(ms(1))
        assert world.statistics()["links"] == {
            ">b": {"messages": 2, "bytes": 2 * FRAME_BYTES, "lost": 1},
            "b>": {"messages": 1, "bytes": FRAME_BYTES, "lost": 0},
        }


# Partitions.

NAMES = ("r1/az1/node", "r1/az1/hsm", "r1/az10/node", "r1/front", "r2/az1/node", "operator")


def cut(rule: Partition) -> set[tuple[str, str]]:
    """Return the pairs of NAMES that a partition cuts in a true world."""
    with SimWorld(codec=CODEC) as world:
        for name in NAMES:
            world.start(Ear, None, name=name)
        world.add_rule(rule)
        found = set()
        for source in NAMES:
            for target in NAMES:
                kernel = world.kernel
                before = world.statistics()["trace_events"]
                kernel.post(kernel.cells[source], target, Word(number=1), None)
                if world.statistics()["trace_events"] > before:
                    found.add((source, target))
        return found


def pairs(ones: set[str], others: set[str]) -> set[tuple[str, str]]:
    return {(one, other) for one in ones for other in others}


AZ1 = {"r1/az1/node", "r1/az1/hsm"}
REST = set(NAMES) - AZ1
R1 = {name for name in NAMES if name.startswith("r1/")}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Partition(one="r1/az1", other=""), pairs(AZ1, REST) | pairs(REST, AZ1)),
        (Partition(one="r1/az1", other="", both_ways=False), pairs(AZ1, REST)),
        (Partition(one="r1", other="r2"), pairs(R1, {"r2/az1/node"}) | pairs({"r2/az1/node"}, R1)),
        (Partition(one="r2", other="r1/az1", both_ways=False), pairs({"r2/az1/node"}, AZ1)),
        (
            Partition(one="r1/az1/hsm", other="r1/az1/node"),
            pairs({"r1/az1/hsm"}, {"r1/az1/node"}) | pairs({"r1/az1/node"}, {"r1/az1/hsm"}),
        ),
        (
            Partition(one="r1/az1/hsm", other="", both_ways=False),
            pairs({"r1/az1/hsm"}, set(NAMES) - {"r1/az1/hsm"}),
        ),
        (Partition(one="operator", other="r1/front", both_ways=False), {("operator", "r1/front")}),
        (Partition(one="r1/az", other=""), set()),
        # A place within the other: the larger one is what lies around the smaller.
        (
            Partition(one="r1/az1", other="r1"),
            pairs(AZ1, R1 - AZ1) | pairs(R1 - AZ1, AZ1),
        ),
        (Partition(one="r1", other="r1/az1", both_ways=False), pairs(R1 - AZ1, AZ1)),
        (Partition(one="r1/az1", other="r1", both_ways=False), pairs(AZ1, R1 - AZ1)),
        (Partition(one="r1", other="r1"), set()),
    ],
)
def test_a_partition_cuts_exactly_what_lies_on_its_two_sides(
    rule: Partition, expected: set[tuple[str, str]]
) -> None:
    # Goal: places are parts of the tree, or single actors, never mere beginnings of names.
    assert cut(rule) == expected


PLACES = st.sampled_from(["r1", "r1/az1", "r1/az1/hsm", "r2", "operator", "r1/az10/node"])


@given(PLACES, PLACES | st.just(""), st.booleans(), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_partition_concerns_every_link_that_it_may_cut(
    one: str, other: str, both_ways: bool, source: str, target: str
) -> None:
    rule = Partition(one=one, other=other, both_ways=both_ways)
    zones = source.rpartition("/")[0], target.rpartition("/")[0]
    if rule.verdict(source, target, 0, 0, Stream(1)) == DROP:
        assert rule.concerns(*zones)


def test_a_place_is_a_whole_part_of_a_name() -> None:
    assert within("r1/az1", "r1/az1")
    assert within("r1/az1", "r1/az1/hsm")
    assert not within("r1/az1", "r1/az10/hsm")
    assert meets("r1/front", "r1")
    assert not meets("r1/az1", "r2")


def test_a_healed_partition_lets_everything_through_again() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Ear, None, name="b/ear")
        rule = Partition(one="b", other="")
        world.add_rule(rule)
        with pytest.raises(Expired):
            world.ask("b/ear", Word(number=1), timeout_ns=ms(1))
        world.remove_rule(rule)
        assert world.ask("b/ear", Word(number=1)) == Word(number=1)
        with pytest.raises(ValueError, match=r"not in list$"):
            world.remove_rule(rule)


def test_messages_on_their_way_when_a_cut_begins_still_arrive() -> None:
    with SimWorld(codec=CODEC, latency=uniform(us(100))) as world:
        world.start(Ear, None, name="b/ear")
        world.start(Mouth, ("b/ear", 1), name="a/mouth")
        world.run_for(us(50))
        world.add_rule(Partition(one="a", other="b"))
        world.run_for(ms(1))
        assert heard(world, "b/ear") == [(us(100), 0)]


# Rules.


class Verdicts:
    """Gives one verdict after the other, and notes that it was asked."""

    def __init__(self, give: Callable[[int], Verdict], *, draws: bool = False) -> None:
        self.give = give
        self.draws = draws
        self.asked = 0

    def __repr__(self) -> str:
        return "Verdicts()"

    def concerns(self, source: str, target: str) -> bool:
        return (source, target) == ("a", "b")

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:
        assert now_ns < seconds(1)
        assert (source, target, size) == ("a/mouth", "b/ear", FRAME_BYTES)
        self.asked += 1
        if self.draws:
            rng.random()
        return self.give(self.asked - 1)


CALM = LinkSpec(base_ns=us(100))


def test_every_rule_is_asked_about_every_message_and_one_drop_loses_it() -> None:
    passing = Verdicts(lambda _: PASS)
    deciding = Verdicts(lambda n: [DROP, Deliver(ms(1)), Deliver(), PASS][n])
    last = Verdicts(lambda n: [PASS, PASS, PASS, DROP][n])
    arrivals, link = talk(CALM, 4, passing, deciding, last)
    # The third word waits behind the second: two names keep their order.
    assert arrivals == [(ms(1) + us(101), 1), (ms(1) + us(101), 2)]
    assert (passing.asked, deciding.asked, last.asked) == (4, 4, 4)
    assert link["lost"] == 2


def test_delays_of_several_rules_add_up() -> None:
    rules = [Verdicts(lambda _: Deliver(ms(1))), Verdicts(lambda _: Deliver(ms(2)))]
    assert talk(CALM, 1, *rules)[0] == [(us(100) + ms(3), 0)]


def test_a_drop_wins_over_all_that_other_rules_want() -> None:
    wants = (Deliver(ms(1)), Duplicate(ms(1)), Corrupt(), DROP)
    rules = [Verdicts(lambda _, want=want: want) for want in wants]
    for order in permutations(rules):
        arrivals, link = talk(CALM, 1, *order)
        assert (arrivals, link["lost"]) == ([], 1)


VERDICTS = st.sampled_from(
    [PASS, Deliver(ms(1)), Deliver(ms(2), ordered=False), Duplicate(ms(3)), Duplicate(), Corrupt()]
)


@given(st.lists(VERDICTS, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rules_decides_nothing(wants: list[Verdict], dice: Random) -> None:
    def told(wants: list[Verdict]) -> object:
        return talk(CALM, 2, *(Verdicts(lambda _, want=want: want) for want in wants))

    shuffled = dice.sample(wants, len(wants))
    assert told(shuffled) == told(wants)


def test_a_message_out_of_the_order_may_be_overtaken_and_may_overtake() -> None:
    slow = Verdicts(lambda n: Deliver(ms(2), ordered=False) if n == 0 else Deliver())
    assert [number for _, number in talk(CALM, 3, slow)[0]] == [1, 2, 0]
    # Those who keep the order wait behind the first; the one that need not arrives before it.
    quick = Verdicts(lambda n: [Deliver(ms(2)), PASS, Deliver(ordered=False)][n])
    assert [number for _, number in talk(CALM, 3, quick)[0]] == [2, 0, 1]


def test_a_corrupted_frame_is_thrown_away_by_the_transport_that_receives_it() -> None:
    with SimWorld(codec=CODEC, keep="all", latency=uniform(us(100))) as world:
        world.start(Ear, None, name="b/ear")
        world.add_rule(Verdicts(lambda n: Corrupt() if n == 0 else PASS))
        world.start(Mouth, ("b/ear", 2), name="a/mouth")
        world.run_for(ms(1))
        assert heard(world, "b/ear") == [(us(101), 1)]
        thrown = [(e.time_ns, e.subject) for e in world.trace.events() if e.kind == "corrupt"]
        assert thrown == [(us(100), "a/mouth>b/ear")]
        assert world.statistics()["links"]["a>b"]["lost"] == 1


def test_nobody_throws_a_corrupted_frame_away_where_the_power_is_off() -> None:
    with SimWorld(codec=CODEC, keep="all", latency=uniform(us(100))) as world:
        world.start(Ear, None, name="b/ear")
        world.add_rule(Verdicts(lambda _: Corrupt()))
        world.crash("b/ear")
        world.start(Mouth, ("b/ear", 1), name="a/mouth")
        world.run_for(ms(1))
        assert [e for e in world.trace.events() if e.kind == "corrupt"] == []


def test_neither_copy_of_a_corrupted_message_is_any_good() -> None:
    rules = [Verdicts(lambda _: Duplicate(ms(1))), Verdicts(lambda _: Corrupt())]
    assert talk(CALM, 1, *rules)[0] == []


def test_a_rule_is_told_the_time() -> None:
    class Late(Verdicts):
        def verdict(self, *told: Any) -> Verdict:
            return DROP if told[3] >= us(2) else PASS

    assert talk(CALM, 4, Late(lambda _: PASS))[0] == [(us(100), 0), (us(101), 1)]


@dataclass(frozen=True)
class Dicey:
    """Loses every other message by dice; its name is all that tells it from others."""

    name: str
    drawn: list[float] = field(repr=False)

    def concerns(self, *_: object) -> bool:
        return True

    def verdict(self, *told: Any) -> Verdict:
        self.drawn.append(told[4].random())
        return DROP if self.drawn[-1] < 0.5 else PASS


def test_each_rule_has_dice_of_its_own_so_that_one_rule_less_moves_no_other() -> None:
    def drawn(*names: str) -> dict[str, list[float]]:
        rules = {name: Dicey(name, []) for name in names}
        talk(CALM, 20, *rules.values())
        return {name: rule.drawn for name, rule in rules.items()}

    both = drawn("one", "two")
    assert both["one"] != both["two"]
    assert drawn("two") == {"two": both["two"]}
    assert drawn("two", "one") == both


def test_a_rule_that_comes_again_goes_on_with_its_dice() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Ear, None, name="b/ear")
        rule = Dicey("again", [])
        for _ in range(2):
            world.add_rule(rule)
            world.call("b/ear", Word(number=1), lambda _: None)
            world.run_for(ms(1))
            world.remove_rule(rule)
        assert len(set(rule.drawn)) == len(rule.drawn) >= 2


def test_a_rule_that_draws_moves_no_jitter() -> None:
    jittery = LinkSpec(base_ns=us(100), jitter_ns=us(50))
    calm = talk(jittery, 50)
    assert talk(jittery, 50, Verdicts(lambda _: PASS, draws=True)) == calm


def test_a_rule_whose_repr_is_an_address_is_refused() -> None:
    class Nameless(Verdicts):
        __repr__ = object.__repr__

    with (
        SimWorld() as world,
        pytest.raises(ValueError, match=r"^the rule Nameless needs a __repr__ of its own$"),
    ):
        world.add_rule(Nameless(lambda _: PASS))


# Duplicates.


def test_a_duplicated_message_is_one_call_and_one_handling() -> None:
    rule = Verdicts(lambda n: Duplicate(ms(3)) if n == 0 else PASS)
    with SimWorld(codec=CODEC, keep="all", latency=uniform(us(100))) as world:
        world.start(Ear, None, name="b/ear")
        world.add_rule(rule)
        world.start(Mouth, ("b/ear", 2), name="a/mouth")
        world.run_for(ms(10))
        assert heard(world, "b/ear") == [(us(100), 0), (us(101), 1)]
        assert world.statistics()["actors"]["b/ear"]["repeated"] == 1
        repeats = [e for e in world.trace.events() if e.kind == "repeat"]
        assert [(e.time_ns, e.subject) for e in repeats] == [(us(100) + ms(3), "a/mouth>b/ear")]


@dataclass(frozen=True, slots=True)
class Doubling:
    """Doubles every message of a place."""

    after_ns: int

    def concerns(self, *_: object) -> bool:
        return True

    def verdict(self, *_: object) -> Verdict:
        return Duplicate(self.after_ns)


@pytest.mark.parametrize("after_ns", [0, us(1), ms(1)])
def test_an_ask_that_is_doubled_both_ways_is_answered_once(after_ns: int) -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Ear, None, name="b/ear")
        world.add_rule(Doubling(after_ns))
        answers: list[object] = []
        world.call("b/ear", Word(number=1), answers.append)
        world.run_for(ms(10))
        assert answers == [Word(number=1)]
        assert len(heard(world, "b/ear")) == 1
        counts = world.statistics()["actors"]["b/ear"]
        assert (counts["repeated"], counts["late_replies"]) == (1, 0)


def test_a_repeat_is_known_by_a_later_incarnation_and_arrives_if_the_first_did_not() -> None:
    with SimWorld(codec=CODEC, latency=uniform(us(100))) as world:
        world.start(Ear, None, name="b/ear")
        world.add_rule(Doubling(ms(1)))
        world.start(Mouth, ("b/ear", 1), name="a/mouth")
        world.run_for(us(500))
        world.crash("b/ear")
        world.restart("b/ear")
        world.run_for(ms(2))
        assert heard(world, "b/ear") == []
        world.crash("b/ear")
        world.start(Mouth, ("b/ear", 1), name="a/other")
        world.run_for(us(500))
        world.restart("b/ear")
        world.run_for(ms(2))
        assert [number for _, number in heard(world, "b/ear")] == [0]


def test_a_tap_sees_every_frame_with_both_names_as_it_is_sent() -> None:
    with SimWorld(codec=CODEC) as world:
        seen: list[tuple[str, str, object]] = []
        world.tap_frames(lambda *frame: seen.append((*frame[:2], CODEC.decode(frame[2]))))
        world.start(Ear, None, name="b/ear")
        world.ask("b/ear", Word(number=7))
        assert seen == [("host", "b/ear", Word(number=7)), ("b/ear", "host", Word(number=7))]
