"""What sinks remember stands in the Trail actor's state file, through snapshots and restarts."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from regions.trail.archive import Archive, Part
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Message):
    word: str


class Words:
    """Remembers the words it was told, each once."""

    def __init__(self) -> None:
        self.heard: dict[str, None] = {}

    def apply(self, change: Heard) -> None:
        self.heard[change.word] = None

    def changes(self) -> Iterable[Message]:
        return [Heard(word=word) for word in self.heard]


def archive(words: Words) -> Archive:
    return Archive("us-east-1", 1, [Part(words, {299: Heard})])


def test_a_sinks_changes_survive_in_the_journal_and_in_a_snapshot() -> None:
    first = archive(Words())
    first.restore({}, 0)
    state, _ = first.snapshot()
    state += first.change(Heard(word="one"))
    words = Words()
    second = archive(words)
    second.restore({"state:00000001": state}, 0)
    assert list(words.heard) == ["one"]
    state, old = second.snapshot()
    assert old == ("state:00000001",)
    words = Words()
    archive(words).restore({"state:00000002": state}, 0)
    assert list(words.heard) == ["one"]


def test_two_sinks_cannot_have_the_same_ids() -> None:
    parts = [Part(Words(), {299: Heard}), Part(Words(), {299: Message})]
    with pytest.raises(AssertionError, match=r"(?m)^ids of changes are given once$"):
        Archive("us-east-1", 1, parts)
