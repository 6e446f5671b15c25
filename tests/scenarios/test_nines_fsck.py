"""``nines fsck`` on real files: its report, its exit status and its refusals."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from regions import armour
from scenarios.__main__ import main
from sim.data_folder import DataFolder
from sim.file_disk import FileDisk

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder in which two actors have written with live disks."""
    path = tmp_path / "data"
    with DataFolder.open(path, reserve_bytes=4_096) as data:
        for actor, file in (("r/bucket", "0000000001"), ("safe/r/operator", "domain")):
            disk = FileDisk(actor, data.disk_folder(actor), "always", lambda fn: fn())
            armour.append(disk, file, b"x" * 3_000)
            disk.flush()
            disk.close()
    return path


def fsck(capsys: Capture, *words: object) -> tuple[int, str, str]:
    status = main(["fsck", *map(str, words)])
    return (status, *capsys.readouterr())


def damage(path: Path, change: Callable[[bytearray], None]) -> None:
    raw = bytearray(path.read_bytes())
    change(raw)
    path.write_bytes(raw)


def flip(*places: int) -> Callable[[bytearray], None]:
    def change(raw: bytearray) -> None:
        for place in places:
            raw[place] ^= 4

    return change


def test_a_clean_folder_is_counted(folder: Path, capsys: Capture) -> None:
    text = "2 files of 2 actors, 8,192 bytes: 0 torn (harmless), 0 rotted (repairable), 0 lost\n"
    assert fsck(capsys, folder) == (0, text, "")


def test_damage_is_told_file_by_file_and_nothing_is_changed(folder: Path, capsys: Capture) -> None:
    damage(folder / "r/bucket/0000000001", flip(700))
    damage(folder / "safe/r/operator/domain", flip(700, 1_300))
    (folder / "r/bucket/0000000002").write_bytes(bytes(512))
    (folder / "r/bucket/a file of somebody else").write_bytes(b"")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert fsck(capsys, folder) == (
        1,
        (
            "rotted  r/bucket  0000000001: sectors that can be mended: 1 (good copies: 1)\n"
            "torn    r/bucket  0000000002: the last block is torn\n"
            "lost    safe/r/operator  domain: blocks that cannot be read: 1\n"
            "3 files of 2 actors, 8,704 bytes: 1 torn (harmless), 1 rotted (repairable), 1 lost\n"
        ),
        "",
    )
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_json_says_the_same(folder: Path, capsys: Capture) -> None:
    damage(folder / "r/bucket/0000000001", lambda raw: raw.__delitem__(slice(600, None)))
    (folder / "r/bucket/notes").write_bytes(bytes(512))
    (folder / "r/new").mkdir()
    (folder / "r/new/file").write_bytes(b"other format")
    status, out, err = fsck(capsys, folder, "--json")
    world = json.loads((folder / "format.json").read_text())["world"]
    assert (status, err) == (1, "")
    assert json.loads(out) == {
        "folder": str(folder),
        "world": world,
        "actors": 3,
        "files": 4,
        "bytes": 5_220,
        "damaged": True,
        "findings": [
            {
                "actor": "r/bucket",
                "file": "0000000001",
                "state": "lost",
                "what": "blocks that cannot be read: 1",
                "copies": 0,
            },
            {
                "actor": "r/bucket",
                "file": "notes",
                "state": "torn",
                "what": "the last block is torn",
                "copies": 0,
            },
        ],
        "unchecked": [{"actor": "r/new", "file": "file"}],
    }


def test_a_folder_in_use_is_refused(folder: Path, capsys: Capture) -> None:
    with DataFolder.open(folder, reserve_bytes=4_096):
        text = f"nines: data folder {str(folder)!r} is in use by process {os.getpid()}\n"
        assert fsck(capsys, folder) == (2, "", text)


def test_a_folder_without_data_is_refused(tmp_path: Path, capsys: Capture) -> None:
    text = f"nines: data folder {str(tmp_path)!r} holds no data; expected one of `nines serve`\n"
    assert fsck(capsys, tmp_path) == (2, "", text)


def test_what_cannot_be_read_is_said(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert fsck(capsys, folder) == (
        2,
        "",
        (
            f"nines: data folder {str(folder)!r} cannot be used: {folder}/format.json: "
            "Permission denied\n"
        ),
    )
