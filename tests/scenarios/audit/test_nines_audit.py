"""``nines audit``: what it prints, its exit status, and one clear line for bad input."""

import csv
import io
import json
from pathlib import Path

import pytest
from records import ACCOUNT, ANA, at, key_arn, record, user, write_log

from scenarios.__main__ import main

KEY, OTHER = key_arn(1), key_arn(2)
EVE = user(f"arn:aws:iam::{ACCOUNT}:user/eve")
DENIED = {"errorCode": "AccessDenied", "errorMessage": "User: eve is not authorized"}
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    context = {"encryptionContext": {"tenant": "7"}}
    folder = write_log(
        Path("logs"),
        record("Encrypt", 1, key=KEY, requestParameters={"keyId": "alias/orders", **context}),
        record("Decrypt", 3, key=KEY, sourceIPAddress="ssm.amazonaws.com",
               who=user(invokedBy="ssm.amazonaws.com")),
        record("Decrypt", 2, key=KEY, who=EVE, **DENIED),
        record("ListKeys", 5),
        record("DisableKey", 4, key=OTHER),
    )  # fmt: skip
    (folder / "torn.json").write_bytes(b"{")
    return folder


def test_the_report_says_who_used_which_key_and_what_was_refused(capsys: Capture) -> None:
    assert main(["audit", "logs"]) == 0
    assert capsys.readouterr() == (
        f"""\
Records of logs
  5 records in 2 files, {at(1)} to {at(5)}
  1 could not be read, so this is not all:
    torn.json: not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))

Keys: 2
  key                                   accepted  refused              last use
  alias/orders                                 2        1  {at(3)}
  1234abcd-12ab-34cd-56ef-000000000002         1        0  {at(4)}

{KEY}
  known as alias/orders
  2 accepted, 1 refused, {at(1)} to {at(3)}
  {ANA}
    operation  accepted  refused                 first                  last
    Encrypt           1        0  {at(1)}  {at(1)}
  {ANA}, through ssm
    operation  accepted  refused                 first                  last
    Decrypt           1        0  {at(3)}  {at(3)}
  {EVE["arn"]}
    operation  accepted  refused                 first                  last
    Decrypt           0        1  {at(2)}  {at(2)}
  refused
    Decrypt by {EVE["arn"]}: 1 x AccessDenied, last {at(2)}
      User: eve is not authorized

{OTHER}
  1 accepted, 0 refused, {at(4)} to {at(4)}
  {ANA}
    operation   accepted  refused                 first                  last
    DisableKey         1        0  {at(4)}  {at(4)}

What deserves a look: 1
  judged from {at(3)}; what was before shows what is usual
  medium key-disabled: key disabled
         {ANA}, us-east-1, {at(4)}
         {OTHER}
""",
        "",
    )


def test_one_key_is_shown_with_every_use_in_detail(capsys: Capture) -> None:
    assert main(["audit", "logs", "--key", "alias/orders", "--from", "2026-03-02T00:02"]) == 0
    out = capsys.readouterr().out
    assert OTHER not in out
    assert "What deserves a look" not in out
    assert out.endswith(
        f"  {at(2)}  Decrypt  AccessDenied  {EVE['arn']}  from 198.51.100.7\n"
        f"  {at(3)}  Decrypt  ok  {ANA}, through ssm  from ssm.amazonaws.com\n"
    )


def test_csv_has_a_line_for_each_use(capsys: Capture) -> None:
    assert main(["audit", "logs", "--csv", "--to", "2026-03-02T00:03:00Z"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["time"], row["key"], row["operation"], row["error"]) for row in rows] == [
        (at(1), KEY, "Encrypt", ""),
        (at(2), KEY, "Decrypt", "AccessDenied"),
    ]
    assert json.loads(rows[0]["context"]) == {"tenant": "7"}


def test_a_text_of_a_caller_is_no_formula_of_a_spreadsheet(tmp_path: Path, capsys: Capture) -> None:
    folder = write_log(tmp_path / "one", record("Sign", key=KEY, userAgent="=1+1"))
    assert main(["audit", str(folder), "--csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["agent"] == "'=1+1"


def test_programs_get_one_object(capsys: Capture) -> None:
    assert main(["audit", "logs", "--json", "--key", OTHER]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["source", "from", "to", "read", "keys", "findings"]
    assert (found["read"]["records"], found["read"]["problems"][0]["file"]) == (5, "torn.json")
    (key,) = found["keys"]
    assert (key["key"], key["accepted"], key["uses"][0]["operation"]) == (OTHER, 1, "DisableKey")
    assert [one["detection"] for one in found["findings"]] == ["key-disabled"]


def test_what_deserves_a_look_decides_the_status(capsys: Capture) -> None:
    assert main(["audit", "logs", "--detect"]) == 1
    assert main(["audit", "logs", "--detect", "--watch-from", "2026-03-02T00:05"]) == 0
    assert capsys.readouterr().out.endswith(
        "What deserves a look: nothing\n"
        "  judged from 2026-03-02T00:05:00Z; what was before shows what is usual\n"
    )


def test_a_key_that_nobody_used_is_said_to_be_so(capsys: Capture) -> None:
    assert main(["audit", "logs", "--key", "alias/none", "--from", "2026-03-02"]) == 0
    line = "\nNo record from 2026-03-02T00:00:00Z is of a use of alias/none.\n"
    assert capsys.readouterr().out.endswith(line)


EXPECTED = "a folder of CloudTrail .json or .json.gz files, a kept run, or s3://BUCKET/PREFIX"
BAD: dict[str, tuple[list[str], str]] = {
    "no such source": (["none"], f"source 'none' does not exist; expected {EXPECTED}"),
    "no run yet": (["last"], "no run 'last'; expected one kept in .nines/runs by 'nines run'"),
    "a bucket without a name": (
        ["s3:///x"],
        "source 's3:///x' names no bucket; expected s3://BUCKET/PREFIX",
    ),
    "a time that is none": (
        ["logs", "--from", "2026-02-30"],
        (
            "time '2026-02-30': expected a time in UTC such as 2026-01-31, 2026-01-31T12:00 or"
            " 2026-01-31T12:00:00Z"
        ),
    ),
    "two forms at once": (
        ["logs", "--json", "--csv"],
        "--json and --csv exclude each other; expected one of them",
    ),
}


@pytest.mark.parametrize("what", sorted(BAD))
def test_bad_input_gets_one_line_that_says_what_was_expected(capsys: Capture, what: str) -> None:
    words, line = BAD[what]
    assert main(["audit", *words]) == 2
    assert capsys.readouterr() == ("", f"nines: {line}\n")


def test_a_run_is_audited_from_the_files_it_kept_or_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    run = ["run", "steady-state", "--small", "--quiet"]
    assert main([*run, "--keep-logs"]) == 0
    assert main(["audit", "last"]) == 0
    kept = capsys.readouterr().out
    for path in sorted(Path(".nines").rglob("logs"), reverse=True):
        path.rename(path.with_name("elsewhere"))
    assert main(["audit", "last"]) == 0
    assert capsys.readouterr().out == kept
    assert "arn:aws:kms:us-east-1:111122223333:key/" in kept


def test_log_files_are_kept_in_a_run_folder_or_not_at_all(capsys: Capture) -> None:
    assert main(["run", "steady-state", "--small", "--no-save", "--keep-logs"]) == 2
    line = "nines: --keep-logs keeps files in the run folder; expected no --no-save\n"
    assert capsys.readouterr().err == line
