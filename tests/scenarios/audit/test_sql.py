"""Records as a table: what comes back, that nothing is lost silently, and that it only reads."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from records import ACCOUNT, ANA, at, key_arn, log_file, record, write_log

from scenarios.__main__ import main
from scenarios.audit import database
from scenarios.audit.collect import collect
from scenarios.audit.database import Database, QueryError
from scenarios.audit.reader import LogFile, Problem, Tally
from scenarios.audit.source import files_below

KEY = key_arn(1)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1",
    "accountId": ACCOUNT,
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
}
CONTEXT = {"encryptionContext": {"tenant": "7"}}
SEALED = record("Encrypt", 1, key=KEY, requestParameters={"keyId": "alias/a", **CONTEXT})
OPENED = record("Decrypt", 2, key=KEY, who=SESSION, errorCode="AccessDenied")
Capture = pytest.CaptureFixture[str]


def loaded(folder: Path) -> tuple[Database, Tally]:
    found = Database()
    return found, found.load(files_below(folder))


def rows(found: Database, sql: str) -> list[tuple[Any, ...]]:
    return list(found.ask(sql).rows)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return write_log(tmp_path / "logs", SEALED, OPENED)


@pytest.fixture
def events(logs: Path) -> Iterator[Database]:
    with Database() as found:
        found.load(files_below(logs))
        yield found


def test_columns_are_the_members_of_a_record_and_a_few_more(events: Database) -> None:
    sql = """SELECT strftime(eventTime, '%H:%M'), eventname, userIdentity.arn, principal, actor,
             keyArn, resources[1].accountId, errorCode, readOnly, file FROM events ORDER BY 1"""
    assert rows(events, sql) == [
        ("00:01", "Encrypt", ANA, ANA, ANA, KEY, ACCOUNT, None, True, "log.json.gz"),
        ("00:02", "Decrypt", SESSION["arn"], SESSION["arn"], ROLE, KEY, ACCOUNT, "AccessDenied",
         True, "log.json.gz"),
    ]  # fmt: skip


def test_json_can_be_asked_and_the_whole_record_is_there(events: Database) -> None:
    sql = """SELECT requestParameters->>'$.encryptionContext.tenant', record FROM events
             WHERE eventName = 'Encrypt'"""
    ((tenant, whole),) = rows(events, sql)
    assert (tenant, json.loads(whole)) == ("7", SEALED)


def test_members_of_another_type_or_unknown_ones_cost_no_record(tmp_path: Path) -> None:
    odd = record("Sign", userIdentity="ana", resources="none", readOnly="true", somethingNew={})
    write_log(tmp_path, odd, SEALED)
    found, tally = loaded(tmp_path)
    with found:
        assert (tally.records, tally.problems) == (2, [])
        sql = (
            "SELECT principal, readOnly, record->'somethingNew' FROM events WHERE principal IS NULL"
        )
        assert rows(found, sql) == [(None, True, "{}")]


def test_what_is_broken_is_named_and_the_rest_is_loaded(tmp_path: Path) -> None:
    for name, data in {
        "1-torn.json.gz": log_file(SEALED)[:50],
        "2-no-json.json": b"{",
        "3-no-records.json": b'{"Events": []}',
        "4-records-that-are-none.json": log_file("x", {**SEALED, "eventTime": "noon"}, OPENED),
        "5-empty.json": log_file(),
        "6-half-a-letter.json": b'{"Records":[%s]}'
        % json.dumps(record("Sign", userAgent="\ud800")).encode(),
        "7 [glob]*?.json": log_file(record("Verify")),
        "8-no-sum.json.gz": log_file(record("ListKeys"))[:-8],
    }.items():
        (tmp_path / name).write_bytes(data)
    found, tally = loaded(tmp_path)
    torn = "not whole gzip (Compressed file ended before the end-of-stream marker was reached)"
    assert sorted(tally.problems, key=lambda problem: problem.file) == [
        Problem("1-torn.json.gz", torn),
        Problem("2-no-json.json", "not JSON (Expecting property name enclosed in double quotes:"
                " line 1 column 2 (char 1))"),
        Problem("3-no-records.json", "no list called Records"),
        Problem("4-records-that-are-none.json",
                "2 records without eventTime, eventSource or eventName"),
        Problem("8-no-sum.json.gz", torn),
    ]  # fmt: skip
    with found:
        sql = "SELECT eventName, file FROM events ORDER BY file"
        assert rows(found, sql) == [
            ("Decrypt", "4-records-that-are-none.json"),
            ("Sign", "6-half-a-letter.json"),
            ("Verify", "7 [glob]*?.json"),
        ]
    assert (tally.files, tally.records) == (8, 3)


def test_a_record_that_comes_again_counts_once_and_a_changed_one_is_named(tmp_path: Path) -> None:
    write_log(tmp_path, SEALED, OPENED, name="1.json.gz")
    write_log(tmp_path, SEALED, {**OPENED, "errorCode": ""}, name="2.json.gz")
    found, tally = loaded(tmp_path)
    with found:
        assert rows(found, "SELECT count(*) FROM events") == [(2,)]
        assert rows(found, "SELECT DISTINCT file FROM events") == [("1.json.gz",)]
    what = f"event {OPENED['eventID']} came before with another content"
    assert (tally.records, tally.repeated) == (2, 2)
    assert tally.problems == [Problem("2.json.gz", what)]


def test_records_without_an_id_are_all_kept(tmp_path: Path) -> None:
    one = {name: value for name, value in SEALED.items() if name != "eventID"}
    found, tally = loaded(write_log(tmp_path, one, one))
    with found:
        assert (tally.records, tally.repeated) == (2, 0)


def test_files_of_another_form_are_taken_in_parts(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = json.dumps({"Version": 1, "Records": [SEALED, OPENED, record("Sign")]})
    (logs / "log.json.gz").write_bytes(other.encode())
    monkeypatch.setattr(database, "BATCH_BYTES", 1_000)
    found, tally = loaded(logs)
    with found:
        assert (tally.records, tally.problems) == (3, [])


def test_the_bar_moves_with_the_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BATCH_BYTES", 1)
    for number in range(3):
        write_log(tmp_path, record("Sign"), name=f"{number}.json.gz")
    seen: list[tuple[int, int]] = []
    with Database() as found:
        found.load(files_below(tmp_path), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3), (3, 3)]


def test_files_need_not_lie_on_a_disk() -> None:
    with Database() as found:
        found.load([LogFile("far/away.json.gz", lambda: log_file(SEALED))])
        assert rows(found, "SELECT file FROM events") == [("far/away.json.gz",)]


REFUSED = {
    "DROP TABLE loaded": "does not only read; expected a SELECT",
    "COPY (SELECT 1) TO 'x.csv'": "does not only read; expected a SELECT",
    "SET memory_limit = '9GB'": "does not only read; expected a SELECT",
    "SELECT 1; SELECT 2": "expected one statement",
    "": "expected one statement",
    "SELEC": 'Parser Error: syntax error at or near "SELEC"',
    "SELECT * FROM read_csv('/etc/passwd')": 'Permission Error: Cannot access file "/etc/passwd"'
    " - file system operations are disabled by configuration",
    "SELECT CAST(eventName AS INTEGER) FROM events": "Conversion Error: Could not convert string"
    " 'Encrypt' to INT32 when casting from source column eventName",
}


@pytest.mark.parametrize("sql", sorted(REFUSED))
def test_a_query_only_reads_and_only_records(events: Database, sql: str) -> None:
    with pytest.raises(QueryError) as refusal:
        rows(events, sql)
    assert str(refusal.value) in {f"query {sql!r}{mark}{REFUSED[sql]}" for mark in (" ", ": ")}


def test_the_command_prints_a_table_lines_of_csv_or_objects(logs: Path, capsys: Capture) -> None:
    (logs / "torn.json").write_bytes(b"{")
    sql = "SELECT eventTime, eventName, requestParameters p FROM events ORDER BY 1"
    shown = {}
    for option in ("--quiet", "--csv", "--json"):
        assert main(["audit", str(logs), "--sql", sql, option]) == 0
        shown[option], err = capsys.readouterr()
        assert err.startswith("nines: warning: torn.json: not JSON")
    parameters = json.dumps(SEALED["requestParameters"], separators=(",", ":"))
    assert shown["--quiet"].splitlines()[1:] == [
        f"{at(1)}  Encrypt    {parameters}",
        f"{at(2)}  Decrypt",
    ]
    quoted = parameters.replace('"', '""')
    assert shown["--csv"].splitlines() == [
        "eventTime,eventName,p",
        f'{at(1)},Encrypt,"{quoted}"',
        f"{at(2)},Decrypt,",
    ]
    assert [json.loads(line) for line in shown["--json"].splitlines()] == [
        {"eventTime": at(1), "eventName": "Encrypt", "p": SEALED["requestParameters"]},
        {"eventTime": at(2), "eventName": "Decrypt", "p": None},
    ]


def test_a_query_that_fails_gets_one_line(logs: Path, capsys: Capture) -> None:
    assert main(["audit", str(logs), "--sql", "SELECT x FROM events"]) == 2
    line = 'Binder Error: Referenced column "x" not found in FROM clause!'
    assert capsys.readouterr() == ("", f"nines: query 'SELECT x FROM events': {line}\n")


def test_a_missing_extra_is_named(
    logs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert main(["audit", str(logs), "--sql", "SELECT 1"]) == 2
    expected = "expected pip install 'elevennines[query]'"
    line = f"nines: --sql needs duckdb, which is not installed; {expected}\n"
    assert capsys.readouterr().err == line


REAL = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail-2023"


@pytest.mark.skipif(not REAL.is_dir(), reason="real log files are not beside this checkout")
def test_the_records_of_the_real_service_are_the_same_by_both_readers() -> None:
    found, tally = loaded(REAL)
    with found:
        assert tally == collect(files_below(REAL), [])
        sql = """SELECT keyArn, eventName, count(*) FROM events
                 WHERE eventSource = 'kms.amazonaws.com' GROUP BY ALL ORDER BY ALL"""
        counts = [(key.rpartition("-")[2], name, n) for key, name, n in rows(found, sql)]
    ssm, secrets = "747ce3e5f8f4", "2a9f3c8f20c8"
    assert counts == [(ssm, "Decrypt", 84), (ssm, "Encrypt", 42), (secrets, "Decrypt", 40),
                      (secrets, "GenerateDataKey", 20)]  # fmt: skip
