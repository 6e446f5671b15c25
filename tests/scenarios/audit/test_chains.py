"""Digests in an evidence bundle: a clean one is valid, and whatever was changed before is told."""

import base64
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_world import AuditWorld, write
from records import REGION

from scenarios.__main__ import main
from scenarios.audit.chains import FileObjects
from scenarios.audit.source import files_below
from scenarios.log_objects import Place
from sim.units import hours, minutes

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files of three hours with digests, and the public keys."""
    with AuditWorld(REGION, validation=True) as world:
        key = world.key()
        for _ in range(18):
            world.call("Encrypt", {"KeyId": key, "Plaintext": b"x"})
            world.world.run_for(minutes(10))
        world.world.run_for(hours(1))
        files = world.files()
        found = world.public_keys()
    listed = [
        {"Fingerprint": name, "Value": base64.b64encode(der).decode()}
        for name, der in found.items()
    ]
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(json.dumps({"PublicKeyList": listed}))
    return write(files, tmp_path_factory.mktemp("signed")), keys


def bundled(logs: Path, folder: Path, *more: str) -> int:
    return main(["audit", str(logs), "--bundle", str(folder), *more])


def test_ct_13_a_clean_bundle_validates_and_is_checked_with_its_signatures(
    signed: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    logs, keys = signed
    assert bundled(logs, tmp_path / "b", "--public-keys", str(keys)) == 0
    assert main(["audit", "--check-bundle", str(tmp_path / "b")]) == 0
    out = capsys.readouterr().out
    digests = len(list(logs.rglob("*CloudTrail-Digest*.json.gz")))
    assert digests >= 3
    assert f"{digests} of {digests} digest files are not invalid" in out
    assert "INVALID" not in out
    assert "no signature was looked at" not in out


def torn(path: Path) -> None:
    body = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(body.replace(b"Encrypt", b"Decrypt"), mtime=0))


def forged(path: Path) -> None:
    metadata = {"signature": "00", "signature-algorithm": "SHA256withRSA"}
    path.with_name(f"{path.name}.head.json").write_text(json.dumps({"Metadata": metadata}))


CHANGED: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "a log file was changed": ("CloudTrail/", torn, "INVALID: hash value doesn't match"),
    "a log file was removed": ("CloudTrail/", Path.unlink, "INVALID: not found"),
    "a digest was removed": ("CloudTrail-Digest/", Path.unlink, "INVALID: not found"),
    "a signature was changed": (
        "CloudTrail-Digest/",
        forged,
        "INVALID: signature verification failed",
    ),

}


@pytest.mark.parametrize("what", sorted(CHANGED))
def test_ct_13_what_was_changed_before_the_bundle_was_made_is_told(
    signed: tuple[Path, Path], tmp_path: Path, capsys: Capture, what: str
) -> None:
    where, change, verdict = CHANGED[what]
    logs = tmp_path / "logs"
    shutil.copytree(signed[0], logs)
    paths = sorted(path for path in logs.rglob("*.json.gz") if f"/{where}" in path.as_posix())
    change(paths[1])
    assert bundled(logs, tmp_path / "b", "--public-keys", str(signed[1])) == 1
    told = capsys.readouterr().out
    name = paths[1].relative_to(logs).as_posix()
    assert any(name in line and verdict in line for line in told.splitlines())
    # The manifest of such a bundle is in order; the digests in it are not.
    assert main(["audit", "--check-bundle", str(tmp_path / "b")]) == 1
    assert " is as it was written: " in capsys.readouterr().out


def test_ct_13_a_forged_manifest_does_not_hide_a_change(
    signed: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    assert bundled(signed[0], tmp_path / "b") == 0
    path = min((tmp_path / "b" / "files").rglob("*_CloudTrail_*.json.gz"))
    torn(path)
    shutil.rmtree(tmp_path / "c", ignore_errors=True)
    assert bundled(tmp_path / "b" / "files", tmp_path / "c") == 1
    assert "INVALID: hash value doesn't match" in capsys.readouterr().out


def test_without_public_keys_no_signature_is_claimed_to_be_valid(
    signed: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    assert bundled(signed[0], tmp_path / "b") == 0
    words = "No public keys were given, so no signature was looked at; see --public-keys."
    assert words in capsys.readouterr().out


def test_files_lie_where_their_digests_say(signed: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(signed[0], tmp_path / "here" / "copy")
    places = list(FileObjects(files_below(tmp_path / "here")).places())
    assert {place.bucket for place in places} == {"the-logs"}
    assert all(place.key.startswith("AWSLogs/") for place in places)
    assert FileObjects([]).get(Place("the-logs", "x")) is None


def test_bad_key_files_get_one_line(
    signed: tuple[Path, Path], tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "k").write_text("{}")
    assert bundled(signed[0], tmp_path / "b", "--public-keys", str(tmp_path / "k")) == 2
    assert main(["audit", str(signed[0]), "--public-keys", "k"]) == 2
    expected = "expected what `aws cloudtrail list-public-keys` prints"
    assert capsys.readouterr().err.splitlines() == [
        f"nines: file {str(tmp_path / 'k')!r} holds no public keys; {expected}",
        (
            "nines: --public-keys says nothing beside the report; expected it with --bundle or"
            " --check-bundle"
        ),
    ]
