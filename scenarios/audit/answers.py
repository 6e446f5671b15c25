"""The questions of ``nines audit`` and how each is answered and printed; ANSWERS is the table.

What does not belong here: finding the answers (uses.py, watch.py, unused.py, changes.py and so
on), and what the command line takes (scenarios/commands/audit.py).
"""

import dataclasses
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from scenarios import layout, progress
from scenarios.audit import show, values
from scenarios.audit.changes import ChangeBook
from scenarios.audit.collect import Seer, collect, span_of
from scenarios.audit.detections.detection import Period
from scenarios.audit.detections.idle_region import IdleRegion
from scenarios.audit.reader import LogFile, Tally
from scenarios.audit.unused import DAYS, KeyListError, UnusedKeys, key_list
from scenarios.audit.uses import Question, UseBook
from scenarios.audit.watch import Watch, half_way
from scenarios.commands.shared import complain, terminal_columns, write

#: Exit status: nothing, or something, that deserves a look.
NOTHING, SOMETHING = 0, 1
#: Columns of a table of rows for a file or a pipe; chosen: more than rows have.
_WIDE: Final = 10_000


class AnswerError(ValueError):
    """A question that cannot be answered as it was asked; one line."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks of which files."""

    source: str
    files: list[LogFile]
    shown: bool  #: a bar
    options: dict[str, Any]

    def read(self, *seers: Seer) -> Tally:
        """Show every record to everybody, with a bar."""
        with progress.counter("audit", "files", shown=self.shown) as advance:
            return collect(self.files, seers, advance)

    @property
    def period(self) -> Period:
        """The time that is judged."""
        given: str = self.options["watch_from"]
        return Period(watch_from=given or half_way(*span_of(self.files)))


def _report(asked: Asked) -> int:
    """Print who used which key, and what deserves a look."""
    options = asked.options
    question = Question(
        keys=options["keys"],
        since=options["since"],
        until=options["until"],
        details=bool(options["keys"] or options["listed"]) or options["as_json"]
        or options["as_csv"],
    )
    book = UseBook(question)
    if options["as_csv"]:
        asked.read(book)
        write(values.uses_csv(book.keys()))
        return NOTHING
    watch = Watch(asked.period)
    tally = asked.read(book, watch)
    keys, findings = book.keys(), watch.findings()
    if options["as_json"]:
        _write_json(values.report(asked.source, question, tally, keys, findings))
        return NOTHING

    def page(console: Console) -> None:
        show.records(console, asked.source, tally)
        show.keys(console, question, keys)
        if not question.keys:
            show.findings(console, findings, watch.period.watch_from)

    _print(page)
    return NOTHING


def _detect(asked: Asked) -> int:
    """Print what deserves a look."""
    watch = Watch(asked.period)
    return _judged(asked, watch, asked.read(watch))


def _unusual_regions(asked: Asked) -> int:
    """Print which regions were busy, and which calls were made in the others."""
    watch = Watch(asked.period, [IdleRegion.name])
    tally = asked.read(watch)
    (detection,) = watch.detections
    assert isinstance(detection, IdleRegion)
    return _judged(asked, watch, tally, detection.busy)


def _judged(
    asked: Asked, watch: Watch, tally: Tally, busy: dict[str, int] | None = None
) -> int:
    findings = watch.findings()
    since = watch.period.watch_from
    if asked.options["as_json"]:
        found = {"source": asked.source, "watch_from": since, "read": values.read(tally)}
        if busy is not None:
            found["busy_regions"] = dict(sorted(busy.items()))
        _write_json(found | {"findings": [dataclasses.asdict(one) for one in findings]})
    else:

        def page(console: Console) -> None:
            show.records(console, asked.source, tally)
            if busy is not None:
                show.regions(console, busy, since)
            show.findings(console, findings, since)

        _print(page)
    return SOMETHING if findings else NOTHING


def _unused(asked: Asked) -> int:
    """Print the keys that nobody used lately."""
    days = asked.options["days"] or DAYS
    try:
        listed = key_list(Path(asked.options["key_file"])) if asked.options["key_file"] else []
    except KeyListError as error:
        raise AnswerError(str(error)) from error
    keys = UnusedKeys()
    tally = asked.read(keys)
    found = keys.unused(asked.options["until"] or tally.last, days, listed)
    if asked.options["as_json"]:
        rows = [dataclasses.asdict(one) for one in found]
        _write_json({"source": asked.source, "days": days, "read": values.read(tally),
                     "unused": rows})
    else:

        def page(console: Console) -> None:
            show.records(console, asked.source, tally)
            show.unused(console, found, days, tally)

        _print(page)
    return NOTHING


def _changes(asked: Asked) -> int:
    """Print what was changed of a key or trail."""
    book = ChangeBook(asked.options["changes"])
    tally = asked.read(book)
    question = Question(since=asked.options["since"], until=asked.options["until"])
    found = [one for one in book.changes() if question.covers(one.time)]
    if asked.options["as_json"]:
        rows = [dataclasses.asdict(one) for one in found]
        _write_json({"source": asked.source, "name": book.name, "read": values.read(tally),
                     "changes": rows})
    else:

        def page(console: Console) -> None:
            show.records(console, asked.source, tally)
            show.changes(console, book.name, found)

        _print(page)
    return NOTHING


def _query(asked: Asked) -> int:
    """Print the answer to a query."""
    try:
        import duckdb  # noqa: F401, PLC0415 - of an extra
    except ImportError as error:
        raise AnswerError(
            "--sql needs duckdb, which is not installed; expected"
            " pip install 'elevennines[query]'"
        ) from error
    from scenarios.audit import tabular  # noqa: PLC0415 - the report does without
    from scenarios.audit.database import Database, QueryError  # noqa: PLC0415 - the same

    with Database() as database:
        with progress.counter("loading", "files", shown=asked.shown) as advance:
            tally = database.load(asked.files, advance)
        try:
            answer = database.ask(asked.options["sql"])
            if asked.options["as_json"]:
                for line in tabular.json_of(answer.columns, answer.documents, answer.rows):
                    write(line)
            elif asked.options["as_csv"]:
                for line in tabular.csv_of(answer.columns, answer.rows):
                    write(line)
            else:
                _print(partial(tabular.show, columns=answer.columns, rows=answer.rows), wide=True)
        except QueryError as error:
            raise AnswerError(str(error)) from error
    # What was not read is said beside the rows, which others may count.
    for problem in tally.problems:
        complain(f"warning: {problem.file}: {problem.what}")
    return NOTHING


def _write_json(found: dict[str, Any]) -> None:
    write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def _print(page: Callable[[Console], None], *, wide: bool = False) -> None:
    """Print a page; a ``wide`` one keeps its lines whole where no terminal folds them."""
    if terminal_columns():
        page(Console(**layout.CONSOLE_OPTIONS))
    else:
        write(layout.as_text(page, width=_WIDE) if wide else layout.as_text(page))


#: Question -> how it is answered; the exit status is returned.
ANSWERS: Final[dict[str, Callable[[Asked], int]]] = {
    "report": _report,
    "sql": _query,
    "detect": _detect,
    "unused": _unused,
    "unusual_regions": _unusual_regions,
    "changes": _changes,
}
