"""Walks over sorted keys: by prefix, behind a marker, with what lies below a delimiter rolled up.

What does not belong here: pages of one action and what they show of a key (operations/).
Source: Amazon S3 User Guide, "Organizing objects using prefixes" and "Listing object keys
programmatically"; keys are in the order of their UTF-8 bytes, which is that of code points.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from sys import maxunicode


def rolled_up(key: str, prefix: str, delimiter: str) -> str:
    """Return the common prefix that a list shows instead of a key; "" if it shows the key."""
    place = key.find(delimiter, len(prefix)) if delimiter else -1
    return "" if place < 0 else key[: place + len(delimiter)]


def end_of(keys: Sequence[str], prefix: str, begin: int) -> int:
    """Return the place behind the last key with this prefix, none of which is before ``begin``."""
    last = ord(prefix[-1])
    if last < maxunicode:
        return bisect_left(keys, prefix[:-1] + chr(last + 1), begin)
    place = begin
    while place < len(keys) and keys[place].startswith(prefix):
        place += 1
    return place


def walk(
    keys: Sequence[str],
    shown: Callable[[str], bool],
    *,
    prefix: str = "",
    delimiter: str = "",
    after: str = "",
    with_after: bool = False,
) -> Iterator[tuple[str, bool]]:
    """Yield each key, or each common prefix once, with whether it is a common prefix.

    Args:
      keys: sorted.
      shown: says whether a key is there at all.
      prefix: keys begin with it.
      delimiter: what lies behind it, after the prefix, is rolled up; "" rolls nothing up.
      after: only keys behind this one; a common prefix that was yielded before is left behind
        as a whole.
      with_after: the key ``after`` itself, too, as a list of versions needs it.
    """
    place = bisect_left(keys, prefix)
    if after:
        beyond = bisect_left(keys, after) if with_after else bisect_right(keys, after)
        if after.startswith(prefix) and after == rolled_up(after, prefix, delimiter):
            beyond = end_of(keys, after, bisect_left(keys, after))
        place = max(place, beyond)
    while place < len(keys) and keys[place].startswith(prefix):
        key = keys[place]
        common = rolled_up(key, prefix, delimiter)
        if not common:
            if shown(key):
                yield key, False
            place += 1
            continue
        end = end_of(keys, common, place)
        if any(shown(keys[number]) for number in range(place, end)):
            yield common, True
        place = end
