"""The root key of a data folder: made once, private, and refused when it is not the folder's."""

import base64
from pathlib import Path

import pytest

from regions.root_key import VARIABLE, RootKeyError, open_root_key

ONE, OTHER = bytes(range(32)), bytes(range(1, 33))


def refusal(folder: Path, **environment: str) -> str:
    with pytest.raises(RootKeyError) as error:
        open_root_key(folder, environment)
    return str(error.value)


def test_a_new_folder_gets_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    key = open_root_key(tmp_path, {}, draw=lambda _: ONE)
    file = tmp_path / "root.key"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (ONE, 0o600)
    assert open_root_key(tmp_path, {}).derive(b"x") == key.derive(b"x")


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        open_root_key(tmp_path / name, {})
    assert (tmp_path / "a" / "root.key").read_bytes() != (tmp_path / "b" / "root.key").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        ONE.hex(),
        ONE.hex().upper(),
        base64.b64encode(ONE).decode(),
        base64.b64encode(ONE).decode().rstrip("="),
        f" {ONE.hex()}\n",
    ],
)
def test_a_key_of_the_environment_is_never_written(tmp_path: Path, text: str) -> None:
    key = open_root_key(tmp_path, {VARIABLE: text})
    assert [each.name for each in tmp_path.iterdir()] == ["root.check"]
    assert ONE.hex() not in (tmp_path / "root.check").read_text()
    (tmp_path / "root.key").write_bytes(ONE)
    (tmp_path / "root.key").chmod(0o600)
    assert open_root_key(tmp_path, {}).derive(b"x") == key.derive(b"x")


def test_purposes_have_keys_of_their_own(tmp_path: Path) -> None:
    key = open_root_key(tmp_path, {}, draw=lambda _: ONE)
    found = [key.derive(purpose, size) for purpose in (b"a", b"b") for size in (32, 64)]
    assert [len(each) for each in found] == [32, 64, 32, 64]
    assert found[0] == found[1][:32] != found[2]
    assert found[0].hex() == "ac4b84b8a11b00def56f7f3c71b3bcf941182559a302eaa2329e75fcdf7fda93"


def test_a_wrong_key_is_named_and_refused(tmp_path: Path) -> None:
    open_root_key(tmp_path, {}, draw=lambda _: ONE)
    assert refusal(tmp_path, **{VARIABLE: OTHER.hex()}) == (
        "the root key in NINES_ROOT_KEY does not open this data folder"
    )
    (tmp_path / "root.key").write_bytes(OTHER)
    assert refusal(tmp_path) == (
        f"the root key in {tmp_path}/root.key does not open this data folder"
    )


def test_a_missing_key_is_never_replaced(tmp_path: Path) -> None:
    open_root_key(tmp_path, {})
    (tmp_path / "root.key").unlink()
    assert refusal(tmp_path) == (
        f"the keys in {tmp_path} do not open without their root key: {tmp_path}/root.key is "
        f"missing and NINES_ROOT_KEY is not set"
    )
    assert [each.name for each in tmp_path.iterdir()] == ["root.check"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_root_key(tmp_path, {})
    file = tmp_path / "root.key"
    file.chmod(0o640)
    assert refusal(tmp_path) == (
        f"the root key in {file} has mode 0640, so others may use it; expected 0600: "
        f"chmod 600 {file}"
    )


def test_a_key_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    open_root_key(tmp_path, {})
    (tmp_path / "root.key").write_bytes(ONE[:31])
    assert refusal(tmp_path) == (f"the root key in {tmp_path}/root.key has 31 bytes; expected 32")


@pytest.mark.parametrize("text", ["abc", "g" * 64, ONE.hex()[:62], "é" * 44])
def test_a_malformed_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, **{VARIABLE: text}) == (
        f"NINES_ROOT_KEY has {len(text)} characters that are neither 64 hexadecimal digits nor "
        f"the base64 of 32 bytes"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    key = open_root_key(tmp_path, {VARIABLE: ONE.hex()})
    assert repr(key) == "RootKey(source='in NINES_ROOT_KEY')"


def test_what_the_host_refuses_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "absent"
    assert refusal(folder) == (
        f"the root key of {folder} cannot be used: {folder}/root.key.new: No such file or directory"
    )
