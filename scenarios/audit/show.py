"""Audits as a text for people: what was read, per key who used it, and what deserves a look.

What does not belong here: the same for programs (values.py).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from scenarios import figures
from scenarios.audit.changes import Change
from scenarios.audit.detections.detection import HIGH, MEDIUM, Finding, many
from scenarios.audit.event import seconds_of
from scenarios.audit.key_changes import ABSENT
from scenarios.audit.reader import Tally
from scenarios.audit.unused import Unused
from scenarios.audit.uses import Count, KeyUses, Question, Use
from scenarios.layout import clean, heading, indent, line, table, title

#: Problems that the text names; the JSON has them all. Chosen: half a screen.
_PROBLEMS: Final = 10
#: Letters of before and after that still stand in one line; chosen.
_BESIDE: Final = 70
_STYLE: Final = {HIGH: "bold red", MEDIUM: "yellow"}


def records(console: Console, source: str, tally: Tally) -> None:
    """Print what was read, and what was not."""
    title(console, f"Records of {source}")
    count = f"{figures.count(tally.records)} records in {figures.count(tally.files)} files"
    line(console, f"{count}, {tally.first} to {tally.last}" if tally.first else count)
    if tally.repeated:
        line(console, f"{figures.count(tally.repeated)} came again and were counted once")
    if tally.digests:
        line(console, f"{figures.count(tally.digests)} digest files left out")
    if tally.problems:
        number = len(tally.problems)
        line(console, f"{figures.count(number)} could not be read, so this is not all:")
        for problem in tally.problems[:_PROBLEMS]:
            _long(console, f"    {problem.file}: {problem.what}")
        if number > _PROBLEMS:
            _long(console, f"    and {number - _PROBLEMS} more; --json names them all")


def keys(console: Console, question: Question, found: Sequence[KeyUses]) -> None:
    """Print an overview of some keys, and of each who used it."""
    if not found:
        wanted = ", ".join(question.keys)
        between = f" from {question.since}" if question.since else ""
        between += f" before {question.until}" if question.until else ""
        heading(console, f"No record{between} is of a use of {wanted or 'any key'}.")
    if len(found) > 1:
        heading(console, f"Keys: {figures.count(len(found))}")
        overview = table(
            ("key", "left"), ("accepted", "right"), ("refused", "right"), ("last use", "right")
        )
        for one in found:
            total = one.total
            overview.add_row(
                clean(one.aliases[0] if one.aliases else one.key.partition(":key/")[2] or one.key),
                figures.count(total.accepted),
                figures.count(total.refused),
                total.last,
            )
        indent(console, overview)
    for one in found:
        _key(console, one)


def _key(console: Console, one: KeyUses) -> None:
    _subject(console, one.key)
    if one.aliases:
        line(console, f"known as {', '.join(one.aliases)}")
    total = one.total
    line(
        console,
        f"{figures.count(total.accepted)} accepted, {figures.count(total.refused)}"
        f" refused, {total.first} to {total.last}",
    )
    before = ("", "")
    rows: list[tuple[str, Count]] = []
    for (actor, via, operation), count in sorted(one.by_whom.items()):
        if (actor, via) != before:
            _principal(console, before, rows)
            before, rows = (actor, via), []
        rows.append((operation, count))
    _principal(console, before, rows)
    _failures(console, one)
    for use in one.uses:
        _long(console, f"  {described(use)}")


def _principal(console: Console, who: tuple[str, str], rows: Sequence[tuple[str, Count]]) -> None:
    if not rows:
        return
    actor, via = who
    _long(console, f"  {actor}{through(via)}")
    # Two columns deeper than what it belongs to.
    made = table(
        ("  operation", "left"),
        ("accepted", "right"),
        ("refused", "right"),
        ("first", "right"),
        ("last", "right"),
    )
    for operation, count in rows:
        made.add_row(
            f"  {clean(operation)}",
            figures.count(count.accepted),
            figures.count(count.refused),
            count.first,
            count.last,
        )
    indent(console, made)


def _failures(console: Console, one: KeyUses) -> None:
    if not one.failures:
        return
    line(console, "refused")
    for (actor, operation, error), count in sorted(one.failures.items()):
        times = f"{figures.count(count.refused)} x {error}, last {count.last}"
        _long(console, f"    {operation} by {actor}: {times}")
        if count.message:
            _long(console, f"      {count.message}")


def described(use: Use) -> str:
    """Return one use in one line."""
    words = [use.time, use.operation, use.error or "ok", use.principal + through(use.via)]
    if use.address and use.address != use.via:
        words.append(f"from {use.address}")
    if use.context:
        pairs = (f"{name}={value}" for name, value in sorted(use.context.items()))
        words.append(f"with {', '.join(pairs)}")
    return "  ".join(words)


def through(via: str) -> str:
    """Return the service that called for a principal, as words to be appended."""
    return f", through {via}" if via else ""


def findings(console: Console, found: Sequence[Finding], watch_from: str) -> None:
    """Print what deserves a look."""
    heading(console, f"What deserves a look: {len(found) or 'nothing'}")
    if watch_from:
        line(console, f"judged from {watch_from}; what was before shows what is usual")
    for one in found:
        when = one.first if one.first == one.last else f"{one.first} to {one.last}"
        head = Text(f"  {one.severity:6} ", style=_STYLE.get(one.severity, ""))
        head.append(clean(f"{one.detection}: {one.text}"), style="default")
        console.print(head, soft_wrap=True)
        _long(console, f"         {one.who}, {one.region}, {when}")
        if one.subject:
            _long(console, f"         {one.subject}")


def _subject(console: Console, arn: str) -> None:
    """Print an empty line and an ARN as a title that stays whole."""
    console.print()
    console.print(Text(clean(arn), style="bold"), soft_wrap=True)


def _long(console: Console, text: str) -> None:
    """Print one line that stays whole, so that it can be searched and copied."""
    console.print(Text(clean(text)), soft_wrap=True)


def regions(console: Console, busy: Mapping[str, int], watch_from: str) -> None:
    """Print which regions were busy before the time that is judged."""
    heading(console, f"Regions that were busy before {watch_from or 'any record'}")
    known = [f"{name} ({many(n, 'call')})" for name, n in sorted(busy.items())]
    line(console, ", ".join(known) or "none: nothing is known to be usual or unusual")


def unused(console: Console, found: Sequence[Unused], days: int, tally: Tally) -> None:
    """Print keys without a use."""
    heading(console, f"Keys without a use in {days} days before {tally.last or 'now'}:"
                     f" {len(found) or 'none'}")
    if tally.first and seconds_of(tally.last) - seconds_of(tally.first) < days * 86_400:
        line(console, f"records begin at {tally.first}; what was before is not known")
    for one in found:
        _long(console, f"  {one.key}")
        words = [", ".join(one.aliases), one.state, f"made {one.made}" if one.made else ""]
        words.append(f"last used {one.last}, {one.idle_days} days ago" if one.last
                     else "no use in these records")
        _long(console, f"    {', '.join(word for word in words if word)}")


def changes(console: Console, name: str, found: Sequence[Change]) -> None:
    """Print the configuration history of a key or trail."""
    subject = ""
    if not found:
        heading(console, f"No record tells of a change of {name}.")
    for one in sorted(found, key=lambda one: one.subject):
        if one.subject != subject:
            subject = one.subject
            _subject(console, subject)
        refused = f"  refused: {one.error}" if one.error else ""
        where = f" from {one.address}" if one.address and one.address != one.via else ""
        _long(console, f"  {one.time}  {one.event}  by {one.who}{through(one.via)}{where}{refused}")
        for what, before, after in one.values:
            was, now = shown(before), shown(after)
            if before == ABSENT:
                _long(console, f"    {what}: {now}")
            elif len(was) + len(now) > _BESIDE:
                _long(console, f"    {what}")
                _long(console, f"      before  {was}")
                _long(console, f"      after   {now}")
            else:
                _long(console, f"    {what}: {was} -> {now}")


def shown(value: object) -> str:
    """Return a value of a setting as people read it."""
    if value is None:
        return "unknown"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
