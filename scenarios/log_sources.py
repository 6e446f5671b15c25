"""What commands that read CloudTrail files take as SOURCE: a folder, a kept run, or a bucket.

What does not belong here: reading the files (scenarios/audit/reader.py).
"""

import sys
from pathlib import Path
from typing import Any, Final

from scenarios.audit import setup
from scenarios.audit.advice import Setup
from scenarios.audit.changes import EVERY_TRAIL, ChangeBook
from scenarios.audit.collect import collect
from scenarios.audit.reader import LogFile
from scenarios.audit.source import SourceError, files_below
from scenarios.commands.shared import InputError, Load, complain, read_log
from scenarios.version import VERSION

_BUCKET: Final = "s3://"


def open_source(load: Load, text: str, *, shown: bool) -> list[LogFile]:
    """Return the log files that a text means.

    Args:
      shown: whether a bar may be shown while a run is made again.
    Raises:
      InputError: it means nothing that can be read.
    """
    try:
        if text.startswith(_BUCKET):
            from scenarios.audit.bucket_source import files_in  # noqa: PLC0415

            return files_in(text)
        folder = kept_run(text)
        if folder is None:
            return files_below(Path(text))
        from scenarios import run_folder  # noqa: PLC0415

        logs = folder / run_folder.LOGS
        return files_below(logs) if logs.is_dir() else _again(load, text, shown=shown)
    except SourceError as error:
        raise InputError(str(error)) from error


def trails_of(load: Load, text: str, *, quiet: bool) -> Setup:
    """Return the trails that a run had at its end, or that events in log files tell of.

    Raises:
      InputError: it means nothing that can be read.
    """
    shown = not quiet and sys.stderr.isatty()
    if not text.startswith(_BUCKET) and kept_run(text) is not None:
        from scenarios.run_logs import TrailKeeper  # noqa: PLC0415

        keeper = TrailKeeper()
        made_again(load, text, keeper, shown=shown)
        return setup.of_endpoint(keeper.ask, keeper.regions)
    book = ChangeBook(EVERY_TRAIL)
    collect(open_source(load, text, shown=shown), [book])
    changes = book.changes()
    if not changes:
        raise InputError(
            f"source {text!r} has no event that tells of a trail; expected one, or"
            f" {setup.EXPECTED}, or --endpoint"
        )
    return setup.of_changes(changes)


def kept_run(text: str) -> Path | None:
    """Return the folder of a kept run; None when a text means none."""
    # Most sources are no runs, and looking for one takes the whole simulator.
    if text != "last" and Path(text).exists() and not (Path(text) / "scenario.toml").is_file():
        return None
    from scenarios import run_folder  # noqa: PLC0415

    try:
        return run_folder.find(text, Path())
    except run_folder.RunFolderError as error:
        raise InputError(str(error)) from error


def _again(load: Load, text: str, *, shown: bool) -> list[LogFile]:
    """Make a run again, and return what its trails delivered."""
    from scenarios.run_logs import LogKeeper  # noqa: PLC0415

    keeper = LogKeeper()
    result, kept = made_again(load, text, keeper, shown=shown)
    if result.trace_hash != kept.result["trace_hash"]:
        complain(f"warning: version {VERSION} makes another run of it than version {kept.version}"
                 " did; what follows is the new one")
    return keeper.files()


def made_again(load: Load, text: str, keeper: Any, *, shown: bool) -> tuple[Any, Any]:
    """Make a run again under an observer; return its result, and what was kept of it."""
    from scenarios import progress, run_folder  # noqa: PLC0415
    from scenarios.files import FileError  # noqa: PLC0415

    try:
        kept = run_folder.open_run(text, Path())
    except (run_folder.RunFolderError, FileError) as error:
        raise InputError(str(error)) from error
    log = read_log(Path(kept.replay)) if kept.replay else None
    with progress.bar("the run again", shown=shown) as advance:
        result = load().run(
            kept.scenario, seed=kept.seed, replay=log, progress=advance, observers=(keeper,)
        )
    return result, kept
