"""Records as a table that SQL can be asked: ``events``, in a DuckDB database on disk.

Its columns are the members of a record under their own names, so that what is written for other
tables of CloudTrail mostly works; names of columns are the same in capitals and small letters.
``record`` is the whole JSON object, so nothing is lost that has no column. Memory is bounded
whatever the number of records: what does not fit lies in a temporary folder.
What does not belong here: reading files by Python (reader.py), and printing rows (tabular.py).
Source: DuckDB 1.x documentation, "Reading JSON", "Extracting Data from JSON", "Securing DuckDB".
"""

import gzip
import json
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from scenarios.audit.event import NotARecord, event_of
from scenarios.audit.reader import (
    LogFile,
    NotALogFile,
    Problem,
    Progress,
    Tally,
    is_digest,
    records_of,
)

#: Of the database; Python itself and one batch of files come on top. Chosen: fits a small machine.
MEMORY_LIMIT: Final = "1GB"
#: Uncompressed bytes that are loaded at once; chosen: large enough to keep two cores busy, small
#: enough for a bar that moves.
BATCH_BYTES: Final = 64 * 2**20
_GZIP: Final = b"\x1f\x8b"
#: What stands around the records of nearly every file. Between them is an array, which the
#: database reads record by record, ten times as fast as a member of one large object.
_HEAD: Final = re.compile(rb'\s*\{\s*"Records"\s*:\s*(?=\[)')
_TAIL: Final = re.compile(rb"\]\s*\}\s*\Z")
#: How far from its end a file's tail begins at most.
_TAIL_BYTES: Final = 64
#: What the database says of a file that is no log file.
_NO_LOG_FILE: Final = (duckdb.InvalidInputException, duckdb.IOException)
#: Rows that are fetched at once.
_FETCH: Final = 1_000

#: Columns and their types, as json_transform takes them; each is the member of that name.
COLUMNS: Final[dict[str, Any]] = {
    "eventID": "VARCHAR",
    "eventTime": "VARCHAR",
    "eventSource": "VARCHAR",
    "eventName": "VARCHAR",
    "awsRegion": "VARCHAR",
    "recipientAccountId": "VARCHAR",
    "userIdentity": {
        "type": "VARCHAR",
        "principalId": "VARCHAR",
        "arn": "VARCHAR",
        "accountId": "VARCHAR",
        "accessKeyId": "VARCHAR",
        "userName": "VARCHAR",
        "invokedBy": "VARCHAR",
        "sessionContext": "JSON",
    },
    "sourceIPAddress": "VARCHAR",
    "userAgent": "VARCHAR",
    "errorCode": "VARCHAR",
    "errorMessage": "VARCHAR",
    "readOnly": "BOOLEAN",
    "requestParameters": "JSON",
    "responseElements": "JSON",
    "additionalEventData": "JSON",
    "serviceEventDetails": "JSON",
    "resources": [{"ARN": "VARCHAR", "accountId": "VARCHAR", "type": "VARCHAR"}],
    "requestID": "VARCHAR",
    "eventType": "VARCHAR",
    "eventCategory": "VARCHAR",
    "managementEvent": "BOOLEAN",
    "sharedEventID": "VARCHAR",
    "vpcEndpointId": "VARCHAR",
    "eventVersion": "VARCHAR",
}
#: A record without one of these is none; the same as reader.py asks for.
_PROPER: Final = (
    "TRY_CAST(eventTime AS TIMESTAMP) IS NOT NULL AND eventSource IS NOT NULL"
    " AND eventName IS NOT NULL"
)
#: Columns that the members do not have: who is meant, which key, and from which file.
_MADE: Final = """
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId,
           userIdentity.accountId) AS principal,
  coalesce(userIdentity.sessionContext->>'$.sessionIssuer.arn', userIdentity.arn,
           userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId) AS actor,
  list_extract(list_filter(list_transform(resources, lambda one: one.ARN),
               lambda arn: contains(arn, ':key/')), 1) AS keyArn,
  record, file"""


class QueryError(ValueError):
    """A query that cannot be answered; one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave."""

    columns: tuple[str, ...]
    documents: tuple[bool, ...]  #: which of the columns are texts of JSON
    rows: Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Staged:
    """A file laid ready for the database."""

    name: str
    path: Path
    whole: bytes  #: the file as it was


class Database:
    """A database of records that lasts as long as the ``with`` block."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._folder = tempfile.TemporaryDirectory(prefix="nines-audit-")
        self._home = Path(self._folder.name)
        self._connection = self._connect()
        fields = ", ".join(f'"{column}" {_type(kind)}' for column, kind in COLUMNS.items())
        self._connection.execute(
            f"CREATE TABLE loaded (file VARCHAR, record JSON, {fields})"
        )
        self._staged = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._folder.cleanup()

    def _connect(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        found = duckdb.connect(str(self._home / "records.duckdb"), read_only=read_only)
        found.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        found.execute("SET temp_directory = ?", [str(self._home / "spilled")])
        found.execute("SET preserve_insertion_order = false")
        found.execute("SET TimeZone = 'UTC'")
        return found

    # Loading.

    def load(self, files: Iterable[LogFile], progress: Progress | None = None) -> Tally:
        """Load files, each record once, and make the view ``events``; return what was read.

        Args:
          progress: called after each batch of files.
        """
        listed, batch, size = list(files), list[_Staged](), 0
        for done, file in enumerate(listed, start=1):
            if is_digest(file.name):
                self.tally.digests += 1
                continue
            self.tally.files += 1
            data = self._read(file)
            if data is None:
                continue
            staged = self._stage(file.name, data)
            if staged is None:
                self._by_hand(file.name, data)
                continue
            batch.append(staged)
            size += len(data)
            if size >= BATCH_BYTES:
                self._take(batch)
                batch, size = [], 0
                if progress is not None:
                    progress(done, len(listed))
        self._take(batch)
        self._finish()
        if progress is not None:
            progress(len(listed), len(listed))
        return self.tally

    def _read(self, file: LogFile) -> bytes | None:
        """Return a file's content uncompressed, its checksum verified; None if it has none."""
        try:
            data = file.read()
            return gzip.decompress(data) if data.startswith(_GZIP) else data
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._problem(file.name, f"not whole gzip ({error})")
        except OSError as error:
            self._problem(file.name, f"cannot be read ({error.strerror})")
        return None

    def _problem(self, file: str, what: str) -> None:
        self.tally.problems.append(Problem(file, what))

    def _stage(self, name: str, data: bytes) -> _Staged | None:
        """Lay the array of a file's records ready; None when the file has another form."""
        head = _HEAD.match(data)
        tail = _TAIL.search(data, max(0, len(data) - _TAIL_BYTES))
        if head is None or tail is None:
            return None
        return self._lay(name, data, memoryview(data)[head.end() : tail.start() + 1])

    def _lay(self, name: str, whole: bytes, array: bytes | memoryview) -> _Staged:
        # The name is ours: the database would take some characters of a name for a pattern.
        self._staged += 1
        path = self._home / f"{self._staged}.json"
        path.write_bytes(array)
        return _Staged(name, path, whole)

    def _take(self, batch: list[_Staged]) -> None:
        """Load files together; where that fails one by one, and by Python where that fails."""
        if not batch:
            return
        try:
            silent = self._insert(batch)
        except _NO_LOG_FILE:
            silent = []
            for one in batch:
                try:
                    silent += self._insert([one])
                except _NO_LOG_FILE:
                    silent.append(one)
        for one in silent:
            self._by_hand(one.name, one.whole)
        for one in batch:
            one.path.unlink()

    def _insert(self, batch: list[_Staged]) -> list[_Staged]:
        """Load files, and return those that gave no record at all.

        Raises:
          duckdb.Error: one is no log file; none of them is loaded then.
        """
        paths = [str(one.path) for one in batch]
        before = self._connection.execute("SELECT count(*) FROM loaded").fetchall()[0][0]
        self._connection.execute(
            f"""
            INSERT INTO loaded SELECT file, record,
                   unnest(json_transform(record, '{json.dumps(COLUMNS)}'))
            FROM (SELECT filename AS path, json AS record FROM read_json_objects(
                    ?, format = 'array', filename = true, compression = 'uncompressed'))
            JOIN (SELECT unnest(?) AS path, unnest(?) AS file) USING (path)
            """,  # noqa: S608 - names and numbers of ours
            [paths, paths, [one.name for one in batch]],
        )
        found = self._connection.execute(
            "SELECT DISTINCT file FROM loaded WHERE rowid >= ?", [before]
        ).fetchall()
        return [one for one in batch if (one.name,) not in found]

    def _by_hand(self, name: str, data: bytes) -> None:
        """Load what Python can read of a file, and say what is wrong with it."""
        try:
            records = records_of(data)
        except NotALogFile as error:
            self._problem(name, str(error))
            return
        kept, size = list[str](), 0
        for place, record in enumerate(records):
            try:
                event_of(record)
            except NotARecord as error:
                self._problem(name, f"record {place}: {error}")
                continue
            kept.append(json.dumps(record, ensure_ascii=False))
            size += len(kept[-1])
            if size > BATCH_BYTES // 2 or place == len(records) - 1:
                self._insert_texts(name, kept)
                kept, size = [], 0
        if kept:
            self._insert_texts(name, kept)

    def _insert_texts(self, name: str, texts: list[str]) -> None:
        # Half a surrogate pair is JSON, but no text that the database could hold.
        body = ("[" + ",".join(texts) + "]").encode("utf-8", "replace")
        staged = self._lay(name, body, body)
        try:
            self._insert([staged])
        except _NO_LOG_FILE as error:
            count = len(texts)
            self._problem(name, f"{count} records are too much for the database: {_line(error)}")
        staged.path.unlink()

    def _finish(self) -> None:
        """Leave out what is no record or came before, and open the database for reading only."""
        run = self._connection.execute
        for file, count in run(
            f"SELECT file, count(*) FROM loaded WHERE NOT ({_PROPER}) GROUP BY file ORDER BY file"  # noqa: S608 - names and numbers of ours
        ).fetchall():
            self._problem(file, f"{count} records without eventTime, eventSource or eventName")
        run(f"DELETE FROM loaded WHERE NOT ({_PROPER})")  # noqa: S608 - names and numbers of ours
        self._once()
        total, first, last = run(
            "SELECT count(*), min(eventTime), max(eventTime) FROM loaded"
        ).fetchall()[0]
        self.tally.records, self.tally.first, self.tally.last = total, first or "", last or ""
        others = ", ".join(f'"{column}"' for column in COLUMNS if column != "eventTime")
        run(
            f"""CREATE VIEW events AS SELECT CAST(eventTime AS TIMESTAMP) AS "eventTime",
                {others}, {_MADE} FROM loaded"""  # noqa: S608 - names and numbers of ours
        )
        self._connection.close()
        self._connection = self._connect(read_only=True)
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def _once(self) -> None:
        """Keep the first of the records with one eventID."""
        run = self._connection.execute
        repeated = """FROM loaded WHERE eventID IN (
            SELECT eventID FROM loaded GROUP BY eventID HAVING count(*) > 1)"""
        for file, event in run(
            f"""SELECT max(file), eventID {repeated} GROUP BY eventID
                HAVING count(DISTINCT record::VARCHAR) > 1 ORDER BY eventID"""
        ).fetchall():
            self._problem(file, f"event {event} came before with another content")
        run(
            f"""CREATE TEMP TABLE again AS SELECT place FROM (SELECT rowid AS place,
                row_number() OVER (PARTITION BY eventID ORDER BY file, rowid) AS number
                {repeated}) WHERE number > 1"""  # noqa: S608 - names and numbers of ours
        )
        self.tally.repeated = run("SELECT count(*) FROM again").fetchall()[0][0]
        if self.tally.repeated:
            run("DELETE FROM loaded WHERE rowid IN (SELECT place FROM again)")

    # Asking.

    def ask(self, sql: str) -> Answer:
        """Return the answer to one query.

        Raises:
          QueryError: it is no query, more than one, changes something, or fails.
        """
        try:
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1:
                raise QueryError(f"query {_short(sql)}: expected one statement")
            reads = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
            if statements[0].type not in reads:
                raise QueryError(
                    f"query {_short(sql)} does not only read; expected a SELECT"
                )
            found = self._connection.execute(statements[0])
            described = found.description or []
        except duckdb.Error as error:
            raise QueryError(f"query {_short(sql)}: {_line(error)}") from error
        return Answer(
            columns=tuple(column[0] for column in described),
            documents=tuple(str(column[1]) == "JSON" for column in described),
            rows=self._rows(sql),
        )

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            while rows := self._connection.fetchmany(_FETCH):
                yield from rows
        except duckdb.Error as error:
            raise QueryError(f"query {_short(sql)}: {_line(error)}") from error


def _type(kind: Any) -> str:
    """Return a type of COLUMNS as SQL writes it."""
    if isinstance(kind, dict):
        fields = ", ".join(f'"{name}" {_type(inner)}' for name, inner in kind.items())
        return f"STRUCT({fields})"
    return f"{_type(kind[0])}[]" if isinstance(kind, list) else str(kind)


def _short(sql: str) -> str:
    text = " ".join(sql.split())
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
