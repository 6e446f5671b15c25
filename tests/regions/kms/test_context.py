"""The canonical encryption context: equal maps and only equal maps give equal bytes."""

from hypothesis import given
from hypothesis import strategies as st

from regions.kms.context import canonical

CONTEXTS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=4)


def test_pairs_are_sorted_and_every_string_stands_behind_its_length() -> None:
    golden = b"\0\0\0\1a\0\0\0\2\xc3\xa9\0\0\0\1b\0\0\0\0"
    assert canonical({"b": "", "a": "é"}) == golden
    assert canonical({}) == b""


@given(context=CONTEXTS)
def test_the_order_of_pairs_does_not_matter(context: dict[str, str]) -> None:
    assert canonical(dict(reversed(context.items()))) == canonical(context)


@given(one=CONTEXTS, other=CONTEXTS)
def test_different_contexts_have_different_bytes(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)
