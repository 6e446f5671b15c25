"""The story of a broken promise: the messages that led to it, and the fault it takes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from seen_run import AZ, BROKEN, forget, scenario

import regions.az
from regions.faults import FAULTS
from regions.fleet import HsmFleet
from regions.frames import FRAMES
from regions.hsm.commands import HsmDataKeyMade
from regions.kms.loop import Outcome
from regions.trail.ledger import Effect, Held, Ledger, Post
from scenarios import explain, report
from scenarios.__main__ import main
from scenarios.catalogue import SCENARIOS
from scenarios.chain import Counterexample, Suspects
from scenarios.explain import PAGE, Step, Trial
from scenarios.result import RunResult
from scenarios.run import run
from scenarios.scenario import Scenario
from scenarios.wording import ids_in, shorten, words
from sim.plan import Plan
from sim.units import minutes, seconds
from sim.wire import Codec

Patch = pytest.MonkeyPatch
STEADY = replace(SCENARIOS["steady-state"].small(), length_ns=minutes(2))


def told(chosen: Scenario, promise: str) -> tuple[Counterexample, Suspects, tuple[Step, ...]]:
    """Run twice: once to learn what broke, once to be told why."""
    broken = explain.counterexamples(json.loads(report.to_json(run(chosen, seed=1))))
    what = next(one for one in broken if one.promise == promise)
    suspects = Suspects(what)
    run(chosen, seed=1, observers=[suspects])
    return what, suspects, explain.steps(suspects)


def hops(steps: tuple[Step, ...]) -> list[str]:
    """Return ``role -> role: message`` of each step that is one."""
    found = []
    for step in steps:
        if " -> " in step.who:
            source, target = (name.rpartition("/")[2] for name in step.who.split(" -> "))
            found.append(f"{source} -> {target}: {step.what.split()[0]}")
    return found


def test_a_call_without_a_record_is_told_from_its_caller_to_its_answer(monkeypatch: Patch) -> None:
    perform = regions.az.perform

    def forgetful(call: Any, keyring: Any, **options: Any) -> Any:
        outcome = yield from perform(call, keyring, **options)
        return Outcome(outcome.answer, None) if call.action == "ReEncrypt" else outcome

    monkeypatch.setattr(regions.az, "perform", forgetful)
    what, _, steps = told(STEADY, "audit-complete")
    client = f"app-{steps[0].who.partition(' -> ')[0][-1]}"
    hsm = hops(steps)[3].partition(" -> ")[2].partition(":")[0]
    assert hops(steps) == [
        f"{client} -> router: ApiCall",
        "router -> front: ApiCall",
        "front -> az: ApiCall",
        f"az -> {hsm}: HsmReEncrypt",
        f"{hsm} -> az: HsmBlob",
        f"az -> {client}: ApiAnswer",
    ]
    assert what.ids[0][:8] in steps[0].what


def test_a_key_that_crossed_a_border_is_followed_back_to_its_caller(monkeypatch: Patch) -> None:
    candidates = HsmFleet._candidates

    def abroad(self: HsmFleet) -> list[str]:
        names = candidates(self)
        foreign = "eu-west-1/euw1-az1/hsm-1"
        return [foreign, *names] if self._config.region == "us-east-1" else names

    monkeypatch.setattr(HsmFleet, "_candidates", abroad)
    what, _, steps = told(STEADY, "residency")
    assert what.ids == ()
    assert hops(steps)[-1].endswith("-> hsm-1: GenerateKey")
    assert [hop.partition(": ")[2] for hop in hops(steps)] == [*["ApiCall"] * 3, "GenerateKey"]
    assert steps[-1].time_ns == what.time_ns


def test_no_secret_stands_in_a_story(monkeypatch: Patch) -> None:
    ask = HsmFleet.ask

    async def caching(self: HsmFleet, asker: Callable[..., Any], command: Any) -> Any:
        answer = await ask(self, asker, command)
        if isinstance(answer, HsmDataKeyMade):
            self._host.disk.append("cache", answer.plaintext)
        return answer

    monkeypatch.setattr(HsmFleet, "ask", caching)
    what, suspects, steps = told(STEADY, "custody")
    text = explain.story(what, steps, everything=True)
    assert "HsmDataKeyMade" in text
    secrets = suspects.recording.arena.world.kernel.secrets
    known = set(secrets._known)
    assert len(known) > 10
    assert not [s for s in known if s.hex()[:16] in text or repr(s)[2:-1] in text]


def test_the_fault_without_which_the_promise_holds_is_found(monkeypatch: Patch) -> None:
    forget(monkeypatch)
    chosen = scenario()
    what, _, steps = told(chosen, BROKEN)
    text = explain.story(what, steps, everything=False)
    assert text.startswith(f"{BROKEN} is broken, at ")
    for said in (
        f"{AZ}: fault begins: power-off",
        "recorder, node, az: loses power",
        f"{AZ}/az -> {AZ}/node: Attach applied 0",
        "Caught index",
        "here the promise is found broken",
    ):
        assert said in text
    assert "eu-west-1" not in text, "the partition of another region has nothing to do with it"
    trials = []
    for number in (1, 2, 3):
        result = run(explain.without(chosen, number), seed=1)
        trials.append(explain.trial(chosen, number, BROKEN, result))
    assert [trial.word for trial in trials] == ["BROKEN", "holds", "BROKEN"]
    said = explain.blame(BROKEN, trials)
    line = chosen.plan.lines[1]
    assert said.endswith(f"Without {str(line)!r} alone, {BROKEN} is not broken.\n")


def trial(number: int, word: str) -> Trial:
    return Trial(number=number, line=f"line {number}" if number else "any fault", word=word)


@pytest.mark.parametrize(
    ("trials", "last"),
    [
        ((), "No fault was injected: p breaks without any."),
        ((trial(1, "holds"), trial(2, "BROKEN")), "Without 'line 1' alone, p is not broken."),
        ((trial(1, "holds"), trial(2, "allowed")),
         "Each of these 2, removed alone, keeps p from breaking."),
        ((trial(1, "BROKEN"), trial(2, "BROKEN"), trial(0, "holds")),
         "No single fault is to blame: p breaks without each one of them."),
        ((trial(1, "BROKEN"), trial(0, "BROKEN")),
         "No fault is to blame: p breaks without any of them."),
    ],
)  # fmt: skip
def test_the_verdict_over_faults_is_one_sentence(trials: tuple[Trial, ...], last: str) -> None:
    assert explain.blame("p", trials).splitlines()[-1] == last


def test_trials_are_listed_with_what_they_came_to() -> None:
    trials = [replace(trial(1, "BROKEN"), time_ns=minutes(3)), trial(2, "holds")]
    assert explain.blame("p", trials).splitlines()[:3] == [
        "p, run again without one fault:",
        "  BROKEN at 3m  without 1. line 1",
        "  holds         without 2. line 2",
    ]


def test_a_story_is_a_page_that_keeps_what_matters() -> None:
    what = Counterexample("p", minutes(2), "it broke")
    steps = [
        Step(time_ns=n, who=f"a{n}", what="said", matters=n in {100, 101}) for n in range(200)
    ]
    page = explain.story(what, steps, everything=False)
    assert len(page.splitlines()) < PAGE + 10
    assert "a100: said" in page
    assert "a0: said" in page
    assert "a199: said" in page
    assert f"  {200 - PAGE} of 200 steps are left out; --all shows them." in page
    assert explain.story(what, steps, everything=True).count(": said") == 200


@pytest.mark.parametrize("columns", [80, 120])
def test_a_story_fits_the_terminal_with_its_texts_below_each_other(columns: int) -> None:
    long = " ".join(["entries"] * 30)
    what = Counterexample("p", minutes(2), f"r/z/az lacks {long}")
    steps = [Step(time_ns=n, who="r/z/az -> r/y/az", what=f"Append {long}") for n in range(3)]
    lines = explain.story(what, steps, everything=True, columns=columns).splitlines()
    assert max(map(len, lines)) <= columns
    first = next(at for at, line in enumerate(lines) if "r/z/az -> " in line)
    assert lines[first + 1].startswith(" " * lines[first].index("r/z/az") + "entries")
    whole = explain.story(what, steps, everything=True)
    assert whole.split() == " ".join(lines).split()


def test_the_story_of_a_missing_record_goes_on_to_what_befell_it(monkeypatch: Patch) -> None:
    publish = Ledger._publish

    def nothing(self: Ledger, now_ns: int) -> list[Effect]:
        held = bool(self._closed) and isinstance(self._closed[0], Held)
        return [
            Post(()) if held and isinstance(effect, Post) else effect
            for effect in publish(self, now_ns)
        ]

    monkeypatch.setattr(Ledger, "_publish", nothing)
    plan = Plan.parse([f"at 40s site-loss {AZ} for 20s"], FAULTS)
    what, _, steps = told(replace(STEADY, plan=plan), "audit-complete")
    assert what.time_ns < seconds(40)
    lines = explain.story(what, steps, everything=True).splitlines()
    ends = lines.index(next(line for line in lines if "here the call ends that it" in line))
    answer = lines.index(next(line for line in lines if ": ApiAnswer to request" in line))
    lost = lines.index(next(line for line in lines if f"{AZ}: fault begins: site-loss" in line))
    assert answer < ends < lost
    assert lines[-1].split() == ["at", "the", "end", "the", "promise", "is", "found", "broken"]


def test_steps_in_a_row_that_say_the_same_are_one_line() -> None:
    def crash(name: str) -> Step:
        return Step(time_ns=5, who=name, what="loses power", matters=True)

    folded = explain._folded([crash("r/z/a"), crash("r/z/b"), crash("r/y/c"), crash("r/y/c")])
    assert [(step.who, step.count) for step in folded] == [("r/z/a, b", 1), ("r/y/c", 2)]
    calls = [
        Step(time_ns=n, who="c -> r", what=f"calls X: {outcome}", outcome=outcome)
        for n, outcome in enumerate(("ok", "AccessDeniedException", "ok"))
    ]
    (row,) = explain._calls_counted(calls)
    assert row.what == "make 3 more calls: 2 ok, 1 AccessDeniedException"


@pytest.mark.parametrize(
    ("time_ns", "said"),
    [
        (0, "0:00:00.000000"),
        (3_723_000_004_000, "1:02:03.000004"),
        (-1_500_000_000, "-0:00:01.500000"),
        (100 * 3_600 * 10**9, "100:00:00.000000"),
    ],
)
def test_moments_are_told_to_the_microsecond(time_ns: int, said: str) -> None:
    assert explain.moment(time_ns) == said


def test_long_ids_are_found_and_shortened() -> None:
    key = "5dbe4b8e-3980-4475-a4d9-4695b17734d0"
    text = f"r/z/az does not describe key {key} of {'ab' * 32}"
    assert ids_in(text) == (key, "ab" * 32)
    assert shorten(text) == "r/z/az does not describe key 5dbe4b8e of abababab"


def test_a_frame_of_another_version_is_told_without_its_fields() -> None:
    codec = Codec(FRAMES)
    assert words(codec, b"\xc1") == ("?", "does not decode with the newest table")


def test_a_report_without_times_of_each_counterexample_still_names_the_first() -> None:
    promise = {"name": "p", "holds": False, "time_ns": 7, "detail": "it broke", "violations": []}
    held = {"name": "q", "holds": True}
    found = explain.counterexamples({"promises": [held, promise]})
    assert found == (Counterexample("p", 7, "it broke"),)


# The command.


@pytest.fixture
def small(monkeypatch: Patch, tmp_path: Any) -> Callable[[Plan], RunResult]:
    """Make and keep a run of two minutes in an empty current folder."""
    from scenarios import run_folder

    monkeypatch.chdir(tmp_path)

    def make(plan: Plan) -> RunResult:
        chosen = replace(scenario(), length_ns=minutes(2), plan=plan, settle_ns=minutes(1))
        chosen = replace(chosen, promises=("token-spread", "residency"))
        result = run(chosen, seed=1)
        run_folder.save(result, chosen, tmp_path)
        return result

    return make


def test_the_command_tells_the_story_and_names_the_fault(
    small: Any, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    forget(monkeypatch)
    small(Plan.parse([f"at 20s power-off {AZ} for 20s"]))
    assert main(["explain", "last"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{BROKEN} is broken, at ")
    assert out.endswith(f"Without 'at 20s power-off {AZ} for 20s' alone, {BROKEN} is not broken.\n")
    assert err == ""
    assert main(["explain", "last", "--quick", "--promise", BROKEN]) == 0
    assert "run again without" not in capsys.readouterr().out
    assert main(["explain", "last", "--promise", "residency"]) == 2
    assert "promise 'residency' is not broken in .nines/runs/" in capsys.readouterr().err


def test_a_run_that_broke_nothing_has_nothing_to_explain(
    small: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    small(Plan())
    assert main(["explain", "last"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("No promise of .nines/runs/")
    assert out.endswith(" is broken: there is nothing to explain.\n")


def test_a_run_that_is_not_there_is_an_error_of_one_line(
    monkeypatch: Patch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "last"]) == 2
    assert capsys.readouterr().err == (
        "nines: no run 'last'; expected one kept in .nines/runs by 'nines run'\n"
    )
