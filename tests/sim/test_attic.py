"""Files that lie cold are the same files."""

from hypothesis import given
from hypothesis import strategies as st

from sim.attic import Attic

NAMES = ("a", "b", "c")
STEPS = st.lists(
    st.tuples(st.sampled_from(["append", "cut", "pop", "move", "chill"]), st.sampled_from(NAMES)),
    max_size=30,
)
PIECE = b"forty records that repeat themselves, " * 200


@given(steps=STEPS, busy=st.sets(st.sampled_from(NAMES)))
def test_nothing_shows_which_files_are_cold(steps: list[tuple[str, str]], busy: set[str]) -> None:
    attic, model = Attic(warm_bytes=0), dict[str, bytearray]()
    for step, name in steps:
        if step == "chill":
            attic.chill(busy)
        elif step == "append":
            content = attic.get(name)
            if content is None:
                content = attic[name] = bytearray()
            content += PIECE
            model.setdefault(name, bytearray()).extend(PIECE)
        elif step == "pop":
            assert attic.pop(name) == model.pop(name, None)
        elif name in model and step == "cut":
            del attic[name][100:]
            del model[name][100:]
        elif name in model:
            attic["moved"] = attic[name]
            attic.pop(name)
            model["moved"] = model.pop(name)
        assert sorted(attic) == sorted(model)
        assert attic.sizes() == {name: len(content) for name, content in model.items()}
        for known in (*NAMES, "moved"):
            assert (known in attic) == (known in model)
            assert attic.read(known) == model.get(known, b"")
            assert attic.size(known) == len(model.get(known, b""))


def test_what_is_not_written_any_more_takes_little_room() -> None:
    attic = Attic(warm_bytes=0)
    for name in NAMES:
        attic[name] = bytearray(PIECE)
    for _ in range(2):  # What has just come is left alone the first time.
        attic.chill({"b"})
    assert sorted(attic._warm) == ["b"]
    assert max(len(packed) for _, packed in attic._cold.values()) < len(PIECE) // 50
    assert attic["a"] == PIECE
    assert sorted(attic._warm) == ["a", "b"]
