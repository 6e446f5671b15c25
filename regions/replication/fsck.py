"""Checks the stored logs, votes and snapshots of a region's nodes against each other.

What does not belong here: repairing (node.py does that when it starts and when it scrubs).
Source: the rules of log.py and storage.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from regions.findings import Contents, Finding, damage
from regions.replication.entries import Entries
from regions.replication.log import HARD_COPIES, Hard, decode_snapshot, decode_state, scan
from regions.replication.storage import LOG, SNAPSHOT_PREFIX, STATE, log_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """What one node's disk proves."""

    entries: Entries
    covered: int  #: state up to this index lies in a good snapshot; 0: in none
    voter: bool  #: term and vote are there

    def holds(self, index: int) -> bool:
        """Say whether an entry, or what it led to, can be had from here."""
        return index <= self.covered or self.entries.get(index) is not None


def check_nodes(contents: Contents) -> Iterator[Finding]:
    """Check all nodes of one region; yield what is wrong, by node and file.

    Args:
      contents: node -> its files.
    """
    members = {name: _member(files) for name, files in contents.items()}
    for name, files in sorted(contents.items()):
        others = [member for other, member in members.items() if other != name]
        yield from _check_log(name, files, others, members[name].covered)
        yield from _check_state(name, files, others)
        yield from _check_snapshots(name, files, others)


def _hard(files: Mapping[str, bytes]) -> Hard:
    return decode_state(files.get(STATE, b"")).hard or Hard()


def _snapshots(files: Mapping[str, bytes]) -> Iterator[tuple[str, int]]:
    """Yield the files of snapshots, each with its index, 0 if it is damaged."""
    for file in sorted(files):
        if file.startswith(SNAPSHOT_PREFIX):
            snapshot = decode_snapshot(files[file])
            named = file.removeprefix(SNAPSHOT_PREFIX)
            good = snapshot is not None and named.isdecimal() and snapshot.index == int(named)
            yield file, int(named) if good else 0


def _member(files: Mapping[str, bytes]) -> _Member:
    return _Member(
        entries=scan(log_of(files), _hard(files)).entries,
        covered=max((index for _, index in _snapshots(files)), default=0),
        voter=decode_state(files.get(STATE, b"")).hard is not None,
    )


def _copies(others: Iterable[_Member], indices: Iterable[int]) -> int:
    """Return how many other members hold each of some entries, at the least."""
    members = list(others)
    return min((sum(m.holds(index) for m in members) for index in indices), default=0)


def _check_log(
    name: str, files: Mapping[str, bytes], others: list[_Member], covered: int
) -> Iterator[Finding]:
    found = scan(log_of(files), _hard(files))
    for index in found.rotted:
        if index > covered:
            yield damage(name, LOG, f"entry {index} rotted", _copies(others, [index]))
        else:
            yield damage(name, LOG, f"entry {index} rotted; a snapshot here covers it", 1)
    last = found.entries.last_index
    if found.lost or found.proof > max(last, covered):
        proof = max(found.proof, last)
        # Where nothing proves how far the log went, the others' ends are the best guess.
        ends = [max(m.entries.last_index, m.covered) for m in others]
        upto = proof if proof > last else max(ends, default=last)
        gone = range(max(last, covered) + 1, upto + 1)
        what = found.lost or f"entries {last + 1}–{found.proof} were durable and are gone"
        copies = _copies(others, gone) if gone else len(others)
        yield damage(name, LOG, what, copies)
    elif found.torn:
        what = f"{found.torn} bytes torn after entry {last}"
        yield Finding(actor=name, file=LOG, state="torn", what=what)


def _check_state(name: str, files: Mapping[str, bytes], others: list[_Member]) -> Iterator[Finding]:
    state, log = decode_state(files.get(STATE, b"")), log_of(files)
    if state.hard is not None and state.rotted:
        left = len(HARD_COPIES) - state.rotted
        yield damage(name, STATE, "one copy of term and vote rotted; the other is good", left)
    elif state.hard is None and (state.rotted or log):
        # A majority of voters has to be left to take this one in again.
        voters = sum(member.voter for member in others)
        copies = voters if 2 * voters > len(others) + 1 else 0
        what = "term and vote are lost: this node has no vote until it has caught up"
        yield damage(name, STATE, what, copies)


def _check_snapshots(
    name: str, files: Mapping[str, bytes], others: list[_Member]
) -> Iterator[Finding]:
    entries = scan(log_of(files), _hard(files)).entries
    good = [index for _, index in _snapshots(files) if index]
    for file, index in _snapshots(files):
        if index:
            continue
        named = file.removeprefix(SNAPSHOT_PREFIX)
        wanted = int(named) if named.isdecimal() else 0
        # Its state comes again from the log here, if that reaches down to a state that is known.
        own = int(entries.base_index <= max(good, default=0) and entries.last_index >= wanted)
        elsewhere = sum(m.covered >= wanted or m.entries.base_index == 0 for m in others)
        yield damage(name, file, "the snapshot is damaged", own + elsewhere)
