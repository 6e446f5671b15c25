"""``nines fsck``: whether what a data folder holds is as it was written.

What does not belong here: the checks (regions/fsck.py) and the layout (sim/data_folder.py).
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from scenarios.commands.shared import PROMISES_HOLD, InputError, write

if TYPE_CHECKING:
    from regions.fsck import Report
    from sim.data_folder import DataFolder

DAMAGED: Final = 1


class _Folder:
    """The files of one actor as they lie in their folder."""

    def __init__(self, folder: Path) -> None:
        from sim.host_names import given_name  # noqa: PLC0415 - see __main__.py

        found = {given_name(path.name): path for path in folder.iterdir() if path.is_file()}
        self._paths = {name: path for name, path in found.items() if name is not None}

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""
        return tuple(sorted(self._paths))

    def load(self, file: str) -> bytes:
        """Return a whole file."""
        return self._paths[file].read_bytes()


@click.command("fsck", short_help="Check the files of a data folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(folder: Path, as_json: bool) -> int:
    """Check every file in the data folder DIR of `nines serve`, and change nothing.

    `torn`: an end that was never completely written and never confirmed, which is harmless.
    `rotted`: bytes changed on the drive, and good copies are left, with which the server repairs
    them as it runs. `lost`: bytes changed, and no good copy is left in the folder.

    Exit status: 0 when nothing is damaged, 1 when something is, 2 for a folder that is in use, of a
    newer format, or no data folder.
    """
    from regions.fsck import check  # noqa: PLC0415 - see __main__.py
    from sim.data_folder import DataFolder, DataFolderError  # noqa: PLC0415 - the same

    try:
        with DataFolder.look(folder) as data:
            stored = {actor: _Folder(path) for actor, path in data.disks()}
            report = check(stored)
            text = _as_json(data, report) if as_json else _as_text(report)
    except DataFolderError as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise InputError(
            f"data folder {str(folder)!r} cannot be read: {error.filename}: {error.strerror}"
        ) from error
    write(text)
    return DAMAGED if report.damaged else PROMISES_HOLD


def _as_json(data: "DataFolder", report: "Report") -> str:
    found = {
        "folder": str(data.path),
        "world": data.world_id,
        "actors": report.actors,
        "files": report.files,
        "bytes": report.bytes_,
        "damaged": report.damaged,
        "findings": [
            {
                "actor": each.actor,
                "file": each.file,
                "state": each.state,
                "what": each.what,
                "copies": each.copies,
            }
            for each in report.findings
        ],
        "unchecked": [{"actor": actor, "file": file} for actor, file in report.unchecked],
    }
    return json.dumps(found, indent=2) + "\n"


def _as_text(report: "Report") -> str:
    lines = []
    for each in report.findings:
        copies = f" (good copies: {each.copies})" if each.state == "rotted" else ""
        lines.append(f"{each.state:<6}  {each.actor}  {each.file}: {each.what}{copies}")
    for actor, file in report.unchecked:
        lines.append(f"unknown {actor}  {file}: not checked")
    counts = dict.fromkeys(("torn", "rotted", "lost"), 0)
    for each in report.findings:
        counts[each.state] += 1
    lines.append(
        f"{report.files} files of {report.actors} actors, {report.bytes_:,} bytes: "
        f"{counts['torn']} torn (harmless), {counts['rotted']} rotted (repairable), "
        f"{counts['lost']} lost"
    )
    return "\n".join(lines) + "\n"
