"""``nines audit``: who used which key, what is unusual, and what was changed.

What does not belong here: the answers (scenarios/audit/), and how each is printed
(scenarios/audit/answers.py).
"""

import sys
from typing import Any, Final

import click

from scenarios.commands.shared import InputError, Load

#: Options that each ask another question; the report answers when there is none of them.
_QUESTIONS: Final = (
    "sql",
    "detect",
    "unused",
    "unusual_regions",
    "changes",
)


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
@click.option("--unusual-regions", is_flag=True,
              help="Only calls in regions that were idle before; the exit status is 1 when there"
                   " are some.")
@click.option("--watch-from", metavar="TIME", default="",
              help="Judge what is unusual from this time on, by what was before; by default from"
                   " half way between the first and the last record.")
@click.option("--unused", is_flag=True, help="Keys that nobody used lately, or ever.")
@click.option("--days", type=click.IntRange(1, 36_500), metavar="N",
              help="With --unused: how long is lately; by default 90.")
@click.option("--keys", "key_file", metavar="FILE", default="",
              help="With --unused: judge these keys, as `aws kms list-keys` prints them or one a"
                   " line; by default all that records name.")
@click.option("--changes", metavar="NAME", default="",
              help="What was changed of a key or trail, by ARN, id, alias or name: a timeline with"
                   " before and after.")
@click.option("--sql", metavar="QUERY", default="",
              help="Ask the table `events`, whose columns are the members of records; needs the"
                   " extra `query`.")
@click.option("--json", "as_json", is_flag=True,
              help="One JSON object; with --sql, one for each row.")
@click.option("--csv", "as_csv", is_flag=True,
              help="One CSV line for each use of a key, or for each row.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.pass_obj
def command(load: Load, /, source: str, *, quiet: bool, **options: Any) -> int:
    """Say who used which key, when, for what, and what was refused.

    SOURCE is any folder of CloudTrail .json or .json.gz files, a kept run (its folder, the first
    digits of its name, or `last`), or s3://BUCKET/PREFIX. A run that kept no log files is made
    again. What cannot be read is named and counted.
    """
    from scenarios import log_sources  # noqa: PLC0415 - `nines --help` need not wait
    from scenarios.audit import answers, moments  # noqa: PLC0415 - the same

    asked = [name for name in _QUESTIONS if options[name]]
    _check(options, asked)
    try:
        for moment in ("since", "until", "watch_from"):
            options[moment] = moments.parse_moment(options[moment]) if options[moment] else ""
        shown = not quiet and sys.stderr.isatty()
        files = log_sources.open_source(load, source, shown=shown)
        answer = answers.Asked(source=source, files=files, shown=shown, options=options)
        return answers.ANSWERS[asked[0] if asked else "report"](answer)
    except (moments.MomentError, answers.AnswerError) as error:
        raise InputError(str(error)) from error


def _check(options: dict[str, Any], asked: list[str]) -> None:
    """Refuse options that exclude each other, or say nothing without another one."""
    names = [f"--{name.replace('_', '-')}" for name in asked]
    if len(names) > 1:
        raise InputError(f"{' and '.join(names)} exclude each other; expected one of them")
    if options["as_json"] and options["as_csv"]:
        raise InputError("--json and --csv exclude each other; expected one of them")
    if asked not in ([], ["sql"]) and options["as_csv"]:
        raise InputError(f"{names[0]} gives no CSV; expected --json, or neither")
    for name, option in (("days", "--days"), ("key_file", "--keys")):
        if options[name] and asked != ["unused"]:
            raise InputError(f"{option} goes with --unused; expected it as well")
