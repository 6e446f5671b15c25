"""What is true of every fault: it ends healed, draws its chance from the seed, and says what it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_world import LINK_NS, NAMES, Ping, make, planned, storm, target_of, toy

from sim import SimWorld, ms, seconds
from sim.faults import FAULTS, Fault
from sim.faults.clocks import ROUNDING_NS

ROOT = Path(__file__).resolve().parents[3]


def ills(world: SimWorld) -> dict[str, object]:
    """Return what is not as it was when the world began; empty when all is well."""
    found: dict[str, object] = {}
    if world.network.rules:
        found["rules"] = world.network.rules
    for name in NAMES:
        cell, disk = world.kernel.cells[name], world.disk(name)
        state = {
            "dark": not cell.up,
            "held": len(cell.dark_by),
            "stopped": cell.stopped or cell.paused,
            "stopped by": len(cell.stopped_by),
            "ails": cell.ails,
            "older": cell.dialect is not None,
            "drift": cell.drift_ppm,
            "offset": abs(world.kernel.calendar_ns(cell) - world.calendar_ns) >= ROUNDING_NS,
            "disk": list(disk.faults),
        }
        if any(state.values()):
            found[name] = state
    return found


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_after_its_end_the_world_is_as_before(name: str) -> None:
    with storm(name, target_of(name)) as world:
        assert ills(world) == {}
        # Everybody still talks and saves, and everybody is heard at once.
        recent = [e for e in world.trace.events() if e.time_ns > seconds(88)]
        for kind in ("chat", "saved"):
            assert {e.subject for e in recent if e.kind == kind} == set(NAMES)
        now_ns = world.now_ns
        for source in NAMES:
            for target in NAMES:
                cells = world.kernel.cells
                world.kernel.post(cells[source], target, Ping(number=100), None)
        world.run_for(ms(2))
        for target in NAMES:
            heard = [t for t, number in toy(world, target).heard if number == 100]
            assert len(heard) == len(NAMES)
            assert max(heard) <= now_ns + LINK_NS


@pytest.mark.parametrize("name", sorted(FAULTS))
@pytest.mark.parametrize("place", ["r1/az1/a", "r1/@leader", "r1"])
def test_every_level_of_the_tree_is_given_back(name: str, place: str) -> None:
    try:
        FAULTS[name].check(place)
    except ValueError:
        pytest.skip(f"{name} takes no such target")
    with make(config="chatty", keep="none") as world:
        # The last fault has no end of its own: the span ends it.
        planned(world, f"at 1s {name} {place} for 2s", f"at 2s {name} {place}", span_ns=seconds(6))
        world.run_for(seconds(75))
        assert ills(world) == {}


def a_line(name: str, place: str, at_ms: int, for_ms: int) -> str:
    target = "r1" if name == "region-loss" else place
    options = " with tau=1s staff=1s" if name in {"power-off", "region-loss"} else ""
    return f"at {at_ms}ms {name} {target} for {for_ms}ms{options}"


LINES = st.builds(
    a_line,
    st.sampled_from(sorted(FAULTS)),
    st.sampled_from(["r1/az1/a", "r1/az1", "r1/@leader", "r1"]),
    st.integers(0, 9_000),
    st.integers(0, 9_000),
)


@given(st.lists(LINES, min_size=2, max_size=5))
@settings(max_examples=40, deadline=None)
def test_however_faults_overlap_everything_is_given_back(lines: list[str]) -> None:
    with make(config="chatty", keep="none") as world:
        planned(world, *lines, span_ns=seconds(12))
        # A supervisor that has lost its patience waits for a minute.
        world.run_for(seconds(75))
        assert ills(world) == {}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_may_end_at_the_instant_at_which_it_began(name: str) -> None:
    with make(config="chatty", keep="none") as world:
        planned(world, f"at 1s {name} {target_of(name)} for 0s", span_ns=seconds(6))
        world.run_for(seconds(10))
        assert ills(world) == {}


def test_every_fault_gives_the_same_trace_in_another_process() -> None:
    script = Path(__file__).with_name("toy_world.py")
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True
    )
    lines = []
    for name in sorted(FAULTS):
        with storm(name, target_of(name)) as world:
            lines.append(f"{name} {world.trace.hash}")
    assert told.stdout.splitlines() == lines
    assert len({line.split()[1] for line in lines}) == len(lines)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_every_fault_says_what_it_is(fault: type[Fault]) -> None:
    summary = (fault.__doc__ or "").splitlines()[0]
    assert summary.endswith(".")
    for name, option in fault.options.items():
        assert name == name.lower()
        assert option.doc
        fault.check_option(name, option.default)
        assert option.parse(option.default) is not None
    assert (type(fault.stops), type(fault.forgets)) == (bool, bool)
    with pytest.raises(ValueError, match=rf"^fault {fault.name} wants "):
        fault.check("")
