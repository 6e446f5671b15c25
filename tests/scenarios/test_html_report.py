"""The page of a run: one file, the same bytes for the same run, and lanes that tell the truth."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from seen_run import AZ, BROKEN, scenario, seen_run

from scenarios.catalogue import SCENARIOS
from scenarios.html_report import HtmlReport, page
from scenarios.picture import LEVELS, lanes_in, picture
from scenarios.recording import Recording, Seen, describe, fields_of, places_of
from scenarios.run import run
from sim.plan import Plan

#: What a page of the usual size may weigh.
BYTES_MAX = 1_000_000


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    seen = seen_run()
    return picture(seen.result, seen.recording)


def lanes(drawn: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def walk(inner: list[dict[str, Any]]) -> None:
        for lane in inner:
            found[lane["id"]] = lane
            walk(lane["lanes"])

    walk(drawn["lanes"])
    return found


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="run">(.*?)</script>', text)
    assert found is not None
    return json.loads(found[1])


def test_the_page_needs_nothing_but_itself() -> None:
    seen = seen_run()
    text = page(seen.result, seen.recording)
    assert len(text.encode()) < BYTES_MAX
    assert re.findall(r"<(?:script|img|iframe|link)[^>]*(?:src|href)=\"([^\"]*)", text) == ["data:,"]
    assert re.findall(r"@import|https?://|fetch\(|XMLHttpRequest", text) == []
    assert set(re.findall(r"url\(([^)]{2})", text)) == {"#p"}


def test_the_same_run_gives_the_same_bytes_and_is_not_changed_by_being_watched(
    tmp_path: Path,
) -> None:
    small = replace(SCENARIOS["steady-state"].small(), length_ns=120 * 10**9)
    pages = []
    hashes = {run(small, seed=3).trace_hash}
    for name in ("one.html", "other.html"):
        report = HtmlReport()
        result = run(small, seed=3, observers=[report])
        report.write(result, tmp_path / name)
        hashes.add(result.trace_hash)
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    assert len(hashes) == 1


def test_names_from_outside_cannot_become_markup() -> None:
    seen = seen_run()
    evil = '</script><img src=x onerror="alert(1)">&'
    promises = tuple(replace(v, name=evil, detail=evil) for v in seen.result.promises)
    text = page(replace(seen.result, summary=evil, promises=promises), seen.recording)

    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.images, self.scripts = 0, 0

        def handle_starttag(self, tag: str, _: Any) -> None:
            self.images += tag == "img"
            self.scripts += tag == "script"

    tags = Tags()
    tags.feed(text)
    assert (tags.images, tags.scripts) == (0, 2)
    assert {promise["name"] for promise in data_of(text)["promises"]} == {evil}


def test_tables_and_plan_stand_in_the_page_without_its_script() -> None:
    seen = seen_run()
    text = page(seen.result, seen.recording).partition("<script")[0]
    for fault in seen.result.faults:
        assert fault.line in text
    for verdict in seen.result.promises:
        assert f">{verdict.word}</span> {verdict.name}" in text
    assert seen.result.trace_hash in text
    assert "Calls by outcome" in text


def test_a_run_without_faults_and_calls_has_a_page_too() -> None:
    seen = seen_run()
    bare = replace(
        seen.result, faults=(), plan=(), calls={}, latency=(), availability=(), delivery=()
    )
    assert "Nothing: no fault was injected." in page(bare, seen.recording)


def test_faults_know_the_places_that_they_hit_also_by_a_role(drawn: dict[str, Any]) -> None:
    leader = drawn["faults"][0]["places"][0]
    assert leader.startswith("us-east-1/")
    assert leader.endswith("/node")
    assert [(fault["name"], fault["places"]) for fault in drawn["faults"]] == [
        ("crash", [leader]),
        ("power-off", [AZ]),
        ("partition", ["eu-west-1"]),
    ]
    spans = [(fault["begin"], fault["end"]) for fault in drawn["faults"]]
    assert spans == [(18_000, 27_000), (54_000, 108_000), (117_000, 135_000)]


def test_lanes_show_who_was_without_power_and_out_of_rotation(drawn: dict[str, Any]) -> None:
    found = lanes(drawn)
    assert [54_000, 108_000, "down", "without power"] in found[f"{AZ}/recorder"]["spans"]
    kinds = [span[2] for span in found[f"{AZ}/az"]["spans"]]
    assert kinds == ["down", "out"]
    # A closed AZ shows what all of its actors went through, and what only some did.
    assert [54_000, 108_000, "down", "without power"] in found[AZ]["spans"]
    assert found[AZ]["spans"][-1][3] == "1 of 5 out of rotation"


def test_a_new_leader_is_a_mark_on_its_own_lane(drawn: dict[str, Any]) -> None:
    crashed = drawn["faults"][0]["places"][0]
    changes = [
        (lane["id"], mark)
        for lane in lanes(drawn).values()
        for mark in lane.get("marks", ())
        if lane["kind"] == "actor" and lane["id"].startswith("us-east-1/") and mark[1] == "leader"
    ]
    (name, (time_ms, _, said)), *_ = changes
    assert name != crashed
    assert 18_000 < time_ms < 30_000
    assert said == f"{name} leads us-east-1 from here, term 2"


def test_a_leader_leads_until_it_loses_its_power(drawn: dict[str, Any]) -> None:
    crashed = drawn["faults"][0]["places"][0]
    found = lanes(drawn)
    first = next(span for span in found[crashed]["spans"] if span[2] == "leads")
    assert first == [0, 18_000, "leads", "leads, term 1"]


def test_a_closed_zone_shows_who_of_it_leads(drawn: dict[str, Any]) -> None:
    crashed = drawn["faults"][0]["places"][0]
    zone = crashed.rpartition("/")[0]
    assert [0, 18_000, "leads", "node leads, term 1"] in lanes(drawn)[zone]["spans"]


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_every_call_stands_in_one_bin(drawn: dict[str, Any], level: int) -> None:
    result = seen_run().result
    found = lanes(drawn)
    for region, outcomes in result.calls.items():
        rows = found[f"{region}/~calls"]["bins"][level]
        assert sum(sum(row[1:5]) for row in rows) == sum(outcomes.values())
        assert sum(row[1] for row in rows) == outcomes["ok"]
        assert sum(row[4] for row in rows) == outcomes.get("timeout", 0)
        assert all(0 <= row[0] < LEVELS[level] for row in rows)


def test_a_broken_promise_is_pinned_at_its_time_to_the_lanes_it_names(
    drawn: dict[str, Any],
) -> None:
    verdict = next(v for v in seen_run().result.promises if v.name == BROKEN)
    promise = next(p for p in drawn["promises"] if p["name"] == BROKEN)
    assert promise["word"] == "BROKEN"
    (time_ns, text), *_ = verdict.violations
    assert promise["pins"][0] == [time_ns // 10**6, text, [f"{AZ}/az"]]
    words = [p["word"] == "BROKEN" for p in drawn["promises"]]
    assert words == sorted(words, reverse=True), "what is broken stands first"


def test_a_counterexample_leads_to_the_most_exact_lanes() -> None:
    ids = ["r", "r/~calls", "r/z1", "r/z1/az", "r/z1/node", "s", "s/~calls"]
    assert lanes_in("r/z1/az lacks 2 of 3 tokens", ids) == ["r/z1/az"]
    assert lanes_in("Decrypt for r/clients/app-1 returned other bytes", ids) == ["r", "r/~calls"]
    assert lanes_in("Encrypt 1234 in s, answered ok", ids) == ["s", "s/~calls"]
    assert lanes_in("nothing that is known", ids) == []


def test_notes_are_read_back_into_their_fields() -> None:
    assert fields_of(b"az=r/z1/az healthy=False") == {"az": "r/z1/az", "healthy": "False"}
    assert fields_of(b"reason=the disk said EIO") == {"reason": "the disk said EIO"}
    assert fields_of(b"1") == {}
    assert places_of("a/b<->c,d->e") == ("a/b", "c", "d", "e")


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("crash", {}, "loses power"),
        ("abort", {"reason": "EIO"}, "dies by its own hand: EIO"),
        ("health", {"az": "z", "healthy": "False"}, "z is out of rotation"),
        ("health", {"az": "z", "restarts": "1"}, "finds that z has restarted"),
        ("leader", {"leader": "n", "term": "2"}, "leads in term 2"),
        ("leader", {"leader": "m", "term": "2"}, "sees m lead in term 2"),
        ("leader", {"leader": "", "term": "2"}, "knows no leader, term 2"),
        ("fault", {"inject": "pause"}, "fault begins: pause"),
        ("fault", {"heal": "pause"}, "fault ends: pause"),
        ("disk", {"found": "slot 3 rotted"}, "disk: found slot 3 rotted"),
    ],
)
def test_events_are_said_in_words(kind: str, fields: dict[str, str], said: str) -> None:
    assert describe(Seen(0, kind, "n", fields)) == said


def test_what_is_paused_shows_as_stopped_until_it_goes_on() -> None:
    recording = Recording()
    paused = f"{AZ}/node"
    plan = Plan.parse([f"at 20% pause {paused} for 10%"])
    result = run(replace(scenario(), plan=plan), seed=1, observers=[recording])
    assert [(s.begin_ns, s.end_ns, s.what) for s in recording.power()[paused]] == [
        (36 * 10**9, 54 * 10**9, "paused")
    ]
    assert [hit.places for hit in recording.hits(result)] == [(paused,)]
