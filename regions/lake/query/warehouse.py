"""DuckDB over the events of event data stores: tables in memory, loaded when a query needs them.

The one place that imports DuckDB, which the extra ``query`` brings. One thread, no disk, no
network, no extensions; a statement reaches it only as a tree that was looked at (tree.py).
What does not belong here: which events a store has (state.py), or states of queries.
Source: DuckDB documentation, "Securing DuckDB"; results as the service shows them: every value a
text, in Trino's form.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from regions.errors import UnsupportedOperationException
from regions.lake.errors import InvalidQueryStatementException
from regions.lake.query.cells import cell
from regions.lake.query.functions import MACROS
from regions.lake.query.schema import COLUMNS
from regions.lake.query.statement import quoted
from regions.lake.query.tree import translate

#: What all tables and one query may take of memory; chosen.
MEMORY_LIMIT: Final = "1GB"
#: Rows and bytes of one result; more fail the query. Chosen.
ROWS_MAX: Final = 100_000
RESULT_BYTES_MAX: Final = 32 * 1024 * 1024
_ROWS_FETCHED: Final = 1_000
_MISSING: Final = (
    "queries need DuckDB, which is not installed; expected: pip install 'elevennines[query]'"
)
_SETTINGS: Final[dict[str, str | bool | int]] = {
    "threads": 1,
    "memory_limit": MEMORY_LIMIT,
    "max_temp_directory_size": "0B",
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}

Row = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement that was found to be a query."""

    sql: str  #: as DuckDB takes it
    stores: tuple[str, ...]  #: the ids of those that it reads


class QueryFailed(Exception):
    """A query ended without a result; the text says why."""


def is_installed() -> bool:
    """Say whether DuckDB is there."""
    return find_spec("duckdb") is not None


class Warehouse:
    """Tables of one region's event data stores, by their ids.

    Raises:
      UnsupportedOperationException: DuckDB is not installed; the text says which extra has it.
    """

    def __init__(self) -> None:
        if not is_installed():
            raise UnsupportedOperationException(_MISSING)
        import duckdb  # noqa: PLC0415 - an extra

        self._errors = duckdb.Error
        self._interrupted = duckdb.InterruptException
        self._database = duckdb.connect(":memory:", config=dict(_SETTINGS))
        for name, (parameters, body) in MACROS.items():
            self._database.execute(f"CREATE MACRO lake_{name}({parameters}) AS {body}")
        self._database.execute("SET lock_configuration = true")
        #: What runs queries has a connection of its own: it may be at work in another thread.
        self._worker = self._database.cursor()
        self._tables: set[str] = set()

    def prepare(self, text: str, now_us: int, known: Iterable[str]) -> Prepared:
        """Return a statement as a query of some of the known stores.

        Raises:
          InvalidQueryStatementException: it is none; the text says what is wrong with it.
          EventDataStoreNotFoundException: it reads a table that cannot be a store.
        """
        serialized = self._one("SELECT json_serialize_sql(?)", quoted(text))
        tree, stores = translate(json.loads(serialized), now_us)
        sql = self._one("SELECT json_deserialize_sql(?)", json.dumps(tree))
        named = set(known)
        if all(store in named for store in stores):
            for store in stores:
                self._table(store)
            try:
                self._database.execute(f"DESCRIBE {sql}").fetchall()
            except self._errors as error:
                raise InvalidQueryStatementException(_first_line(error)) from error
        return Prepared(sql=sql, stores=stores)

    def _one(self, sql: str, value: str) -> str:
        try:
            found = self._database.execute(sql, [value]).fetchone()
        except self._errors as error:
            raise InvalidQueryStatementException(_first_line(error)) from error
        assert found is not None, "an expression has a value"
        return str(found[0])

    def _table(self, store: str) -> None:
        if store not in self._tables:
            columns = ", ".join(f'{sql} AS "{name}"' for name, sql in COLUMNS.items())
            # A store's name is an id of our own; columns are this package's.
            empty = f'CREATE TABLE "{store}" AS SELECT {columns} FROM (SELECT NULL::JSON AS j)'  # noqa: S608 - as said
            self._database.execute(f"{empty} LIMIT 0")
            self._tables.add(store)

    def load(self, store: str, events: list[str], oldest_us: int) -> None:
        """Add events, each a JSON object, to a store's table; take those out that are too old.

        Raises:
          QueryFailed: there is no room for them, or one is no JSON.
        """
        self._table(store)
        columns = ", ".join(COLUMNS.values())
        source = "SELECT unnest(CAST(? AS VARCHAR[]))::JSON AS j"
        into = f'INSERT INTO "{store}" SELECT {columns} FROM ({source})'  # noqa: S608 - the same
        gone = f'DELETE FROM "{store}" WHERE eventtime < make_timestamp(?)'  # noqa: S608 - the same
        try:
            if events:
                self._worker.execute(into, [events])
            self._worker.execute(gone, [oldest_us])
        except self._errors as error:
            raise QueryFailed(_first_line(error)) from error

    def drop(self, store: str) -> None:
        """Forget a store's table."""
        if store in self._tables:
            self._tables.remove(store)
            self._worker.execute(f'DROP TABLE "{store}"')

    def run(self, sql: str) -> list[Row]:
        """Return the rows of a query: name and text of every column.

        Raises:
          QueryFailed: it failed while it ran, its result is too large, or it was interrupted.
        """
        rows: list[Row] = []
        size = 0
        try:
            found = self._worker.execute(sql)
            names = [column[0] for column in found.description or ()]
            while batch := found.fetchmany(_ROWS_FETCHED):
                for values in batch:
                    row = tuple((n, cell(v)) for n, v in zip(names, values, strict=True))
                    size += sum(len(name) + len(text) for name, text in row)
                    rows.append(row)
                if len(rows) > ROWS_MAX or size > RESULT_BYTES_MAX:
                    raise QueryFailed(
                        f"the result has more than {ROWS_MAX} rows or {RESULT_BYTES_MAX} bytes"
                    )
        except self._interrupted as error:
            raise QueryFailed("the query was interrupted") from error
        except self._errors as error:
            raise QueryFailed(_first_line(error)) from error
        return rows

    def interrupt(self) -> None:
        """End the query that runs; may be called from another thread."""
        self._worker.interrupt()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
