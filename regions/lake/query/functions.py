"""The functions that a query may call, in Trino's names, and what DuckDB has in their place.

A function that is not here is refused: so nothing is reachable that reads files, settings, a
clock or dice. Equal names mean the same in both; where they do not, a macro bridges the two.
What does not belong here: how calls are found in a statement (tree.py).
Source: CloudTrail User Guide, "CloudTrail Lake SQL constraints": all functions of Trino; Trino
documentation, "Functions and operators"; DuckDB documentation, "Functions".
"""

from typing import Final

#: Functions and operators that both have, under one name and with one meaning. Those of intervals
#: stand for ``INTERVAL '7' DAY``, as DuckDB reads it.
_SAME: Final = """
    count count_star sum avg min max array_agg any_value bool_and bool_or count_if max_by min_by
    stddev stddev_pop stddev_samp variance var_pop var_samp histogram
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
    nth_value
    lower upper length concat concat_ws substr substring replace trim ltrim rtrim strpos position
    reverse split_part lpad rpad starts_with chr translate
    json_array_length
    contains map_keys map_values map_entries flatten
    date_trunc date_diff date_part year month day hour minute second quarter
    greatest least typeof row map unnest
    abs ceil ceiling floor round mod power pow sqrt ln log2 log10 exp sign
    + - * / % ~~ !~~ like_escape not_like_escape || trunc
    to_seconds to_minutes to_hours to_days to_weeks to_months to_years
""".split()  # noqa: SIM905 - a hundred names, one after the other

#: Trino's name -> DuckDB's.
_RENAMED: Final[dict[str, str]] = {
    "approx_distinct": "approx_count_distinct",
    "approx_percentile": "approx_quantile",
    "arbitrary": "any_value",
    "array_distinct": "list_distinct",
    "array_intersect": "list_intersect",
    "array_join": "array_to_string",
    "array_max": "list_max",
    "array_min": "list_min",
    "array_sort": "list_sort",
    "arrays_overlap": "list_has_any",
    "codepoint": "unicode",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "day_of_year": "dayofyear",
    "every": "bool_and",
    "filter": "list_filter",
    "last_day_of_month": "last_day",
    "levenshtein_distance": "levenshtein",
    "listagg": "string_agg",
    "regexp_extract_all": "regexp_extract_all",
    "regexp_like": "regexp_matches",
    "regexp_split": "string_split_regex",
    "sequence": "generate_series",
    "split": "string_split",
    "to_hex": "hex",
    "to_unixtime": "epoch",
    "transform": "list_transform",
    "truncate": "trunc",
    "week": "weekofyear",
    "week_of_year": "weekofyear",
}

_UNIT: Final = """CASE lower(unit)
    WHEN 'millisecond' THEN INTERVAL 1 MILLISECOND WHEN 'second' THEN INTERVAL 1 SECOND
    WHEN 'minute' THEN INTERVAL 1 MINUTE WHEN 'hour' THEN INTERVAL 1 HOUR
    WHEN 'day' THEN INTERVAL 1 DAY WHEN 'week' THEN INTERVAL 7 DAY
    WHEN 'month' THEN INTERVAL 1 MONTH WHEN 'quarter' THEN INTERVAL 3 MONTH
    WHEN 'year' THEN INTERVAL 1 YEAR END"""

#: Trino's name -> parameters and body of a macro, which is called as the name with ``lake_``.
MACROS: Final[dict[str, tuple[str, str]]] = {
    "array_position": ("a, e", "coalesce(list_position(a, e), 0)"),
    "array_remove": ("a, e", "list_filter(a, lambda x: x <> e)"),
    "date": ("t", "CAST(t AS DATE)"),
    "date_add": ("unit, n, t", f"t + n * {_UNIT}"),
    "from_iso8601_date": ("t", "CAST(t AS DATE)"),
    "from_iso8601_timestamp": ("t", "CAST(replace(rtrim(t, 'Z'), 'T', ' ') AS TIMESTAMP)"),
    "from_unixtime": ("s", "make_timestamp(CAST(s * 1000000 AS BIGINT))"),
    "json_array_get": (
        "j, i",
        "CASE WHEN json_valid(j) THEN json_extract(j, '$[' || CAST(i AS VARCHAR) || ']') END",
    ),
    "json_extract": ("j, p", "CASE WHEN json_valid(j) THEN json_extract(j, p) END"),
    "json_extract_scalar": (
        "j, p",
        (
            "CASE WHEN json_valid(j) AND json_type(j, p) NOT IN ('OBJECT', 'ARRAY', 'NULL')"
            " THEN json_extract_string(j, p) END"
        ),
    ),
    "json_format": ("j", "CAST(j AS VARCHAR)"),
    "json_parse": ("t", "CAST(t AS JSON)"),
    "log": ("b, x", "ln(x) / ln(b)"),
    "map_agg": ("k, v", "map(list(k), list(v))"),
    "regexp_count": ("t, p", "len(regexp_extract_all(t, p))"),
    "regexp_extract": (
        "t, p, g := 0",
        "CASE WHEN regexp_matches(t, p) THEN regexp_extract_all(t, p, g)[1] END",
    ),
    "regexp_replace": ("t, p, r := ''", r"regexp_replace(t, p, replace(r, '$', '\'), 'g')"),
    "slice": ("a, s, n", "list_slice(a, s, s + n - 1)"),
    "to_iso8601": ("t", "strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ')"),
}

#: Trino's name -> what stands in the statement that DuckDB gets.
FUNCTIONS: Final[dict[str, str]] = {
    **{name: name for name in _SAME},
    **_RENAMED,
    **{name: f"lake_{name}" for name in MACROS},
}

#: Functions whose second argument is a format in MySQL's words, which must be a constant.
FORMATTED: Final[dict[str, str]] = {"date_format": "strftime", "date_parse": "strptime"}
#: MySQL's words for parts of times -> strftime's, where they differ.
FORMATS: Final[dict[str, str]] = {
    "%M": "%B",
    "%c": "%-m",
    "%e": "%-d",
    "%f": "%f",
    "%h": "%I",
    "%i": "%M",
    "%k": "%-H",
    "%l": "%-I",
    "%s": "%S",
    "%r": "%I:%M:%S %p",
    "%T": "%H:%M:%S",
    "%W": "%A",
}

#: Functions without arguments that tell the time of the query; three may stand without brackets.
NOW: Final = ("now", "current_timestamp", "localtimestamp")
TODAY: Final = "current_date"
