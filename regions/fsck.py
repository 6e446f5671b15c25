"""Checks all stored files of a world; what is found is told by findings.py's words.

Files of replication and of recorders are checked against the copies that others hold; the rest
carry their own repair (armour.py). Of actors that are not known here a file is checked if it looks
like one of ours, and counted as unchecked if not. Nothing is repaired: actors do that when they
start, when they read and when they scrub.
What does not belong here: opening files (scenarios/commands/fsck.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from regions import armour
from regions.findings import Contents, Finding, Stored, damage
from regions.replication.fsck import check_nodes
from regions.trail.journal import damaged_bytes, entries, intact_size

#: A file under this ending is written whole and renamed to the name without it.
_NEW: Final = ".new"
#: Kinds of actors, as their names end, all of whose files are blocks of armour.py.
_ARMOURED: Final = frozenset({"bucket", "front", "operator", "trail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check has seen."""

    actors: int
    files: int
    bytes_: int
    findings: tuple[Finding, ...]  #: by actor and file
    unchecked: tuple[tuple[str, str], ...]  #: (actor, file) of a format that is not known

    @property
    def damaged(self) -> bool:
        """Whether anything rotted or is lost, repairable or not."""
        return any(finding.state != "torn" for finding in self.findings)


def check(stored: Mapping[str, Stored]) -> Report:
    """Check the files of all actors, by name."""
    findings: list[Finding] = []
    unchecked: list[tuple[str, str]] = []
    groups: dict[tuple[str, str], dict[str, dict[str, bytes]]] = defaultdict(dict)
    files = size = 0
    for actor, disk in sorted(stored.items()):
        region, kind = actor.partition("/")[0], actor.rpartition("/")[2]
        for file in disk.files():
            files += 1
            try:
                raw = disk.load(file)
            except OSError as error:
                findings.append(damage(actor, file, f"it cannot be read: {error.strerror}", 0))
                continue
            size += len(raw)
            if kind in _GROUPS:
                groups[region, kind].setdefault(actor, {})[file] = raw
            elif kind in _ARMOURED or _is_armour(file, raw):
                findings += _check_armour(actor, file, raw)
            elif raw and next(entries(raw), None) is not None:
                findings += _check_journal(actor, file, raw)
            elif raw:
                unchecked.append((actor, file))
        if kind in _GROUPS:
            # Who holds nothing is one who cannot help.
            groups[region, kind].setdefault(actor, {})
    for (_, kind), contents in groups.items():
        findings += _GROUPS[kind](contents)
    findings.sort(key=lambda finding: (finding.actor, finding.file))
    return Report(
        actors=len(stored),
        files=files,
        bytes_=size,
        findings=tuple(findings),
        unchecked=tuple(unchecked),
    )


# Blocks that mend themselves.


def _is_armour(file: str, raw: bytes) -> bool:
    return bool(armour.unseal(file.removesuffix(_NEW), raw).blocks)


def _check_armour(actor: str, file: str, raw: bytes) -> Iterator[Finding]:
    found = armour.unseal(file.removesuffix(_NEW), raw)
    if found.mended:
        yield damage(actor, file, f"sectors that can be mended: {len(found.mended)}", 1)
    if found.lost:
        yield damage(actor, file, f"blocks that cannot be read: {found.lost}", 0)
    if found.torn:
        yield Finding(actor=actor, file=file, state="torn", what="the last block is torn")


def _check_journal(actor: str, file: str, raw: bytes) -> Iterator[Finding]:
    """Check a journal of which there is no other copy."""
    if bad := damaged_bytes(raw):
        yield damage(actor, file, f"{bad} bytes between records rotted", 0)
    if tail := len(raw) - intact_size(raw):
        yield Finding(actor=actor, file=file, state="torn", what=f"{tail} bytes torn at the end")


# Segments of audit records, of which recorders keep copies for each other.


def _segment(actor: str, file: str) -> tuple[str, str, str]:
    """Return owner, epoch and number of a segment."""
    kind, owner, epoch, number = (file.replace("~", "/").split(":") + [""] * 3)[:4]
    return actor if kind == "own" else owner, epoch, number


def _check_recorders(contents: Contents) -> Iterator[Finding]:
    segments: dict[tuple[str, str, str], list[tuple[str, str, frozenset[bytes]]]]
    segments = defaultdict(list)
    for actor, files in sorted(contents.items()):
        for file, raw in sorted(files.items()):
            held = frozenset(entries(raw))
            segments[_segment(actor, file)].append((actor, file, held))
    for places in segments.values():
        for actor, file, held in places:
            raw = contents[actor][file]
            bad, tail = damaged_bytes(raw), len(raw) - intact_size(raw)
            if not bad and not tail:
                continue
            others = [theirs for a, f, theirs in places if (a, f) != (actor, file)]
            missing = frozenset[bytes]().union(*others) - held
            copies = min((sum(m in o for o in others) for m in sorted(missing)), default=0)
            if bad or copies:
                what = f"{bad or tail} bytes of audit records rotted"
                yield damage(actor, file, what, copies)
            else:
                what = f"{tail} bytes torn at the end"
                yield Finding(actor=actor, file=file, state="torn", what=what)


#: Kinds of actors whose files are checked together, region by region.
_GROUPS: Final[dict[str, Callable[[Contents], Iterator[Finding]]]] = {
    "node": check_nodes,
    "recorder": _check_recorders,
}
