"""Statements over event data stores: what they may say, and what DuckDB answers (CT-15)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from regions.errors import UnsupportedOperationException
from regions.lake.errors import EventDataStoreNotFoundException, InvalidQueryStatementException
from regions.lake.query import warehouse
from regions.lake.query.functions import FUNCTIONS, MACROS
from regions.lake.query.statement import quoted
from regions.lake.query.warehouse import QueryFailed, Warehouse

STORE = "1a2b3c4d-0000-4000-8000-00000000000a"
OTHER = "1a2b3c4d-0000-4000-8000-00000000000b"
#: 2023-01-23T00:00:00Z.
NOW_US = 1_674_432_000_000_000


def event(number: int, **members: Any) -> str:
    body = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROA:bob",
            "arn": "arn:aws:sts::111122223333:assumed-role/Admin/bob",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "userName": "Admin"},
                "attributes": {
                    "creationDate": "2023-01-22T10:00:00Z", "mfaAuthenticated": "false"
                },
            },
        },
        "eventTime": f"2023-01-22T16:53:{number:02}Z",
        "eventSource": "kms.amazonaws.com", "eventName": "Encrypt", "awsRegion": "us-east-1",
        "requestParameters": {"keyId": f"k{number}", "encryptionContext": {"a": "b"}, "n": 3},
        "responseElements": None, "eventID": f"e{number}", "readOnly": True,
        "resources": [{"accountId": "1", "type": "AWS::KMS::Key", "ARN": f"arn:key/{number}"}],
        "eventCategory": "Management",
        **members,
    }  # fmt: skip
    return json.dumps(body, separators=(",", ":"))


@pytest.fixture(scope="module")
def house() -> Iterator[Warehouse]:
    made = Warehouse()
    made.load(STORE, [event(number) for number in range(3)], 0)
    made.load(STORE, [event(3, eventName="Decrypt", errorCode="AccessDenied", readOnly=False)], 0)
    made.load(OTHER, [event(1, eventName="Sign")], 0)
    return made


def ask(house: Warehouse, text: str) -> list[dict[str, str]]:
    prepared = house.prepare(text, NOW_US, (STORE, OTHER))
    return [dict(row) for row in house.run(prepared.sql)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The examples of the User Guide, with names of events that are there.
        (
            (f"SELECT userIdentity.principalid, eventName FROM {STORE} WHERE userIdentity.principalid"
            " IS NOT NULL AND eventTime > '2023-01-22 00:00:00' AND"
            " eventTime < '2023-01-23 00:00:00' AND eventName='Decrypt'"),
            [{"principalid": "AROA:bob", "eventName": "Decrypt"}],
        ),
        (
            f"SELECT eventID, eventTime FROM {STORE} WHERE eventTime > '2023-01-22 16:53:02';",
            [{"eventID": "e3", "eventTime": "2023-01-22 16:53:03.000"}],
        ),
        (
            (f"SELECT eventSource, eventName, COUNT(*) AS apiCount FROM {STORE}"
            " WHERE eventTime > '2023-01-01 00:00:00' GROUP BY eventSource, eventName"
            " ORDER BY apiCount DESC"),
            [
                {"eventSource": "kms.amazonaws.com", "eventName": "Encrypt", "apiCount": "3"},
                {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "apiCount": "1"},
            ],
        ),
        (
            (f"SELECT eventTime, useridentity.arn, awsRegion FROM {STORE} WHERE awsRegion in"
            " ('us-east-1', 'us-west-2') AND eventName = 'Decrypt'"),
            [
                {
                    "eventTime": "2023-01-22 16:53:03.000",
                    "arn": "arn:aws:sts::111122223333:assumed-role/Admin/bob",
                    "awsRegion": "us-east-1",
                }
            ],
        ),
        (
            ("SELECT element_at(requestParameters, 'keyId'), element_at(responseElements, 'x')"
            f" FROM {STORE} WHERE eventID = 'e2'"),
            [{"_col0": "k2", "_col1": "null"}],
        ),
        # What the guide says of several stores, and of names quoted and not.
        (
            (f'SELECT eventName FROM {STORE} UNION SELECT eventName FROM "{OTHER}"'
            " ORDER BY eventName"),
            [{"eventName": "Decrypt"}, {"eventName": "Encrypt"}, {"eventName": "Sign"}],
        ),
        (
            (f"WITH a AS (SELECT eventID FROM {STORE}) SELECT count(*) AS n FROM a JOIN {OTHER} b"
            " ON a.eventID = b.eventID"),
            [{"n": "1"}],
        ),
        (
            (f"SELECT {STORE}.eventID FROM {STORE.upper()} WHERE eventID IN (SELECT eventID"
            f" FROM {OTHER})"),
            [{"eventID": "e1"}],
        ),
        # Nested fields, maps of texts, lists of rows.
        (
            ("SELECT userIdentity.sessionContext.attributes.creationDate AS made,"
            f" resources[1].arn AS arn, readOnly, requestParameters FROM {STORE} LIMIT 1"),
            [
                {
                    "made": "2023-01-22 10:00:00.000",
                    "arn": "arn:key/0",
                    "readOnly": "true",
                    "requestParameters": '{keyId=k0, encryptionContext={"a":"b"}, n=3}',
                }
            ],
        ),
        (
            ("SELECT json_extract_scalar(element_at(requestParameters, 'encryptionContext'), '$.a')"
            f" AS a, element_at(resources, 1).type AS kind FROM {STORE} WHERE eventID = 'e0'"),
            [{"a": "b", "kind": "AWS::KMS::Key"}],
        ),
        (
            (f"SELECT k FROM {STORE} CROSS JOIN UNNEST(map_keys(requestParameters)) AS t(k)"
            " WHERE eventID = 'e0' ORDER BY k"),
            [{"k": "encryptionContext"}, {"k": "keyId"}, {"k": "n"}],
        ),
        # The time of the query is the calendar's.
        (
            (f"SELECT count(*) AS n, current_date AS d FROM {STORE}"
            " WHERE eventTime > now() - INTERVAL '8' HOUR"
            " AND eventTime > date_add('day', -1, current_timestamp)"),
            [{"n": "4", "d": "2023-01-23 00:00:00.000"}],
        ),
        (
            (f"SELECT date_format(eventTime, '%Y-%m-%d %H:%i:%s') AS t, hour(eventTime) AS h"
            f" FROM {STORE} WHERE eventID = 'e0'"),
            [{"t": "2023-01-22 16:53:00", "h": "16"}],
        ),
        (
            ("SELECT regexp_extract(eventID, '([0-9])', 1) AS n, regexp_like(eventName, '^Dec') AS y"
            f" FROM {STORE} WHERE errorCode LIKE 'Access%'"),
            [{"n": "3", "y": "true"}],
        ),
    ],
)  # fmt: skip
def test_a_query_answers_as_the_user_guide_shows(
    house: Warehouse, text: str, expected: list[dict[str, str]]
) -> None:
    assert ask(house, text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"DELETE FROM {STORE}", "Only SELECT statements are allowed."),
        (f"DROP TABLE {STORE}", "Only SELECT statements are allowed."),
        (f"COPY {STORE} TO '/tmp/x'", "Only SELECT statements are allowed."),
        ("PRAGMA database_list", "Only SELECT statements are allowed."),
        ("SHOW TABLES", "Only SELECT statements are allowed."),
        (f"SUMMARIZE {STORE}", "Only SELECT statements are allowed."),
        ("SELECT 1; SELECT 2", "QueryStatement must be one SELECT statement."),
        ("", "QueryStatement must be one SELECT statement."),
        ("SELECT 1", "QueryStatement reads no event data store."),
        (f"SELEC x FROM {STORE}", 'syntax error at or near "SELEC"'),
        (
            f"SELECT nobody FROM {STORE}",
            'Binder Error: Referenced column "nobody" not found in FROM clause!',
        ),
        ("SELECT * FROM read_csv('/etc/passwd')", "Table function read_csv is not supported."),
        ("SELECT * FROM duckdb_settings()", "Table function duckdb_settings is not supported."),
        (f"SELECT getenv('HOME') FROM {STORE}", "Function getenv is not supported."),
        (
            f"SELECT current_setting('threads') FROM {STORE}",
            "Function current_setting is not supported.",
        ),
        (f"SELECT random() FROM {STORE}", "Function random is not supported."),
        (f"SELECT make_timestamp(1) FROM {STORE}", "Function make_timestamp is not supported."),
        (f'SELECT eventID FROM main."{STORE}"', f"Table {STORE}: expected an event data store id."),
        (f"SELECT COLUMNS('e.*') FROM {STORE}", "* takes no options."),
        (f"SELECT * FROM {STORE} WHERE eventID = ?", "PARAMETER expressions are not supported."),
        (
            (f"WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a) SELECT x FROM a,"
            f" {STORE}"),
            "Recursive queries are not supported.",
        ),
        (
            f"SELECT eventID FROM {STORE} USING SAMPLE 1 ROWS",
            "SAMPLE and QUALIFY are not supported.",
        ),
        (
            "SELECT 1 FROM " + ", ".join([STORE] * 11),
            "A query reads at most 10 tables.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_plain_query_is_refused(house: Warehouse, text: str, complaint: str) -> None:
    with pytest.raises(InvalidQueryStatementException) as error:
        ask(house, text)
    assert error.value.message == complaint


@pytest.mark.parametrize("table", ["information_schema", "'/etc/passwd'", "pg_class"])
def test_only_event_data_stores_are_tables(house: Warehouse, table: str) -> None:
    with pytest.raises(EventDataStoreNotFoundException, match="does not exist"):
        ask(house, f"SELECT * FROM {table}")


def test_ids_in_texts_and_comments_are_left_alone() -> None:
    text = f"SELECT '{STORE}' -- {STORE}\n/* {STORE} */ FROM {STORE};"
    assert quoted(text) == f"SELECT '{STORE}' -- {STORE}\n/* {STORE} */ FROM \"{STORE}\""


def test_every_function_of_the_table_is_one_of_duckdb(house: Warehouse) -> None:
    known = {
        name
        for (name,) in house._database.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions()"
        ).fetchall()
    }
    # These are parts of DuckDB's grammar, or windows, which that list leaves out.
    grammar = {"unnest", "row", "map", "count_star"} | {
        "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
        "first_value", "last_value", "nth_value",
    }  # fmt: skip
    assert set(FUNCTIONS.values()) - known - grammar == set()
    assert {f"lake_{name}" for name in MACROS} <= known


def test_a_query_that_takes_too_much_memory_fails(house: Warehouse) -> None:
    text = f"SELECT cardinality(map(sequence(1, 400000000), sequence(1, 400000000))) FROM {STORE}"
    with pytest.raises((QueryFailed, InvalidQueryStatementException)):
        ask(house, text)


def test_events_whose_retention_is_over_are_found_no_more() -> None:
    house = Warehouse()
    house.load(STORE, [event(0), event(1)], 0)
    house.load(STORE, [], 1_674_406_381_000_000)  # 2023-01-22T16:53:01Z
    assert ask(house, f"SELECT eventID FROM {STORE}") == [{"eventID": "e1"}]


def test_without_duckdb_a_query_says_which_extra_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedOperationException) as error:
        Warehouse()
    assert error.value.message == (
        "queries need DuckDB, which is not installed; expected: pip install 'elevennines[query]'"
    )
