"""The Chrome trace of a run: valid JSON, slices that nest, flows that begin and end in slices."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from seen_run import BROKEN, LINES, seen_run

from scenarios.catalogue import SCENARIOS
from scenarios.perfetto import PerfettoTrace
from scenarios.run import run

Event = dict[str, Any]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("trace") / "out.json"
    seen = seen_run()
    seen.trace.write(seen.result, path)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def of(trace: dict[str, Any], phase: str, category: str = "") -> list[Event]:
    return [
        event
        for event in trace["traceEvents"]
        if event["ph"] == phase and category in {"", event.get("cat")}
    ]


def test_every_event_has_what_its_phase_needs(trace: dict[str, Any]) -> None:
    needs = {
        "X": {"pid", "tid", "ts", "dur", "name", "cat", "args"},
        "i": {"pid", "tid", "ts", "s", "name", "cat", "args"},
        "s": {"pid", "tid", "ts", "id", "name", "cat"},
        "f": {"pid", "tid", "ts", "id", "name", "cat", "bp"},
        "M": {"pid", "tid", "name", "args"},
    }
    for event in trace["traceEvents"]:
        assert event.keys() - {"ph"} == needs[event["ph"]]
        assert event.get("ts", 0) >= 0
        assert event.get("dur", 1) > 0


def test_slices_of_one_thread_nest_because_the_importer_drops_those_that_cross(
    trace: dict[str, Any],
) -> None:
    open_until: dict[tuple[int, int], list[float]] = {}
    for event in of(trace, "X"):
        stack = open_until.setdefault((event["pid"], event["tid"]), [])
        end = event["ts"] + event["dur"]
        while stack and stack[-1] <= event["ts"] + 1e-6:
            stack.pop()
        assert not stack or end <= stack[-1] + 1e-6, event
        stack.append(end)


def dropped(trace: dict[str, Any]) -> list[Event]:
    """Return the slices that an importer drops which counts in whole nanoseconds, cut not rounded.

    So does Perfetto's: a number with decimals becomes a double, is multiplied by 1,000 and cut.
    """

    def cut(value: float) -> int:
        return value * 1_000 if isinstance(value, int) else int(value * 1_000.0)

    open_until: dict[tuple[int, int], list[int]] = {}
    lost = []
    for event in sorted(of(trace, "X"), key=lambda event: cut(event["ts"])):
        stack = open_until.setdefault((event["pid"], event["tid"]), [])
        begin, end = cut(event["ts"]), cut(event["ts"]) + cut(event["dur"])
        while stack and stack[-1] <= begin:
            stack.pop()
        if stack and end > stack[-1]:
            lost.append(event)
        else:
            stack.append(end)
    return lost


def test_an_importer_that_cuts_to_nanoseconds_drops_no_slice(trace: dict[str, Any]) -> None:
    assert dropped(trace) == []


def test_in_a_run_of_years_times_are_whole_so_that_no_slice_is_dropped(tmp_path: Path) -> None:
    long, path = PerfettoTrace(messages=2_000), tmp_path / "years.json"
    years = replace(SCENARIOS["quiet-decade"].small(), length_ns=365 * 86_400 * 10**9)
    long.write(run(years, seed=1, observers=[long]), path)
    found = json.loads(path.read_text(encoding="utf-8"))
    timed = [event for event in found["traceEvents"] if "ts" in event]
    assert max(event["ts"] for event in timed) > 300 * 86_400 * 10**6
    assert {type(event[key]) for event in timed for key in ("ts", "dur") if key in event} == {int}
    assert [event["ts"] for event in timed] == sorted(event["ts"] for event in timed)
    assert dropped(found) == []


def test_a_flow_leads_from_the_slice_that_sends_to_the_slice_that_takes(
    trace: dict[str, Any],
) -> None:
    def places(category: str) -> set[tuple[int, int, float, str]]:
        slices = of(trace, "X", category)
        return {(e["pid"], e["tid"], e["ts"], e["name"]) for e in slices}

    sent, taken = places("send"), places("take")
    ends = {event["id"]: event for event in of(trace, "f")}
    begins = of(trace, "s")
    assert len(begins) == len(ends) == len({event["id"] for event in begins}) > 1_000
    for begin in begins:
        end = ends[begin["id"]]
        assert (begin["pid"], begin["tid"], begin["ts"], begin["name"]) in sent
        assert (end["pid"], end["tid"], end["ts"], end["name"]) in taken
        assert begin["ts"] < end["ts"]


def test_processes_are_places_and_threads_their_actors(trace: dict[str, Any]) -> None:
    processes = {e["pid"]: e["args"]["name"] for e in of(trace, "M") if e["name"] == "process_name"}
    threads = {
        (processes[e["pid"]], e["args"]["name"]) for e in of(trace, "M") if e["name"] == "thread_name"
    }
    assert ("us-east-1/use1-az1", "node") in threads
    assert ("us-east-1/use1-az1", "az asks") in threads
    assert ("us-east-1/clients", "app-0 calls") in threads
    assert ("faults", "2. power-off") in threads
    numbers = [e["tid"] for e in of(trace, "M") if e["name"] == "thread_name"]
    assert len(set(numbers)) == len(numbers)
    assert not set(numbers) & set(processes)


def test_faults_calls_power_leaders_and_broken_promises_are_there(trace: dict[str, Any]) -> None:
    seen = seen_run()
    assert [e["name"] for e in of(trace, "X", "fault")] == [f.line for f in seen.result.faults]
    assert len(seen.result.faults) == len(LINES)
    calls = Counter(event["args"]["outcome"] for event in of(trace, "X", "call"))
    assert calls["ok"] >= sum(outcomes["ok"] for outcomes in seen.result.calls.values())
    dark = [e["args"]["actor"] for e in of(trace, "X", "power") if e["ts"] == 54 * 10**6]
    assert sorted(name.rpartition("/")[2] for name in dark) == [
        "az",
        "hsm-1",
        "hsm-2",
        "node",
        "recorder",
    ]
    marks = [event["name"] for event in of(trace, "i")]
    assert "leads us-east-1, term 2" in marks
    assert f"BROKEN {BROKEN}" in marks


def test_an_ask_lasts_from_question_to_answer_or_until_its_asker_gives_up(
    trace: dict[str, Any],
) -> None:
    asks = of(trace, "X", "ask")
    probes = [e for e in asks if e["name"] == "Probe"]
    given_up = [e for e in probes if e["args"]["expired"]]
    assert given_up, "the AZ without power was probed in vain"
    assert {round(e["dur"]) for e in given_up} == {150_000}
    answered = [e for e in probes if not e["args"]["expired"]]
    assert all(e["dur"] < 10_000 for e in answered)


def test_messages_are_bounded_and_the_rest_is_counted(tmp_path: Path) -> None:
    few = PerfettoTrace(messages=100)
    small = SCENARIOS["az-outage"].small()
    result = run(small, seed=2, observers=[few])
    assert result.trace_hash == run(small, seed=2).trace_hash, "to watch is not to change"
    few.write(result, tmp_path / "few.json")
    found = json.loads((tmp_path / "few.json").read_text(encoding="utf-8"))
    assert len(of(found, "X", "send")) == found["otherData"]["messages_kept"] == 100
    assert found["otherData"]["messages_sent"] > 10_000


def test_messages_around_a_fault_are_kept_when_not_all_can_be() -> None:
    seen = seen_run()
    times = [message.sent_ns - seen.recording.start_ns for message in seen.trace._log.kept]
    for fault in seen.result.faults[:1]:
        assert any(fault.begin_ns - 10**9 < time_ns < fault.begin_ns for time_ns in times)
        assert any(fault.begin_ns < time_ns < fault.begin_ns + 10**9 for time_ns in times)
