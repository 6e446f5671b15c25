"""Metastable overload and the herd at recovery: they occur, they are seen, and what ends them.

Goal: a short trigger leaves a region overloaded long after it is healed when callers retry
without restraint; admission control, a retry quota or an adaptive client bring it back. Method:
one small region that serves 12 calls a second, callers who want 8, their patience one second;
goodput, the calls answered well per second, before the trigger, while it lasts, and a minute
after it. The same for a herd: callers who do again what failed during an outage.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from regions.faults import FAULTS
from regions.frames import FRAMES
from regions.latency import latency
from regions.topology import Topology, build, default_azs
from scenarios import crew
from scenarios.arena import Arena
from scenarios.goodput import goodput, load
from scenarios.options import OptionError
from scenarios.scenario import Workload
from scenarios.workloads.herd import HerdClient
from scenarios.workloads.steady import SteadyClient, SteadySettings
from sim.check.history import Call
from sim.plan import Plan
from sim.units import ms, seconds
from sim.wire import Codec
from sim.world import SimWorld

REGION = "us-east-1"
BEGIN_NS = seconds(60)
#: Four calls a second in each of three AZs, and three seconds' worth of queue.
SMALL = {"capacity_per_az": 4.0, "queue_per_az": 12}
#: Eight clients that want two thirds of what three AZs can do: all that two can.
BUSY = {"calls_per_second": 1.0, "attempt_timeout": "1s"}
AZ_OUTAGE = ("at 30s power-off us-east-1/use1-az1 for 50s",)
#: Eight clients that want half of what the region can do.
HALF = {"calls_per_second": 0.8, "attempt_timeout": "1s", "backlog": 40}
REGION_OUTAGE = ("at 30s crash us-east-1/front for 50s",)


@dataclass(frozen=True)
class Seen:
    """What callers saw of one run."""

    calls: list[Call]

    def goodput(self, begin_s: int, end_s: int) -> float:
        span = BEGIN_NS + seconds(begin_s), BEGIN_NS + seconds(end_s)
        return round(goodput(self.calls, REGION, *span), 1)

    def load(self, begin_s: int, end_s: int) -> float:
        span = BEGIN_NS + seconds(begin_s), BEGIN_NS + seconds(end_s)
        return round(load(self.calls, REGION, *span), 1)

    def outcomes(self) -> Counter[str]:
        return Counter(call.outcome for call in self.calls)


def play(
    work: Workload, plan: tuple[str, ...] = (), *, length_s: int = 160, **options: Any
) -> Seen:
    topology = Topology(regions={REGION: default_azs(REGION)}, **options)
    with SimWorld(seed=1, codec=Codec(FRAMES), latency=latency, keep="none") as world:
        arena = Arena(world, build(world, topology))
        arena.boot()
        world.run_for(BEGIN_NS - world.now_ns)
        plan_ = Plan.parse(plan, faults=FAULTS)
        plan_.schedule(world, BEGIN_NS, seconds(length_s), faults=FAULTS)
        crew.start(arena, (work,), BEGIN_NS + seconds(length_s))
        world.run_for(seconds(length_s))
        return Seen(list(arena.history))


@cache
def az_outage(retry: str, admission: str = "none") -> Seen:
    work = Workload(kind="steady", clients=8, options={**BUSY, "retry": retry})
    return play(work, AZ_OUTAGE, **SMALL, admission=admission, admission_limit=3)


#: Seconds of a run: before the AZ goes dark, the end of its outage, and from 40 s after it.
BEFORE, DURING, AFTER = (10, 30), (60, 80), (120, 160)


def figure(seen: Seen) -> tuple[float, float, float]:
    return seen.goodput(*BEFORE), seen.goodput(*DURING), seen.goodput(*AFTER)


def wanted(stretch: tuple[int, int]) -> Any:
    """Return what the callers ask for, whatever becomes of it."""
    return pytest.approx(az_outage("none").load(*stretch), abs=0.4)


def test_retries_without_restraint_keep_a_region_down_after_its_trigger_is_healed() -> None:
    # The overload is metastable: the AZ is back, the callers ask for no more than before, and
    # what keeps the region busy is calls whose callers have gone.
    seen = az_outage("legacy")
    assert figure(seen) == (wanted(BEFORE), 0.0, 0.0)
    assert seen.load(*BEFORE) == wanted(BEFORE)
    assert seen.load(*AFTER) > 4 * seen.load(*BEFORE)  # Of five attempts, four are retries.


@pytest.mark.parametrize("admission", ["queue-limit", "adaptive"])
def test_admission_control_keeps_it_working_and_brings_it_back(admission: str) -> None:
    # While an AZ is dark the others do all that they can: 8 calls a second.
    assert figure(az_outage("legacy", admission)) == (wanted(BEFORE), 8.0, wanted(AFTER))


@pytest.mark.parametrize("retry", ["standard", "adaptive", "none"])
def test_callers_who_hold_back_let_it_recover_by_itself(retry: str) -> None:
    # It goes down all the same: each call waits longer than its caller.
    assert figure(az_outage(retry)) == (wanted(BEFORE), 0.0, wanted(AFTER))


def test_adaptive_callers_send_less_at_once_and_for_longer() -> None:
    # They send later what they held back, so the queue stays full.
    standard, adaptive = az_outage("standard"), az_outage("adaptive")
    assert adaptive.load(30, 60) < 0.6 * standard.load(30, 60)
    assert adaptive.load(80, 110) > 1.4 * standard.load(80, 110)
    assert (adaptive.goodput(90, 110), standard.goodput(90, 110)) == (0.0, wanted((90, 110)))


def test_the_standard_retry_quota_is_what_ends_the_storm() -> None:
    # Each client has 500 tokens: 35 retries after timeouts, 100 after a full queue. When they
    # are spent a call is one attempt.
    standard, legacy = az_outage("standard"), az_outage("legacy")
    assert standard.load(30, 60) > 2.4 * standard.load(*BEFORE)
    assert standard.load(90, 120) == wanted((90, 120))
    assert legacy.load(90, 120) > 4 * legacy.load(*BEFORE)


@cache
def region_outage(*, jitter: bool, admission: str = "none", plan: tuple[str, ...] = ()) -> Seen:
    options = {**HALF, "jitter": jitter, "catch_up": "2m"}
    work = Workload(kind="herd", clients=8, options=options)
    return play(work, plan, length_s=180, **SMALL, admission=admission)


#: The minute after the region's return, and the rest.
RETURN, LAST = (80, 140), (140, 180)


def test_without_an_outage_the_herd_grazes_in_peace() -> None:
    calm = region_outage(jitter=False)
    assert calm.outcomes().keys() <= {"ok", ""}
    for stretch in ((10, 30), RETURN, LAST):
        assert calm.goodput(*stretch) == pytest.approx(6.4, abs=0.8)


def test_a_herd_that_comes_back_at_once_brings_the_region_down_again() -> None:
    # All catch up at the first sign of life, fail together, and try again together.
    calm, seen = region_outage(jitter=False), region_outage(jitter=False, plan=REGION_OUTAGE)
    assert (seen.goodput(10, 30), seen.goodput(40, 80)) == (calm.goodput(10, 30), 0.0)
    assert seen.goodput(*RETURN) < 0.4 * calm.goodput(*RETURN)
    assert seen.goodput(*LAST) < 0.4 * calm.goodput(*LAST)
    assert seen.load(*LAST) > 4 * calm.load(*LAST)


def test_with_jitter_the_herd_is_served_and_what_it_missed_as_well() -> None:
    calm, seen = region_outage(jitter=False), region_outage(jitter=True, plan=REGION_OUTAGE)
    assert seen.goodput(*RETURN) > 1.2 * calm.goodput(*RETURN)
    assert seen.goodput(*LAST) > 1.2 * calm.goodput(*LAST)
    assert seen.goodput(*LAST) == pytest.approx(seen.load(*LAST), abs=0.4)


def test_admission_control_turns_a_herd_into_a_queue() -> None:
    calm = region_outage(jitter=False)
    seen = region_outage(jitter=False, admission="adaptive", plan=REGION_OUTAGE)
    assert seen.goodput(90, 110) == pytest.approx(12, abs=0.3)  # All that three AZs can do.
    assert seen.goodput(*LAST) == pytest.approx(calm.goodput(*LAST), abs=0.3)  # Caught up.


@pytest.mark.parametrize(("retry", "throttled_max"), [("standard", 1.0), ("adaptive", 0.35)])
def test_adaptive_clients_learn_the_quota(retry: str, throttled_max: float) -> None:
    # 10 calls a second are allowed, and eight clients want 24.
    work = Workload(
        kind="steady",
        clients=8,
        options={"calls_per_second": 3.0, "retry": retry, "calls": ["Encrypt"]},
    )
    seen = play(work, length_s=60, quotas=True, quota_share=0.0001)
    counts = seen.outcomes()
    share = counts["ThrottlingException"] / (counts["ok"] + counts["ThrottlingException"])
    assert seen.goodput(20, 60) == pytest.approx(10, abs=0.5)
    assert share < throttled_max
    assert retry == "adaptive" or share > 0.5


def test_goodput_counts_what_was_answered_well_and_load_what_was_tried() -> None:
    def call(place: str, begin_s: int, end_s: int, outcome: str) -> Call:
        found = Call("c", place, "kms", "Encrypt", "r", seconds(begin_s))
        found.end_ns, found.outcome = seconds(end_s), outcome
        return found

    calls = [
        call(REGION, 0, 1, "ok"),
        call(REGION, 1, 9, "ok"),
        call(REGION, 9, 10, "ok"),  # Ends outside.
        call(REGION, 2, 3, "timeout"),
        call(REGION, 3, 0, ""),
        call("eu-west-1", 3, 4, "ok"),
    ]
    assert goodput(calls, REGION, 0, seconds(10)) == 0.2
    assert load(calls, REGION, 0, seconds(10)) == 0.5


KNOWN, MODES = "Encrypt, Decrypt, GenerateDataKey", "standard, adaptive, legacy, none"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"calls_per_second": 0}, "key 'calls_per_second': expected a number above 0, not 0"),
        ({"calls": []}, f"key 'calls': expected some of {KNOWN}, not an empty list"),
        ({"calls": ["Sign"]}, f"key 'calls': expected some of {KNOWN}, not 'Sign'"),
        ({"retry": "often"}, f"key 'retry': expected one of {MODES}, not 'often'"),
        ({"jitter": "yes"}, "key 'jitter': expected true or false, not 'yes'"),
    ],
)
def test_a_workload_s_wrong_option_is_named(options: dict[str, Any], complaint: str) -> None:
    for kind in (SteadyClient, HerdClient):
        with pytest.raises(OptionError, match=f"^{complaint}$"):
            kind.settings(options)


def test_a_workload_s_options_are_its_settings() -> None:
    options = {"retry": "legacy", "attempt_timeout": "500ms", "calls_per_second": 2.5}
    assert SteadyClient.settings(options) == SteadySettings(
        retry="legacy", attempt_timeout_ns=ms(500), calls_per_second=2.5
    )
