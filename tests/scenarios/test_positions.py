"""Lines of keys in TOML documents."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.documents import element, pairs, table
from scenarios.positions import Path, Positions

DOCUMENT = '''\
# a comment = "1"
name = "x"  # [not.a.table]
"quoted key" = 1

numbers = [
  1,  # one ] more
  2,
]
text = """
[[fault]]
at = "no key" \\"""
"""
literal = \'\'\'
it's = 1\'\'\'\'

[topology]
audit.ack = "quorum"
inline = { "a}" = "b]", c = [1, { d = 2 }] }

[topology.regions]
us-east-1 = ["use1-az1"]

[[fault]]
plan = "one"

[[ fault ]]
plan = "two"
[fault.extra]
deep = 1

[[fault]]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("quoted key",), 3),
        (("numbers",), 5),
        (("text",), 9),
        (("literal",), 13),
        (("topology",), 16),
        (("topology", "audit"), 17),
        (("topology", "audit", "ack"), 17),
        (("topology", "inline", "c"), 18),
        (("topology", "regions"), 20),
        (("topology", "regions", "us-east-1"), 21),
        (("fault", 0, "plan"), 24),
        (("fault", 1), 26),
        (("fault", 1, "plan"), 27),
        (("fault", 1, "extra", "deep"), 29),
        (("fault", 2), 31),
        (("fault", 2, "missing"), 31),
        (("missing",), None),
        (("it's",), None),
    ],
)
def test_a_key_is_found_on_its_line(path: Path, line: int | None) -> None:
    tomllib.loads(DOCUMENT)  # it is one
    assert Positions(DOCUMENT).line(path) == line


plain = st.one_of(st.integers(-5, 5), st.booleans(), st.text(max_size=8))
values = st.one_of(plain, st.lists(plain, max_size=3))
keys = st.text("abc-_. \"'#=[]", min_size=1, max_size=5)
tables = st.dictionaries(keys, st.one_of(values, st.dictionaries(keys, values, max_size=3)))


@given(tables, st.lists(st.dictionaries(keys, values, max_size=3), max_size=3))
def test_what_is_written_is_read_back_and_every_key_found(
    one: dict[str, Any], several: list[dict[str, Any]]
) -> None:
    # Goal: any document of ours is scanned to its end, with each key on the line it was put on.
    lines = pairs({"first": 1}) + table("one", one)
    starts = []
    for each in several:
        starts.append(len(lines) + 2)
        lines += element("many", each)
    text = "\n".join(lines) + "\n"
    found = tomllib.loads(text)
    assert found["first"] == 1
    # An empty table inside another is not written.
    assert found["one"] == {k: v for k, v in one.items() if v != {}}
    assert found.get("many", []) == several
    positions = Positions(text)
    for number, (each, start) in enumerate(zip(several, starts, strict=True)):
        for below, key in enumerate(each, start=1):
            if "\n" not in "".join(lines[start - 1 : start + below]):
                plain_key = key if '"' not in key else None
                if plain_key is not None:
                    assert positions.line(("many", number, key)) == start + below
