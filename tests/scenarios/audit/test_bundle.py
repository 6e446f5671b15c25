"""An evidence bundle: whole, sealed, honest about what it does not cover, and told when changed."""

import json
from pathlib import Path

import pytest
from audit_world import TRAIL, AuditWorld, user, write
from records import ACCOUNT, ANA, REGION, at, event, key_arn, record, write_log

from scenarios.__main__ import main
from scenarios.audit.gaps import Gap, Gaps
from scenarios.audit.reader import LogFile
from scenarios.audit.source import files_below
from sim.units import hours, minutes

KEY = key_arn(1)
EVERYTHING = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{TRAIL}"
NO_DIGESTS = "There are no digests, so nothing but this manifest vouches for the files."
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of three hours, in the second of which logging was stopped."""
    with AuditWorld(REGION, "eu-west-1") as world:
        key = world.key()
        for hour in range(3):
            if hour == 1:
                world.call("StopLogging", {"Name": TRAIL}, user("ana"), service="cloudtrail")
            for _ in range(5):
                world.call("Encrypt", {"KeyId": key, "Plaintext": b"x"})
                world.world.run_for(minutes(12))
            if hour == 1:
                world.call("StartLogging", {"Name": TRAIL}, service="cloudtrail")
        world.world.run_for(hours(1))
        return write(world.files(), tmp_path_factory.mktemp("logs"))


@pytest.fixture
def bundle(stopped: Path, tmp_path: Path, capsys: Capture) -> Path:
    folder = tmp_path / "bundle"
    assert main(["audit", str(stopped), "--bundle", str(folder)]) == 0
    capsys.readouterr()
    return folder


def test_a_bundle_has_every_file_byte_for_byte_and_a_summary(stopped: Path, bundle: Path) -> None:
    def copies(folder: Path) -> dict[str, bytes]:
        return {file.name: file.read() for file in files_below(folder)}

    assert copies(bundle / "files") == copies(stopped)
    manifest = json.loads((bundle / "manifest.json").read_text())
    listed = {one["path"] for one in manifest["files"]}
    assert listed == {
        *(f"files/{name}" for name in copies(stopped)),
        "report.json",
        "summary.html",
        "summary.md",
    }


def test_ct_13_a_bundle_names_the_time_in_which_logging_was_stopped(
    stopped: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["audit", str(stopped), "--bundle", str(tmp_path / "b")]) == 0
    gaps = json.loads((tmp_path / "b" / "report.json").read_text())["gaps"]
    found = {(gap["kind"], gap["subject"]) for gap in gaps}
    assert ("logging stopped", EVERYTHING) in found
    out = capsys.readouterr().out
    summary = (tmp_path / "b" / "summary.md").read_text()
    page = (tmp_path / "b" / "summary.html").read_text()
    words = f"logging stopped by arn:aws:iam::{ACCOUNT}:user/ana until "
    assert all(words in text for text in (out, summary, page))


def test_ct_13_a_bundle_is_checked_and_every_change_is_told(bundle: Path, capsys: Capture) -> None:
    check = ["audit", "--check-bundle", str(bundle)]
    assert main(check) == 0
    out = capsys.readouterr().out
    count = len(json.loads((bundle / "manifest.json").read_text())["files"])
    assert out.startswith(f"Bundle {bundle} is as it was written: {count} files\n")
    first, second = sorted((bundle / "files").rglob("*.gz"))[:2]
    data = bytearray(first.read_bytes())
    data[-1] ^= 1
    first.write_bytes(data)
    second.unlink()
    (bundle / "files" / "more.json").write_text("{}")
    (bundle / "summary.md").write_text("all is well")
    assert main(check) == 1
    told = capsys.readouterr().out.splitlines()
    size = next(one["size"] for one in json.loads((bundle / "manifest.json").read_text())["files"]
                if one["path"] == "summary.md")  # fmt: skip
    assert told[0] == f"Bundle {bundle} is not as it was written: 4 of {count} files"
    assert sorted(told[1:-1]) == sorted([
        f"  {first.relative_to(bundle)}: changed",
        f"  {second.relative_to(bundle)}: missing",
        f"  summary.md: changed: 11 bytes, and the manifest says {size:,}",
        "  files/more.json: not in the manifest",
        f"  {NO_DIGESTS}",
    ])  # fmt: skip


def test_the_same_source_gives_the_same_bundle(
    stopped: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(bundle.parent)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert main(["audit", str(stopped), "--bundle", "b"]) == 0
    one, two = ((tmp_path / name / "b" / "manifest.json").read_bytes() for name in ("one", "two"))
    assert one == two
    assert capsys.readouterr().out


def test_what_callers_chose_is_no_markup_of_a_summary(tmp_path: Path, capsys: Capture) -> None:
    evil = user("<script>alert(1)</script>|[x](y)").arn
    who = {"type": "IAMUser", "arn": evil, "accountId": ACCOUNT}
    folder = write_log(tmp_path / "logs", record("Sign", key=KEY, who=who))
    assert main(["audit", str(folder), "--bundle", str(tmp_path / "b")]) == 0
    assert capsys.readouterr().out
    assert "<script>" not in (tmp_path / "b" / "summary.html").read_text()
    markdown = (tmp_path / "b" / "summary.md").read_text()
    assert "\\<script\\>alert(1)\\</script\\>\\|\\[x\\](y)" in markdown


def test_a_name_that_leads_out_of_the_bundle_is_refused(tmp_path: Path) -> None:
    from scenarios.audit.bundle import BundleError, BundleWriter

    writer = BundleWriter(tmp_path / "b")
    file = writer.copying(LogFile("../../x.json", lambda: b"{}"))
    with pytest.raises(BundleError, match=r"^file 'files/\.\./\.\./x\.json' would lie outside of the"):
        file.read()


def test_bad_folders_get_one_line(tmp_path: Path, capsys: Capture) -> None:
    logs = write_log(tmp_path / "logs", record("Sign", key=KEY))
    full = str(logs)
    assert main(["audit", full, "--bundle", full]) == 2
    assert main(["audit", full, "--check-bundle"]) == 2
    (logs / "manifest.json").write_text("{}")
    assert main(["audit", full, "--check-bundle"]) == 2
    expected = f"expected a bundle as `nines audit SOURCE --bundle {full}` writes it"
    manifest = f"nines: file '{full}/manifest.json'"
    assert capsys.readouterr().err.splitlines() == [
        f"nines: folder {full!r} is not empty; expected an empty one",
        f"{manifest} cannot be read (No such file or directory); {expected}",
        f"{manifest} is no manifest; {expected}",
    ]


def test_hours_without_files_are_named_by_account_and_region() -> None:
    gaps = Gaps()
    for region, stamps in {
        "us-east-1": ["20260302T0005Z", "20260302T0100Z", "20260302T0305Z", "20260302T0400Z"],
        "eu-west-1": ["20260302T0305Z"],
    }.items():
        for stamp in stamps:
            gaps.name(f"AWSLogs/{ACCOUNT}/x/{ACCOUNT}_CloudTrail_{region}_{stamp}_abc.json.gz")
    gaps.name("notes.json")
    text = "hours without a log file: nothing happened, or files are missing"
    # A stamp is the end of its five minutes: 01:00 belongs to the hour before.
    assert gaps.found() == [
        Gap(kind="no files", subject=f"{ACCOUNT} eu-west-1", begin=at(0), end=at(180),
            text=f"3 {text}"),
        Gap(kind="no files", subject=f"{ACCOUNT} us-east-1", begin=at(60), end=at(180),
            text=f"2 {text}"),
    ]  # fmt: skip


def test_a_stop_that_never_ends_is_a_gap_without_an_end() -> None:
    gaps = Gaps()
    for one in (
        event("StopLogging", 5, service="cloudtrail", requestParameters={"name": TRAIL}),
        event("StopLogging", 1, service="cloudtrail", requestParameters={"name": TRAIL},
              errorCode="AccessDenied"),
        event("StartLogging", 2, service="cloudtrail", requestParameters={"name": TRAIL}),
    ):  # fmt: skip
        gaps.see(one)
    text = (f"logging stopped by {ANA} and not started again in these records; calls in between"
            " are in no log file")  # fmt: skip
    assert gaps.found() == [
        Gap(kind="logging stopped", subject=EVERYTHING, begin=at(5), end="", text=text)
    ]
