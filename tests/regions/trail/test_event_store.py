"""Packed events are the same events, and a look-up opens only blocks that may hold what it wants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.trail import event_store
from regions.trail.event_store import EventStore
from regions.trail.kept import Kept


def event(sequence: int) -> Kept:
    return Kept(
        sequence=sequence,
        time_ns=sequence * 1_000,
        event_id=f"event-{sequence}",
        account="111122223333",
        source="kms.amazonaws.com",
        name="Encrypt" if sequence % 7 else "CreateKey",
        read_only=bool(sequence % 7),
        management=True,
        category="Management",
        event_type="AwsApiCall",
        error_code="",
        username=f"user-{sequence // 10}",
        principal_arn="",
        invoked_by="",
        access_key_id="",
        resources=(("AWS::KMS::Key", f"arn:aws:kms:us-east-1:111122223333:key/{sequence}"),),
        frame=b"frame" * sequence,
    )


STEPS = st.lists(st.tuples(st.sampled_from(["add", "add", "skip", "remove"]), st.integers(0, 40)))


@given(steps=STEPS)
def test_packed_events_are_the_same_events(steps: list[tuple[str, int]]) -> None:
    store, model, head = EventStore(block=4, fresh=4), dict[int, Kept](), 0
    for step, number in steps:
        if step == "remove" and number in model:
            store.remove(number)
            del model[number]
        elif step != "remove":
            if step == "add":
                model[head] = event(head)
                store.add(model[head])
            head += 1
        assert (len(store), list(store)) == (len(model), list(model.values()))
        for sequence in range(head + 2):
            assert store.get(sequence) == model.get(sequence)
            first = store.first(sequence)
            behind = [known for known in model if known >= sequence]
            assert not behind or (first is not None and sequence <= first <= min(behind))


def test_a_block_knows_the_words_of_its_events() -> None:
    store = EventStore(block=4, fresh=4)
    for sequence in range(13):
        store.add(event(sequence))
    assert sorted(store._blocks) == [0, 1]
    assert [store.might_hold(n, "CreateKey") for n in range(13)] == [True] * 13
    assert [store.might_hold(n, "user-1") for n in range(8)] == [False] * 8
    assert [n for n in range(8) if store.might_hold(n, "5")] == [4, 5, 6, 7]


def test_a_walk_opens_each_block_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store = EventStore(block=4, fresh=4)
    for sequence in range(400):
        store.add(event(sequence))
    opened = []
    honest = event_store._Block.open
    monkeypatch.setattr(event_store._Block, "open", lambda b: opened.append(b) or honest(b))
    assert [e.sequence for e in map(store.get, range(399, -1, -1)) if e] == [*range(399, -1, -1)]
    assert len(opened) == len(store._blocks) == 98
