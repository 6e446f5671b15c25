"""The page in a real browser: it draws itself, can be clicked and typed at, and fits its window.

Method: Chromium without a window, driven over a pipe; without one on the machine this is skipped.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from chromium import Chromium, found
from seen_run import AZ, BROKEN, seen_run

from scenarios.html_report import page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(found() is None, reason="no Chromium is installed (apt install chromium)"),
]
WIDE, NARROW = 1280, 400
PANEL = "document.querySelector('.panel')"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    seen = seen_run()
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(seen.result, seen.recording), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    profile = tmp_path_factory.mktemp("profile")
    with Chromium(profile, width=WIDE, height=1_000) as chromium:
        yield chromium


@pytest.fixture
def shown(browser: Chromium, file: Path) -> Chromium:
    """The page as it opens in a wide window."""
    browser.resize(WIDE, 1_000)
    browser.open(file)
    browser.messages.clear()
    return browser


def panel(shown: Chromium) -> str:
    text: str = shown.evaluate(f"{PANEL}.hidden ? '' : {PANEL}.innerText")
    return text


def test_the_page_opens_without_a_request_and_without_an_error(
    browser: Chromium, file: Path
) -> None:
    browser.requests.clear()
    browser.messages.clear()
    browser.open(file)
    assert browser.messages == []
    asked = [address for address in browser.requests if not address.startswith("data:")]
    assert asked == [file.as_uri()]
    assert browser.evaluate("document.querySelectorAll('.chart .lane').length") > 30


def test_a_click_finds_the_broken_promise_and_shows_the_lane_it_names(shown: Chromium) -> None:
    text = next(v.detail for v in seen_run().result.promises if v.name == BROKEN)
    assert panel(shown) == ""
    shown.click(f'.pin.broken[data-pin="{BROKEN}"]')
    assert panel(shown).startswith(f"{BROKEN}\n")
    assert text in panel(shown)
    assert "Faults before it" in panel(shown)
    named = "[...document.querySelectorAll('.lane.named')].map(lane => lane.dataset.lane)"
    assert shown.evaluate(named) == [f"{AZ}/az"]
    shown.press("Escape")
    assert panel(shown) == ""
    assert shown.evaluate(named) == []


def test_the_faults_after_a_counterexample_are_listed_too(shown: Chromium) -> None:
    # The record of a call may be lost long after it was answered.
    broken = f"data.promises.find(promise => promise.name === '{BROKEN}')"
    shown.evaluate(f"{broken}.pins = [[60000, 'early', []]]; draw()")
    shown.click(f'.pin.broken[data-pin="{BROKEN}"]')
    during = panel(shown).partition("Faults at that time")[2].partition("Faults before it")[0]
    assert f"at 54s power-off {AZ} for 54s" in during
    assert "at 117s partition eu-west-1" in panel(shown).partition("Faults after it")[2]


def test_a_click_on_a_lane_lists_what_happened_on_it(shown: Chromium) -> None:
    shown.click(f'.lane[data-lane="{AZ}/recorder"]', share=0.05)
    lines = panel(shown).splitlines()
    assert lines[0] == f"{AZ}/recorder"
    assert "loses power" in lines
    assert "without power until 1m 48s" in lines
    shown.click('.lane[data-lane="us-east-1/~calls"]', share=0.05)
    assert "Outcomes" in panel(shown)


def test_a_click_on_a_fault_says_what_it_hit(shown: Chromium) -> None:
    shown.click('[data-go="fault/1"]')
    assert panel(shown).startswith("Fault 2\n")
    assert f"at 54s power-off {AZ} for 54s" in panel(shown)


def test_the_keyboard_opens_closes_zooms_and_pans(shown: Chromium) -> None:
    region = ".lane[data-lane='us-east-1']"
    expanded = f'document.querySelector("{region}").getAttribute("aria-expanded")'
    shown.evaluate(f'document.querySelector("{region}").focus()')
    assert shown.evaluate(expanded) == "true"
    shown.press("Enter")
    assert shown.evaluate(expanded) == "false"
    assert shown.evaluate("document.activeElement.dataset.key") == "us-east-1", "focus stays"
    shown.press("Enter")
    assert shown.evaluate(expanded) == "true"
    whole = shown.evaluate("[state.from, state.to]")
    shown.press("+")
    near = shown.evaluate("[state.from, state.to]")
    assert near[1] - near[0] == pytest.approx((whole[1] - whole[0]) / 2)
    shown.press("ArrowRight")
    assert shown.evaluate("state.from") > near[0]
    shown.press("0")
    assert shown.evaluate("[state.from, state.to]") == [0, shown.evaluate("data.end")]
    shown.press("ArrowDown")
    assert shown.evaluate("document.activeElement.dataset.key") == "us-east-1/~calls"


def test_the_mouse_moves_and_zooms_and_a_drag_is_no_click(shown: Chromium) -> None:
    shown.evaluate("document.querySelector('.chart').scrollIntoView({block: 'start'})")
    shown.wheel(700, 300, -200, control=True)
    near = shown.evaluate("[state.from, state.to]")
    assert near[1] - near[0] < 0.7 * shown.evaluate("data.end")
    shown.drag(700, 300, -120)
    moved = shown.evaluate("[state.from, state.to]")
    assert moved[0] > near[0]
    assert moved[1] - moved[0] == pytest.approx(near[1] - near[0])
    assert panel(shown) == ""
    shown.wheel(700, 300, 200)
    assert shown.evaluate("[state.from, state.to]") == moved, "the bare wheel scrolls the page"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_sticks_out_of_the_window(shown: Chromium, width: int) -> None:
    shown.resize(width, 900)
    shown.settle()
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.click(f'.pin.broken[data-pin="{BROKEN}"]')
    box = shown.evaluate(f"(b => [b.left, b.right])({PANEL}.getBoundingClientRect())")
    assert 0 <= box[0] < box[1] <= width
    assert shown.messages == []


def test_every_mark_that_a_click_opens_has_a_name_for_those_who_cannot_see_it(
    shown: Chromium,
) -> None:
    nameless = (
        "[...document.querySelectorAll('.chart [role=button]')]"
        ".filter(e => !e.getAttribute('aria-label') || e.tabIndex !== 0).length"
    )
    assert shown.evaluate(nameless) == 0


@pytest.mark.parametrize("width", [WIDE, 700])
def test_every_time_on_the_axis_stands_over_its_line_through_the_lanes(
    shown: Chromium, width: int
) -> None:
    shown.resize(width, 900)
    shown.settle()
    middles = (
        "[...document.querySelectorAll('.axis .axis-text')]"
        ".map(e => (b => (b.left + b.right) / 2)(e.getBoundingClientRect()))"
    )
    lines = "[...document.querySelectorAll('.chart .grid')].map(e => e.getBoundingClientRect().left)"
    labels, grid = shown.evaluate(middles), shown.evaluate(lines)
    assert len(labels) > 2
    away = [min(abs(label - at) for at in grid) for label in labels]
    assert max(away) < 1.5


def test_pins_do_not_hide_each_other_and_say_how_many_they_stand_for(shown: Chromium) -> None:
    pins = "[...document.querySelectorAll('.pin.broken circle')]"
    boxes = shown.evaluate(
        f"{pins}.map(e => (b => [b.top, b.left, b.right])(e.getBoundingClientRect()))"
    )
    for (top, _, right), (next_top, left, _) in pairwise(sorted(boxes)):
        assert top != next_top or right <= left + 1
    said = shown.evaluate(
        "[...document.querySelectorAll('.pin.broken')].map(e => e.getAttribute('aria-label'))"
    )
    seen = seen_run().result
    total = sum(len(verdict.violations) for verdict in seen.promises)
    counts = [int(found[1]) if (found := re.search(r", (\d+) counter", s)) else 1 for s in said]
    assert sum(counts) == total > len(counts)


def test_a_verdict_outside_of_what_is_shown_has_its_pin_at_the_edge(shown: Chromium) -> None:
    shown.evaluate("view(0, data.end / 100)")
    shown.settle()
    away = "[...document.querySelectorAll('.pin.away')].map(e => e.dataset.pin)"
    assert BROKEN in shown.evaluate(away)
    assert len(shown.evaluate("[...document.querySelectorAll('.pin')]")) >= len(
        seen_run().result.promises
    )
    shown.click(f'.pin.away[data-pin="{BROKEN}"]')
    assert panel(shown).startswith(f"{BROKEN}\n")
    assert BROKEN not in shown.evaluate(away)


def test_a_page_opens_with_the_workload_and_what_broke_and_not_the_quiet_after_it(
    shown: Chromium,
) -> None:
    quiet = "{span: 100, end: 1000, promises: [{pins: []}, {pins: %s}]}"
    assert shown.evaluate(f"firstView({quiet % '[]'})") == pytest.approx(115)
    assert shown.evaluate(f"firstView({quiet % '[[50], [300]]'})") == pytest.approx(345)
    assert shown.evaluate(f"firstView({quiet % '[[700]]'})") == pytest.approx(115)
    assert shown.evaluate("firstView({span: 900, end: 1000, promises: []})") == 1000
    assert shown.evaluate("state.to") == shown.evaluate("firstView(data)")


def test_how_often_is_said_in_the_unit_that_fits(shown: Chromium) -> None:
    rates = shown.evaluate("[1234, 2.84, 0.11, 0.0044, 0.00002].map(rate)")
    assert rates == ["1,234/s", "2.8/s", "6.6/min", "16/h", "1.7/d"]
