"""The data folder: made once, used by one process, refused with a clear word."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.data_folder import FORMAT_VERSION, DataFolder, DataFolderError, write_durably

RESERVE = 4_096


def opened(path: Path, *, create: bool = True) -> DataFolder:
    return DataFolder.open(path, create=create, reserve_bytes=RESERVE)


def refusal(path: Path, *, create: bool = True) -> str:
    with pytest.raises(DataFolderError) as error:
        opened(path, create=create)
    return str(error.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def folder(path: Path) -> Iterator[DataFolder]:
    with opened(path) as made:
        yield made


def test_a_new_folder_says_what_it_is_and_only_its_owner_reads_it(path: Path) -> None:
    with opened(path) as folder:
        found = json.loads((path / "format.json").read_text())
        assert sorted(found) == ["created", "version", "world"]
        assert (found["version"], found["world"]) == (FORMAT_VERSION, folder.world_id)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["created"])
        assert re.fullmatch(r"[0-9a-f]{32}", folder.world_id)
        modes = {each.name: each.stat().st_mode & 0o777 for each in (path, *path.iterdir())}
    assert modes == {"data": 0o700, "format.json": 0o600, "lock": 0o600, "reserve": 0o600}


def test_a_folder_keeps_its_id_and_two_have_two(path: Path, tmp_path: Path) -> None:
    ids = []
    for each in (path, path, tmp_path / "other"):
        with opened(each) as folder:
            ids.append(folder.world_id)
    assert ids[0] == ids[1] != ids[2]


def test_an_empty_folder_may_be_used(path: Path) -> None:
    path.mkdir()
    opened(path).close()
    assert (path / "format.json").exists()


def test_a_folder_whose_making_was_interrupted_is_made_anew(path: Path) -> None:
    path.mkdir()
    (path / "lock").write_text("")
    (path / "format.json.new").write_text('{"ver')
    opened(path).close()
    assert sorted(each.name for each in path.iterdir()) == ["format.json", "lock", "reserve"]


HOLDER = """
import sys
from pathlib import Path
from sim.data_folder import DataFolder
folder = DataFolder.open(Path(sys.argv[1]), reserve_bytes=4096)
print("open", flush=True)
sys.stdin.read()
"""


def test_a_folder_in_use_is_refused_and_the_process_is_named(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        text = f"data folder {str(path)!r} is in use by process {child.pid}"
        assert refusal(path) == text
        with pytest.raises(DataFolderError, match=f"^{re.escape(text)}$"):
            DataFolder.look(path)
        child.send_signal(signal.SIGKILL)
        child.wait()
        opened(path).close()


def test_while_somebody_looks_nobody_may_open(path: Path) -> None:
    opened(path).close()
    (path / "lock").write_text(f"{2**22}\n")  # the greatest number of a process, and one more
    with DataFolder.look(path):
        assert refusal(path) == f"data folder {str(path)!r} is in use by another process"


def test_looking_writes_nothing(path: Path) -> None:
    opened(path).close()
    before = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in path.iterdir()}
    with DataFolder.look(path) as folder:
        assert folder.disks() == []
    assert before == {
        each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in path.iterdir()
    }


def test_a_newer_format_is_refused(path: Path) -> None:
    opened(path).close()
    (path / "format.json").write_text('{"version": 7, "world": "00"}')
    assert refusal(path) == (
        f"data folder {str(path)!r} has format 7; this program knows formats up to "
        f"{FORMAT_VERSION}: use the newer one that wrote it"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": "x", "world": ""}'])
def test_a_damaged_format_is_refused(path: Path, text: str) -> None:
    opened(path).close()
    (path / "format.json").write_text(text)
    assert refusal(path) == (
        f"{path}/format.json is damaged; expected a JSON object with version and world"
    )


def test_a_folder_of_something_else_is_refused(path: Path) -> None:
    path.mkdir()
    (path / "holiday.jpg").write_bytes(b"")
    assert refusal(path) == (
        f"data folder {str(path)!r} holds 'holiday.jpg' and no format.json; expected an empty "
        f"folder, or one of `nines serve`"
    )
    assert [each.name for each in path.iterdir()] == ["holiday.jpg"]


def test_a_file_is_no_folder(path: Path) -> None:
    path.write_text("")
    assert refusal(path) == f"data folder {str(path)!r} is no folder"


def test_nothing_is_made_unless_that_is_wished(path: Path) -> None:
    text = f"data folder {str(path)!r} holds no data; expected one of `nines serve`"
    assert refusal(path, create=False) == text
    with pytest.raises(DataFolderError, match=f"^{re.escape(text)}$"):
        DataFolder.look(path)
    assert not path.exists()


def test_what_the_host_refuses_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.mkdir()

    def denied(name: Path, *_: int) -> int:
        raise PermissionError(13, "Permission denied", str(name))

    monkeypatch.setattr(os, "open", denied)
    assert refusal(path) == (
        f"data folder {str(path)!r} cannot be used: {path}/lock: Permission denied"
    )


def test_starts_are_counted_for_ever(path: Path) -> None:
    found = []
    for _ in range(3):
        with opened(path) as folder:
            found += [folder.next_start(), folder.next_start()]
    assert found == [1, 2, 3, 4, 5, 6]


def test_a_start_on_a_full_drive_takes_its_room_from_the_reserve(
    path: Path, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def full(fd: int) -> None:
        if (path / "reserve").stat().st_size:
            raise OSError(28, "No space left on device", str(path / "starts"))
        real(fd)

    monkeypatch.setattr(os, "fsync", full)
    assert (folder.next_start(), folder.space.short) == (1, True)


def test_a_damaged_count_is_refused_not_begun_again(path: Path, folder: DataFolder) -> None:
    (path / "starts").write_text("x")
    with pytest.raises(
        DataFolderError, match=r"/starts is damaged; expected the number of starts so far$"
    ):
        folder.next_start()


def test_each_actor_has_a_folder_of_its_own_inside(path: Path, folder: DataFolder) -> None:
    names = ["us-east-1/use1-az1/recorder", "us-east-1/trail", "../..", "a/./b"]
    found = {name: folder.disk_folder(name) for name in names}
    assert {name: str(each.relative_to(path)) for name, each in found.items()} == {
        "us-east-1/use1-az1/recorder": "us-east-1/use1-az1/recorder",
        "us-east-1/trail": "us-east-1/trail",
        "../..": "%2E./%2E.",
        "a/./b": "a/%2E/b",
    }
    assert folder.disk_folder("us-east-1/trail") == found["us-east-1/trail"]
    assert sorted(folder.disks()) == sorted(found.items())


def test_an_actor_without_a_name_has_no_folder(folder: DataFolder) -> None:
    with pytest.raises(
        DataFolderError, match=r"^actor 'a//b': the name '' has 0 bytes; expected 1–255$"
    ):
        folder.disk_folder("a//b")


def test_a_small_file_is_replaced_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_durably(path, b"old")

    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fails)
        with pytest.raises(OSError, match="Input/output error"):
            write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    write_durably(path, b"newer")
    assert ([each.name for each in tmp_path.iterdir()], path.read_bytes()) == (["f"], b"newer")
