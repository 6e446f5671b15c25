"""Tells the story of a broken promise: the steps that led to it, and the fault without which not.

A run is made again with the same seed, which gives the same run, now with somebody who takes
notes; then once more without each fault of its plan.
What does not belong here: finding what matters (chain.py), and the command (commands/explain.py).
"""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scenarios import figures
from scenarios.chain import Counterexample, Happening, Suspects, call_of, happenings
from scenarios.frames import DELIVERED, Sent
from scenarios.recording import describe
from scenarios.result import RunResult
from scenarios.scenario import Scenario
from scenarios.wording import shorten, words
from sim.check.history import Call
from sim.plan import Plan
from sim.units import NS_PER_SECOND, NS_PER_US

#: Steps that are printed unless all are asked for; chosen: a page.
PAGE: Final = 40
#: Of those that are left out, how many hundredths of the page stand before the gap; chosen.
_BEFORE_GAP: Final = 40
#: Fewer calls in a row are told one by one; chosen.
_ROW_MIN: Final = 3
#: A line has room for at least so many letters behind its time; chosen.
_ROOM_MIN: Final = 30
#: Messages between an AZ and its HSMs while a call is served begin with this.
_TO_HSM: Final = "Hsm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the story."""

    time_ns: int  #: virtual time since the start of the run
    who: str  #: ``source -> target`` of a message, else whom it befell
    what: str
    count: int = 1  #: how many equal steps in a row this one stands for
    matters: bool = False  #: a fault, a crash, a loss: kept when a page is full
    outcome: str = ""  #: of a call that is told in one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one promise came to without one fault, or without any."""

    number: int  #: of the fault in the plan, from 1; 0 without any fault
    line: str
    word: str  #: a verdict
    time_ns: int | None = None  #: when it broke again


def counterexamples(report: Mapping[str, Any]) -> tuple[Counterexample, ...]:
    """Return the first counterexample of each broken promise of a JSON report, earliest first."""
    found = []
    for promise in report["promises"]:
        if promise["holds"]:
            continue
        first = (promise["time_ns"] or 0, promise["detail"])
        time_ns, text = (promise.get("violations") or [first])[0]
        found.append(Counterexample(promise["name"], time_ns, text))
    return tuple(sorted(found, key=lambda one: one.time_ns))


# Steps.


def steps(suspects: Suspects) -> tuple[Step, ...]:
    """Return the story that a finished run told to its observer, in order of time."""
    calls, told, kept = suspects.calls(), suspects.told(), happenings(suspects)
    found: list[Step] = []
    others: dict[str, Call] = {}
    for what in kept:
        call = call_of(what, calls) if isinstance(what, Sent) else None
        if call is not None and call.request_id not in told and call.outcome:
            others[call.request_id] = call  # One line stands for all of its messages.
        elif call is not None or not _inside_a_call(suspects, what):
            found.append(_step(suspects, what))
    found += [_call_step(suspects, call) for call in others.values()]
    found.sort(key=lambda step: step.time_ns)
    return _calls_counted(_folded(found))


def _inside_a_call(suspects: Suspects, what: Happening) -> bool:
    """Say whether a message is a part of some call, though no request id stands in it."""
    if not isinstance(what, Sent) or not suspects.carries(what):
        return False
    return suspects.codec.name(what.frame).startswith(_TO_HSM)


def _step(suspects: Suspects, what: Happening) -> Step:
    start_ns = suspects.recording.start_ns
    if not isinstance(what, Sent):
        who = what.subject
        return Step(time_ns=what.time_ns - start_ns, who=who, what=describe(what), matters=True)
    name, about = words(suspects.codec, what.frame)
    fate = "" if what.fate == DELIVERED else f" - {what.fate}"
    return Step(
        time_ns=what.sent_ns - start_ns,
        who=f"{what.source} -> {what.target}",
        what=f"{name} {about}".rstrip() + fate,
        matters=bool(fate),
    )


def _call_step(suspects: Suspects, call: Call) -> Step:
    return Step(
        time_ns=call.begin_ns - suspects.recording.start_ns,
        who=f"{call.caller} -> {call.place}",
        what=f"calls {call.action}: {call.outcome}",
        matters=not call.served,
        outcome=call.outcome,
    )


def _folded(found: Sequence[Step]) -> list[Step]:
    """Return steps with runs of like ones made one: the same again, or the same to neighbours."""
    folded: list[Step] = []
    for step in found:
        last = folded[-1] if folded else None
        if last is None or last.what != step.what:
            folded.append(step)
        elif last.who == step.who:
            folded[-1] = replace(last, count=last.count + 1)
        elif last.time_ns == step.time_ns and (who := _together(last.who, step.who)):
            folded[-1] = replace(last, who=who)
        else:
            folded.append(step)
    return folded


def _together(one: str, other: str) -> str:
    """Return ``place/a, b`` of two actors of one place; nothing when they are none."""
    place, _, name = other.rpartition("/")
    if "->" in one or "->" in other or not one.startswith(f"{place}/") or not place:
        return ""
    return f"{one}, {name}"


def _calls_counted(found: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps with calls in a row that were served counted in one line."""
    told: list[Step] = []
    row: list[Step] = []
    for step in (*found, None):
        if step is not None and step.outcome and not step.matters:
            row.append(step)
            continue
        told += row if len(row) < _ROW_MIN else [_counted(row)]
        row = []
        if step is not None:
            told.append(step)
    return tuple(told)


def _counted(row: Sequence[Step]) -> Step:
    outcomes: Counter[str] = Counter()
    for step in row:
        outcomes[step.outcome] += step.count
    said = ", ".join(f"{figures.count(n)} {name}" for name, n in outcomes.most_common())
    total = figures.count(outcomes.total())
    return Step(time_ns=row[0].time_ns, who="callers", what=f"make {total} more calls: {said}")


# Trials.


def without(scenario: Scenario, number: int) -> Scenario:
    """Return a scenario without one fault of its plan, counted from 1; without all for 0."""
    lines = scenario.plan.lines
    kept = (line for at, line in enumerate(lines, start=1) if number not in {0, at})
    return replace(scenario, plan=Plan(tuple(kept)))


def trial(scenario: Scenario, number: int, promise: str, result: RunResult) -> Trial:
    """Return what a run without one fault says of a promise."""
    verdict = next(v for v in result.promises if v.name == promise)
    line = str(scenario.plan.lines[number - 1]) if number else "any fault"
    return Trial(number=number, line=line, word=verdict.word, time_ns=verdict.time_ns)


# Text.


def moment(time_ns: int) -> str:
    """Return a time to the microsecond, as ``1:02:03.000004``; before the start it is negative."""
    sign, rest = ("-", -time_ns) if time_ns < 0 else ("", time_ns)
    total, fraction = divmod(rest, NS_PER_SECOND)
    minutes, second = divmod(total, 60)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour}:{minute:02}:{second:02}.{fraction // NS_PER_US:06}"


def story(
    what: Counterexample, found: Sequence[Step], *, everything: bool, columns: int = 0
) -> str:
    """Return the steps as numbered lines, at most a page of them unless all are asked for.

    Args:
      columns: lines longer than this go on below their text; 0: none is broken.
    """
    shown = [(number, step) for number, step in enumerate(found, start=1)]
    gap = 0
    if not everything and len(shown) > PAGE:
        shown, gap = _page(shown)
    width = max((len(moment(step.time_ns)) for _, step in shown), default=0)
    rows: list[tuple[str, str, str]] = []  #: number, time, text
    previous, ended = 0, not what.judged_later
    for number, step in shown:
        if number > previous + 1:
            rows.append(("", "", f"... {number - previous - 1} steps left out"))
        previous = number
        if not ended and step.time_ns > what.time_ns:
            rows.append(("", moment(what.time_ns), "here the call ends that it is about"))
            ended = True
        times = f" ({step.count} times)" if step.count > 1 else ""
        said = f"{shorten(step.who)}: {step.what}{times}"
        rows.append((str(number), moment(step.time_ns), said))
    if not ended:
        rows.append(("", moment(what.time_ns), "here the call ends that it is about"))
    last = ("", "at the end", "the promise is found broken")
    if not what.judged_later:
        last = ("", moment(what.time_ns), "here the promise is found broken")
    rows.append(last)
    lines = [f"{what.promise} is broken, at {figures.span(what.time_ns)}:"]
    lines += _hung("  ", what.text, columns)
    lines += ["", "What led to it, as far as messages tell:"]
    for place, time, said in rows:
        lines += _hung(f"  {place:>4} {time:>{width}}  ", said, columns)
    if gap:
        lines.append(f"  {gap} of {len(found)} steps are left out; --all shows them.")
    return "\n".join(lines) + "\n"


def _hung(head: str, text: str, columns: int) -> list[str]:
    """Return a text behind its head, in lines of so many columns; names are never broken."""
    if not columns:
        return [f"{head}{text}"]
    return textwrap.wrap(
        text,
        width=max(columns, len(head) + _ROOM_MIN),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _page(shown: list[tuple[int, Step]]) -> tuple[list[tuple[int, Step]], int]:
    """Return a page of steps: first what matters, then the rest from both ends."""
    matters = [row for row in shown if row[1].matters]
    if len(matters) > PAGE // 2:
        half = PAGE // 4
        matters = matters[:half] + matters[-half:]
    room = PAGE - len(matters)
    rest = [row for row in shown if not row[1].matters]
    head = room * _BEFORE_GAP // 100
    tail = room - head
    kept = {number for number, _ in (*matters, *rest[:head], *rest[-tail:])}
    # A line that says that one step is left out is as long as the step.
    kept |= {number for number, _ in shown if {number - 1, number + 1} <= kept}
    return [row for row in shown if row[0] in kept], len(shown) - len(kept)


def blame(promise: str, trials: Sequence[Trial]) -> str:
    """Return which fault the promise breaks by, one line for each that was left out."""
    if not trials:
        return f"No fault was injected: {promise} breaks without any.\n"
    lines = [f"{promise}, run again without one fault:"]
    said = {
        one: one.word + (f" at {figures.span(one.time_ns)}" if one.time_ns is not None else "")
        for one in trials
    }
    width = max(map(len, said.values()))
    lines += [
        f"  {said[one]:<{width}}  without {f'{one.number}. ' if one.number else ''}{one.line}"
        for one in trials
    ]
    single = [one for one in trials if one.number]
    saved = [one for one in single if one.word != "BROKEN"]
    if len(saved) == 1:
        lines.append(f"Without {saved[0].line!r} alone, {promise} is not broken.")
    elif saved:
        lines.append(f"Each of these {len(saved)}, removed alone, keeps {promise} from breaking.")
    elif any(one.number == 0 and one.word == "BROKEN" for one in trials):
        lines.append(f"No fault is to blame: {promise} breaks without any of them.")
    else:
        lines.append(f"No single fault is to blame: {promise} breaks without each one of them.")
    return "\n".join(lines) + "\n"
