"""What commands that read CloudTrail files take as SOURCE: a folder, a kept run, or a bucket.

What does not belong here: reading the files (scenarios/audit/reader.py).
"""

from io import BytesIO
from pathlib import Path
from typing import Any, Final

from scenarios.audit.reader import LogFile
from scenarios.audit.source import SourceError, files_below
from scenarios.commands.shared import InputError, Load, complain
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
        folder = _run_folder(text)
        if folder is None:
            return files_below(Path(text))
        from scenarios import run_folder  # noqa: PLC0415

        logs = folder / run_folder.LOGS
        return files_below(logs) if logs.is_dir() else _again(load, text, shown=shown)
    except SourceError as error:
        raise InputError(str(error)) from error


def _run_folder(text: str) -> Path | None:
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
    from scenarios import progress, run_folder  # noqa: PLC0415
    from scenarios.files import FileError  # noqa: PLC0415
    from scenarios.run_logs import LogKeeper  # noqa: PLC0415

    try:
        kept = run_folder.open_run(text, Path())
    except (run_folder.RunFolderError, FileError) as error:
        raise InputError(str(error)) from error
    keeper, log = LogKeeper(), _replayed(kept.replay)
    with progress.bar("the run again", shown=shown) as advance:
        result = load().run(
            kept.scenario, seed=kept.seed, replay=log, progress=advance, observers=(keeper,)
        )
    if result.trace_hash != kept.result["trace_hash"]:
        complain(
            f"warning: version {VERSION} makes another run of it than version {kept.version}"
            " did; what follows is the new one"
        )
    return [LogFile(name, BytesIO(data).getvalue) for name, data in keeper.files().items()]


def _replayed(folder: str) -> Any:
    if not folder:
        return None
    from scenarios.workloads.replay_reader import ReplayError, read_folder  # noqa: PLC0415

    try:
        return read_folder(Path(folder))
    except ReplayError as error:
        raise InputError(str(error)) from error
