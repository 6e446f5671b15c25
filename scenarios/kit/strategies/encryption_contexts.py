"""Encryption contexts: maps of text to text, some of which a careless form takes for one.

Source: AWS KMS Developer Guide, "Encryption context": pairs compare exactly, case-sensitively,
and their order does not matter; AWS KMS API Reference, EncryptionContextType.
"""

from typing import Final

from hypothesis import strategies as st

#: Pairs in a context, more of which teach nothing; a grant's constraint may have eight.
PAIRS_MAX: Final = 3
_TEXT_MAX: Final = 12
#: Pairs that differ from the first only in case, in their direction, or in where the name ends.
_ALIKE: Final = st.sampled_from(
    (("a", "b"), ("a", "B"), ("A", "b"), ("b", "a"), ("a", "ab"), ("aa", "b"), ("ab", "a"))
)
#: Whatever else people can read; control characters and what is unassigned are left to fuzzers.
_READABLE: Final = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))
_ANY: Final = st.text(_READABLE, min_size=1, max_size=_TEXT_MAX)


def encryption_contexts(
    *, min_pairs: int = 0, max_pairs: int = PAIRS_MAX
) -> st.SearchStrategy[dict[str, str]]:
    """Return encryption contexts; the simplest is empty.

    Args:
      min_pairs: as many pairs at least.
      max_pairs: as many at most.
    """
    names = _ANY.filter(lambda name: not name.startswith("aws:"))
    pairs = st.one_of(_ALIKE, st.tuples(names, _ANY))
    return st.lists(pairs, min_size=min_pairs, max_size=max_pairs, unique_by=_name).map(dict)


def _name(pair: tuple[str, str]) -> str:
    return pair[0]
