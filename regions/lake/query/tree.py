"""A statement as a tree: everything in it is looked at, and Trino's words become DuckDB's.

The tree is the JSON that DuckDB makes of a statement. Only what is named here may stand in one:
reading from event data stores and from parts of the statement itself, with known functions.
What does not belong here: DuckDB (warehouse.py), or the functions (functions.py).
Source: CloudTrail User Guide, "CloudTrail Lake SQL constraints"; DuckDB, ``json_serialize_sql``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from regions.errors import ServiceError
from regions.lake.errors import EventDataStoreNotFoundException, InvalidQueryStatementException
from regions.lake.query.functions import FORMATS, FORMATTED, FUNCTIONS, NOW, TODAY
from regions.lake.query.schema import COLUMNS
from regions.lake.query.statement import is_store_id

#: Event data stores, and names of the statement's own, that one statement may read; chosen: each
#: further one multiplies what there may be to do.
TABLES_MAX: Final = 10

Node = dict[str, Any]

_WORD: Final = re.compile("%.")

_NODES: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
_TABLES: Final = frozenset(
    {"BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY", "TABLE_FUNCTION", "EXPRESSION_LIST"}
)
_EXPRESSIONS: Final = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "OPERATOR",
        "STAR",
        "SUBQUERY",
        "WINDOW",
    }
)
#: Members of nodes that have a table or a query in them.
_FROM: Final = "from_table"
_US_PER_DAY: Final = 86_400_000_000
_OF_FUNCTIONS: Final[Node] = {
    "class": "FUNCTION",
    "type": "FUNCTION",
    "alias": "",
    "schema": "",
    "filter": None,
    "order_bys": {"type": "ORDER_MODIFIER", "orders": []},
    "distinct": False,
    "is_operator": False,
    "export_state": False,
    "catalog": "",
}


@dataclass(slots=True)
class Translation:
    """What was found in a statement."""

    now_us: int  #: the time of the query: microseconds since 1970
    stores: list[str] = field(default_factory=list)  #: ids, in order of their first mention
    names: set[str] = field(default_factory=set)  #: of the statement's own tables, lower case
    tables: int = 0


def translate(tree: Node, now_us: int) -> tuple[Node, tuple[str, ...]]:
    """Return a tree for DuckDB, and the ids of the event data stores that it reads.

    Args:
      tree: what ``json_serialize_sql`` made of a statement; it is changed.

    Raises:
      InvalidQueryStatementException: it is no single SELECT, or says something that it may not.
      EventDataStoreNotFoundException: it reads what cannot be an event data store.
    """
    if tree["error"]:
        raise _refused(tree)
    if len(tree["statements"]) != 1:
        raise InvalidQueryStatementException("QueryStatement must be one SELECT statement.")
    translation = Translation(now_us)
    node = tree["statements"][0]["node"]
    _collect_names(node, translation.names)
    _query(node, translation)
    _name_columns(node)
    if not translation.stores:
        raise InvalidQueryStatementException("QueryStatement reads no event data store.")
    return tree, tuple(translation.stores)


def _refused(tree: Node) -> ServiceError:
    if tree.get("error_type") == "not implemented":
        return InvalidQueryStatementException("Only SELECT statements are allowed.")
    return InvalidQueryStatementException(str(tree["error_message"]).partition("\n")[0])


def _collect_names(value: Any, names: set[str]) -> None:
    """Find the names that WITH gives, wherever it stands."""
    if isinstance(value, dict):
        named = value.get("cte_map")
        if isinstance(named, dict):
            names.update(str(each["key"]).lower() for each in named["map"])
        for item in value.values():
            _collect_names(item, names)
    elif isinstance(value, list):
        for item in value:
            _collect_names(item, names)


def _query(node: Node, found: Translation) -> None:
    """Check one SELECT, or a combination of them."""
    if node["type"] not in _NODES:
        raise InvalidQueryStatementException("Recursive queries are not supported.")
    if node["type"] == "SELECT_NODE":
        _table(node[_FROM], found)
        if node.get("sample") is not None or node.get("qualify") is not None:
            raise InvalidQueryStatementException("SAMPLE and QUALIFY are not supported.")
    _walk_parts(node, found, but=(_FROM,))


def _table(node: Node, found: Translation) -> None:
    """Check what a SELECT reads from."""
    kind = node["type"]
    if kind not in _TABLES:
        raise InvalidQueryStatementException("Only SELECT statements are allowed.")
    if node.get("sample") is not None or node.get("at_clause") is not None:
        raise InvalidQueryStatementException("Samples and versions of tables are not supported.")
    if kind == "BASE_TABLE":
        _base_table(node, found)
    elif kind == "JOIN":
        _table(node["left"], found)
        _table(node["right"], found)
    elif kind == "TABLE_FUNCTION" and node["function"]["function_name"] != "unnest":
        name = node["function"]["function_name"]
        raise InvalidQueryStatementException(f"Table function {name} is not supported.")
    _walk_parts(node, found, but=("left", "right"))


def _base_table(node: Node, found: Translation) -> None:
    name = str(node["table_name"])
    found.tables += 1
    if found.tables > TABLES_MAX:
        raise InvalidQueryStatementException(f"A query reads at most {TABLES_MAX} tables.")
    if node["schema_name"] or node["catalog_name"]:
        raise InvalidQueryStatementException(f"Table {name}: expected an event data store id.")
    if name.lower() in found.names:
        return
    if not is_store_id(name):
        raise EventDataStoreNotFoundException(f"Event data store {name} does not exist.")
    node["table_name"] = name.lower()
    if name.lower() not in found.stores:
        found.stores.append(name.lower())


def _walk(value: Any, found: Translation) -> None:
    """Look at everything below a node, whatever it is."""
    if isinstance(value, list):
        for item in value:
            _walk(item, found)
    elif isinstance(value, dict):
        if "class" in value:
            _expression(value, found)
        elif str(value.get("type")).endswith("_NODE"):
            _query(value, found)
            return
        _walk_parts(value, found)


def _walk_parts(node: Node, found: Translation, but: tuple[str, ...] = ()) -> None:
    for name, item in list(node.items()):
        if name not in but:
            _walk(item, found)


def _expression(node: Node, found: Translation) -> None:
    """Check one expression and put DuckDB's in its place; what is in it follows."""
    kind = node["class"]
    if kind not in _EXPRESSIONS:
        raise InvalidQueryStatementException(f"{kind} expressions are not supported.")
    if kind == "COLUMN_REF":
        _column(node, found)
    elif kind in ("FUNCTION", "WINDOW"):
        _function(node, found)
    elif kind == "CAST" and "TIME ZONE" in node["cast_type"]["id"]:
        # What such a value means depends on the machine that the query runs on.
        raise InvalidQueryStatementException("Types with a time zone are not supported.")
    elif kind == "STAR" and (node["columns"] or node["exclude_list"] or node["replace_list"]):
        raise InvalidQueryStatementException("* takes no options.")


def _column(node: Node, found: Translation) -> None:
    names = node["column_names"]
    if len(names) == 1 and names[0].lower() in (*NOW, TODAY):
        _replace(node, _time(names[0].lower(), found.now_us, node["alias"]))


def _function(node: Node, found: Translation) -> None:
    name = str(node["function_name"]).lower()
    if node.get("schema") or node.get("catalog"):
        raise InvalidQueryStatementException(f"Function {name} is not supported.")
    if name in (*NOW, TODAY) and not node["children"]:
        _replace(node, _time(name, found.now_us, node["alias"]))
    elif name == "element_at":
        kept = {part: node[part] for part in ("alias", "children")}
        _replace(node, {"class": "OPERATOR", "type": "ARRAY_EXTRACT", **kept})
    elif name == "any_match":
        _replace(node, _any_of(node))
    elif name in FORMATTED:
        node["function_name"] = FORMATTED[name]
        _format(name, node["children"])
    elif name in FUNCTIONS:
        node["function_name"] = FUNCTIONS[name]
    elif name != "make_timestamp" or "query_location" in node:
        raise InvalidQueryStatementException(f"Function {name} is not supported.")


def _any_of(node: Node) -> Node:
    """Return whether any value of an array passes: Trino has one function for what are two."""
    every = {**node, "function_name": "transform", "alias": ""}
    return {**node, "function_name": "list_bool_or", "children": [every]}


def _format(name: str, arguments: list[Node]) -> None:
    """Put a format of strftime in the place of MySQL's."""
    value = arguments[-1].get("value") if arguments else None
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        raise InvalidQueryStatementException(f"The format of {name} must be a text.")
    value["value"] = _WORD.sub(lambda found: FORMATS.get(found[0], found[0]), value["value"])


def _replace(node: Node, other: Mapping[str, Any]) -> None:
    node.clear()
    node.update(other)


def _time(name: str, now_us: int, alias: str) -> Node:
    """Return the time of the query as an expression; it is the same wherever it stands in one."""
    value = now_us - now_us % _US_PER_DAY if name == TODAY else now_us
    number = {"type": {"id": "BIGINT", "type_info": None}, "is_null": False, "value": value}
    constant = {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "value": number}
    called = {"function_name": "make_timestamp", "alias": alias, "children": [constant]}
    return {**_OF_FUNCTIONS, **called}


def _name_columns(node: Node) -> None:
    """Name the columns of the result as the service does: as written, or ``_col0``, ``_col1``."""
    while node["type"] != "SELECT_NODE":
        node = node["left"] if "left" in node else node["child"]
    for place, column in enumerate(node["select_list"]):
        if not column["alias"] and column["class"] != "STAR":
            names = column.get("column_names") or [f"_col{place}"]
            # A column that there is not keeps no name, or the complaint would be of the name.
            if len(names) > 1 or names[0].lower() in COLUMNS or "column_names" not in column:
                column["alias"] = names[-1]
