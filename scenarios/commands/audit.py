"""``nines audit``: who used which key, what is unusual, and what was changed.

What does not belong here: the answers (scenarios/audit/).
"""

import dataclasses
import json
import sys
from collections.abc import Callable
from typing import Any

import click

from scenarios.commands.shared import (
    PROMISE_BROKEN,
    PROMISES_HOLD,
    InputError,
    Load,
    terminal_columns,
    write,
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    source: str
    keys: tuple[str, ...]
    since: str
    until: str
    watch_from: str
    listed: bool
    as_json: bool
    as_csv: bool
    shown: bool  #: a bar


@click.command("audit", short_help="Say who used which key, from CloudTrail files.")
@click.argument("source", metavar="SOURCE")
@click.option("--key", "keys", multiple=True, metavar="KEY",
              help="Only this key: ARN, id or alias; with every use in detail. May be repeated.")
@click.option("--from", "since", metavar="TIME", default="",
              help="From this time on, in UTC, such as 2026-01-31 or 2026-01-31T12:00.")
@click.option("--to", "until", metavar="TIME", default="", help="Before this time.")
@click.option("--list", "listed", is_flag=True, help="Every use in detail, of every key.")
@click.option("--detect", is_flag=True,
              help="Only what deserves a look; the exit status is 1 when there is something.")
@click.option("--watch-from", metavar="TIME", default="",
              help="Judge what is unusual from this time on, by what was before; by default from"
                   " half way between the first and the last record.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="One CSV line for each use of a key.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.pass_obj
def command(
    load: Load,
    source: str,
    keys: tuple[str, ...],
    since: str,
    until: str,
    listed: bool,
    detect: bool,
    watch_from: str,
    as_json: bool,
    as_csv: bool,
    quiet: bool,
) -> int:
    """Say who used which key, when, for what, and what was refused.

    SOURCE is any folder of CloudTrail .json or .json.gz files, a kept run (its folder, the first
    digits of its name, or `last`), or s3://BUCKET/PREFIX. A run that kept no log files is made
    again. What cannot be read is named and counted.
    """
    from scenarios import log_sources  # noqa: PLC0415 - the same
    from scenarios.audit import moments  # noqa: PLC0415 - `nines --help` need not wait

    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other; expected one of them")
    try:
        asked = Asked(
            source=source,
            keys=keys,
            since=moments.parse_moment(since) if since else "",
            until=moments.parse_moment(until) if until else "",
            watch_from=moments.parse_moment(watch_from) if watch_from else "",
            listed=listed,
            as_json=as_json,
            as_csv=as_csv,
            shown=not quiet and sys.stderr.isatty(),
        )
        files = log_sources.open_source(load, source, shown=asked.shown)
        if detect:
            return _detect(files, asked)
        return _report(files, asked)
    except moments.MomentError as error:
        raise InputError(str(error)) from error


def _report(files: list[Any], asked: Asked) -> int:
    """Print who used which key, and what deserves a look."""
    from scenarios.audit import show, values  # noqa: PLC0415
    from scenarios.audit.uses import Question, UseBook  # noqa: PLC0415

    details = bool(asked.keys) or asked.listed or asked.as_json or asked.as_csv
    question = Question(keys=asked.keys, since=asked.since, until=asked.until, details=details)
    book = UseBook(question)
    watch = None if asked.as_csv else _watch(files, asked)
    tally = _collect(files, asked, [book] if watch is None else [book, watch])
    keys = book.keys()
    if asked.as_csv:
        write(values.uses_csv(keys))
        return PROMISES_HOLD
    assert watch is not None
    findings = watch.findings()
    if asked.as_json:
        found = values.report(asked.source, question, tally, keys, findings)
        write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return PROMISES_HOLD

    def page(console: Any) -> None:
        show.records(console, asked.source, tally)
        show.keys(console, question, keys)
        if not asked.keys:
            show.findings(console, findings, watch.period.watch_from)

    _print(page)
    return PROMISES_HOLD


def _detect(files: list[Any], asked: Asked) -> int:
    """Print what deserves a look."""
    from scenarios.audit import show, values  # noqa: PLC0415

    watch = _watch(files, asked)
    tally = _collect(files, asked, [watch])
    findings = watch.findings()
    if asked.as_json:
        found = {
            "source": asked.source,
            "watch_from": watch.period.watch_from,
            "read": values.read(tally),
            "findings": [dataclasses.asdict(one) for one in findings],
        }
        write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    else:

        def page(console: Any) -> None:
            show.records(console, asked.source, tally)
            show.findings(console, findings, watch.period.watch_from)

        _print(page)
    return PROMISE_BROKEN if findings else PROMISES_HOLD


def _watch(files: list[Any], asked: Asked) -> Any:
    """Return what judges records, and from when on."""
    from scenarios.audit.collect import span_of  # noqa: PLC0415
    from scenarios.audit.detections.detection import Period  # noqa: PLC0415
    from scenarios.audit.watch import Watch, half_way  # noqa: PLC0415

    return Watch(Period(watch_from=asked.watch_from or half_way(*span_of(files))))


def _collect(files: list[Any], asked: Asked, seers: list[Any]) -> Any:
    from scenarios import progress  # noqa: PLC0415
    from scenarios.audit.collect import collect  # noqa: PLC0415

    with progress.counter("audit", "files", shown=asked.shown) as advance:
        return collect(files, seers, advance)


def _print(page: Callable[[Any], None]) -> None:
    from rich.console import Console  # noqa: PLC0415

    from scenarios import layout  # noqa: PLC0415

    if terminal_columns():
        page(Console(**layout.CONSOLE_OPTIONS))
    else:
        write(layout.as_text(page))
