"""``nines validate-logs``: whether log files are what a trail delivered, and all of it.

What does not belong here: the verdicts (scenarios/log_chain.py), and where files are (log_folder.py
and log_service.py).
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from scenarios.commands.shared import PROMISES_HOLD, InputError, Load, write

if TYPE_CHECKING:
    from scenarios.log_chain import Question

INVALID: Final = 1


class Moment(click.ParamType[int]):
    """A time, in seconds since 1970."""

    name = "time"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> int:
        """Return the second of a text."""
        if isinstance(value, int):
            return value
        try:
            found = datetime.fromisoformat(value)
            return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            raise InputError(
                f"time {value!r} is not a time; expected one such as 2026-01-01T00:00:00Z"
            ) from None


@click.command("validate-logs", short_help="Check the digests and log files of a trail.")
@click.argument("source", metavar="DIR_RUN_OR_TRAIL_ARN")
@click.option("--public-keys", multiple=True, metavar="FILE",
              type=click.Path(path_type=Path, dir_okay=False),
              help="With DIR: what 'aws cloudtrail list-public-keys' printed; may be given again.")
@click.option("--from", "since", type=Moment(), default=0, metavar="TIME",
              help="Only digests of hours that end then or later.")
@click.option("--to", "until", type=Moment(), metavar="TIME",
              help="Up to then there must be digests, and later ones are left out.")
@click.option("--region", metavar="REGION",
              help="With TRAIL_ARN: whose files; by default the trail's home region.")
@click.option("--verbose", is_flag=True, help="Name valid files too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(
    load: Load,
    source: str,
    public_keys: tuple[Path, ...],
    since: int,
    until: int | None,
    region: str | None,
    verbose: bool,
    as_json: bool,
) -> int:
    """Follow the digests of a trail back in time and check them and every log file they name.

    DIR is a folder of files as 'aws s3 sync' copies them from a trail's bucket. The signature of a
    digest is read from FILE.head.json beside it ('aws s3api head-object'), or else from the digest
    after it. With TRAIL_ARN the service itself is asked, as the environment says (AWS_ENDPOINT_URL
    and so on). With RUN, a kept run or `last`, the run is made again, and its buckets are read.

    The verdicts are those of 'aws cloudtrail validate-logs'. Also found are digests that are
    missing at the end, or one behind the other, and hashes that two digests tell differently. Log
    files that no digest names are listed.

    Exit status: 0 when nothing is invalid, 1 when something is, 2 for bad input.
    """
    from scenarios import log_chain, log_report  # noqa: PLC0415 - see __main__.py
    from scenarios.log_folder import FolderError  # noqa: PLC0415 - the same
    from scenarios.log_service import ServiceFailure  # noqa: PLC0415 - the same

    if until is not None and since > until:
        raise InputError(
            f"time range from {log_report.moment(since)} to {log_report.moment(until)}: "
            "expected --from before --to"
        )
    try:
        if source.startswith("arn:"):
            question = _of_service(source, public_keys, since, until, region)
        elif _is_run(source):
            if public_keys or region is not None:
                raise InputError("a run has its own keys and regions; expected no --public-keys"
                                 " and no --region")
            question = _of_run(load, source, since, until, shown=not as_json)
        else:
            question = _of_folder(source, public_keys, since, until, region)
        answer = log_chain.validate(question)
    except (FolderError, ServiceFailure) as error:
        raise InputError(str(error)) from error
    if not answer.reports:
        raise InputError(f"{source!r} has no digest files in that time; so nothing was checked")
    if as_json:
        write(json.dumps(log_report.as_object(answer), indent=2) + "\n")
    else:
        write("".join(f"{line}\n" for line in log_report.as_lines(answer, verbose=verbose)))
    return PROMISES_HOLD if answer.valid else INVALID


def _of_folder(
    source: str, public_keys: tuple[Path, ...], since: int, until: int | None, region: str | None
) -> "Question":
    from scenarios.log_chain import Question  # noqa: PLC0415 - see __main__.py
    from scenarios.log_folder import FolderObjects  # noqa: PLC0415 - the same

    if region is not None:
        raise InputError("--region goes with the ARN of a trail; a folder is checked whole")
    keys = _read_keys(public_keys) if public_keys else None
    return Question(objects=FolderObjects(Path(source)), keys=keys, since=since, until=until)


def _is_run(source: str) -> bool:
    from scenarios.log_sources import kept_run  # noqa: PLC0415 - see __main__.py

    return kept_run(source) is not None


def _of_run(load: Load, source: str, since: int, until: int | None, *, shown: bool) -> "Question":
    from scenarios.log_run import ChainKeeper  # noqa: PLC0415 - see __main__.py
    from scenarios.log_sources import made_again  # noqa: PLC0415 - the same

    keeper = ChainKeeper()
    made_again(load, source, keeper, shown=shown and sys.stderr.isatty())
    return keeper.question(since, until)


def _of_service(
    arn: str, public_keys: tuple[Path, ...], since: int, until: int | None, region: str | None
) -> "Question":
    from scenarios.log_service import ask  # noqa: PLC0415 - see __main__.py

    if public_keys:
        raise InputError("--public-keys goes with a folder; with the ARN of a trail keys are asked")
    return ask(arn, since=since, until=until, region=region)


def _read_keys(paths: tuple[Path, ...]) -> dict[str, bytes]:
    from scenarios.log_signature import NotKeys, read_key_list  # noqa: PLC0415 - see __main__.py

    keys: dict[str, bytes] = {}
    for path in paths:
        try:
            keys |= read_key_list(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"file {str(path)!r} cannot be read: {error.strerror}") from error
        except (NotKeys, UnicodeDecodeError) as error:
            raise InputError(
                f"file {str(path)!r}: expected JSON as 'aws cloudtrail list-public-keys' prints it"
            ) from error
    return keys
