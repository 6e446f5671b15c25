"""Ids have the form of AWS's, and an access key's id tells its account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.crypto.aead import Unauthentic
from regions.iam.identifiers import (
    ID_BYTES,
    LONG_TERM,
    ROLE,
    SESSION,
    access_key_id,
    account_of_key,
    account_of_role,
    unique_id,
)
from regions.iam.vault import Vault

ACCOUNTS = st.from_regex(r"[0-9]{12}", fullmatch=True)
RANDOM = st.binary(min_size=ID_BYTES, max_size=ID_BYTES)


@given(ACCOUNTS, RANDOM, st.sampled_from([LONG_TERM, SESSION]))
def test_every_key_id_tells_its_account(account: str, random: bytes, prefix: str) -> None:
    key_id = access_key_id(prefix, account, random)
    assert len(key_id) == 20
    assert account_of_key(key_id) == account


@pytest.mark.parametrize(
    ("key_id", "account"),
    [("ASIAQNZGKIQY56JQ7WML", "029608264753"), ("ASIAY34FZKBOKMUTVV7A", "609629065308")],
)
def test_a_published_key_id_tells_the_account_that_was_published_with_it(
    key_id: str, account: str
) -> None:
    # Source: vectors of public decoders.
    assert account_of_key(key_id) == account


@pytest.mark.parametrize("text", ["", "AKIA", "AKIA0000000000000000", "AIDAQNZGKIQY56JQ7WML"])
def test_what_is_no_key_id_has_no_account(text: str) -> None:
    assert account_of_key(text) is None


@given(ACCOUNTS, RANDOM)
def test_other_ids_are_a_digit_longer(account: str, random: bytes) -> None:
    assert len(unique_id(ROLE, account, random)) == 21


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:iam::111122223333:role/r", "111122223333"),
        ("arn:aws-cn:iam::111122223333:role/a/b/r", "111122223333"),
        ("arn:aws:iam::111122223333:user/r", None),
        ("arn:aws:iam::1:role/r", None),
        ("role/r", None),
    ],
)
def test_an_arn_of_a_role_tells_its_account(arn: str, account: str | None) -> None:
    assert account_of_role(arn) == account


def test_a_sealed_secret_opens_for_its_own_key_only() -> None:
    vault = Vault(b"k" * 32, lambda size: b"r" * size)
    sealed = vault.seal("s" * 40, "AKIA1")
    assert b"ssss" not in sealed
    assert vault.open(sealed, "AKIA1") == "s" * 40
    with pytest.raises(Unauthentic):
        vault.open(sealed, "AKIA2")
    with pytest.raises(Unauthentic):
        Vault(b"o" * 32, lambda size: b"r" * size).open(sealed, "AKIA1")
