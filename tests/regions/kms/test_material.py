"""Versions of a key's material: with notes or without, which one encrypts and which open."""

from regions.kms.key import Key
from regions.kms.material import Material, MaterialNote, MaterialState

ONE, TWO = (bytes(12) + number.to_bytes(32, "big") + bytes(96) for number in (1, 2))


def key_of(tokens: tuple[bytes, ...], notes: tuple[MaterialNote, ...] = ()) -> Key:
    return Key(key_id="k", account="a", sequence=1, created_ns=0, tokens=tokens, notes=notes)


def test_without_notes_the_last_version_encrypts_and_all_open() -> None:
    key = key_of((ONE, TWO))
    assert key.current == Material(TWO)
    assert key.material(Material(ONE).hbk_id) == Material(ONE)
    states = [one.note.state for one in key.annotated if one.note]
    assert states == [MaterialState.NON_CURRENT, MaterialState.CURRENT]


def test_the_note_says_which_version_encrypts_whatever_its_place() -> None:
    first = MaterialNote(hbk_id=Material(ONE).hbk_id)
    second = MaterialNote(hbk_id=Material(TWO).hbk_id, state=MaterialState.PENDING_ROTATION)
    key = key_of((ONE, TWO), (first, second))
    assert key.current == Material(ONE, first)


def test_a_version_whose_token_is_not_here_keeps_its_name_and_opens_nothing() -> None:
    note = MaterialNote(hbk_id=b"h" * 32)
    key = key_of((b"",), (note,))
    assert key.current.material_id == (b"h" * 32).hex()
    assert key.material(b"h" * 32) == Material(b"", note)


def test_a_key_without_any_material_has_nothing_that_encrypts() -> None:
    assert key_of(()).current == Material(b"")
