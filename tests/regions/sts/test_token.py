"""A session token tells all of its session, to whoever has the key, and nothing to anybody else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.sts.token import TOKEN_MAX, Claims, Tokens

CLAIMS = Claims(
    access_key_id="ASIAQNZGKIQY56JQ7WML",
    kind="AssumedRole",
    account="111122223333",
    owner="role",
    owner_id="AROA1",
    session="s",
    policy='{"Version": "2012-10-17"}',
    policy_arns=("arn:aws:iam::aws:policy/AdministratorAccess",),
    tags=(("team", "blue"),),
    source_identity="ana",
    issued_ns=1,
    expires_ns=2,
)
TOKENS = Tokens(b"k" * 32)


def test_what_was_sealed_is_read_elsewhere_with_the_same_secret() -> None:
    token, secret = TOKENS.seal(CLAIMS, b"n" * 12)
    assert Tokens(b"k" * 32).open(token) == (CLAIMS, secret)
    assert len(secret) == 40


def test_two_sessions_have_two_secrets() -> None:
    (one, first), (other, second) = (TOKENS.seal(CLAIMS, iv * 12) for iv in (b"a", b"b"))
    assert one != other
    assert first != second


def test_another_key_reads_nothing() -> None:
    assert Tokens(b"o" * 32).open(TOKENS.seal(CLAIMS, b"n" * 12)[0]) is None


def test_a_policy_is_not_to_be_seen_in_a_token_or_in_what_is_printed() -> None:
    token, _ = TOKENS.seal(CLAIMS, b"n" * 12)
    assert b"2012-10-17" not in base64.b64decode(token)
    assert "2012-10-17" not in repr(CLAIMS)


@given(st.data())
def test_a_token_that_was_changed_is_none(data: st.DataObject) -> None:
    whole = base64.b64decode(TOKENS.seal(CLAIMS, b"n" * 12)[0])
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    assert TOKENS.open(base64.b64encode(whole[:at] + changed + whole[at + 1 :]).decode()) is None


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: base64.b64encode(b).decode()))
def test_any_text_is_taken_without_a_failure(text: str) -> None:
    assert TOKENS.open(text) is None


@pytest.mark.parametrize("text", ["", "AQ==", "A" * (TOKEN_MAX + 4), "\udc80"])
def test_odd_texts_are_none(text: str) -> None:
    assert TOKENS.open(text) is None
