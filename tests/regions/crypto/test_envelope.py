"""Envelopes for the holder of an RSA key: an independent implementation opens them."""

import shutil
import subprocess
from pathlib import Path

import enclave
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto.envelope import (
    CHANCE_BYTES,
    InvalidRecipientKey,
    check_recipient_key,
    seal_for,
)

CHANCE = bytes(range(CHANCE_BYTES))


@given(content=st.binary(max_size=4096), chance=st.binary(min_size=CHANCE_BYTES, max_size=80))
@settings(max_examples=15)
def test_the_holder_of_the_key_opens_what_was_sealed(content: bytes, chance: bytes) -> None:
    assert enclave.opened(seal_for(enclave.public_key(), content, chance)) == content


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl command")
@pytest.mark.parametrize("content", [b"", b"x" * 32, b"y" * 4096], ids=len)
def test_openssl_opens_what_was_sealed(content: bytes, tmp_path: Path) -> None:
    key, envelope = tmp_path / "key.pem", tmp_path / "envelope.der"
    key.write_bytes(
        enclave.private_key(2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    envelope.write_bytes(seal_for(enclave.public_key(), content, CHANCE))
    run = subprocess.run(
        [
            *(str(shutil.which("openssl")), "cms", "-decrypt", "-binary", "-inform", "DER"),
            *("-in", str(envelope), "-inkey", str(key)),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert run.stdout == content


def test_equal_chance_gives_equal_envelopes_and_other_chance_others() -> None:
    public = enclave.public_key()
    first, other = seal_for(public, b"pin", CHANCE), seal_for(public, b"pin", CHANCE[::-1])
    assert seal_for(public, b"pin", CHANCE) == first
    assert len(other) == len(first)
    assert other != first


def test_the_content_is_nowhere_in_the_envelope() -> None:
    secret = b"sixteen bytes of it"
    assert secret not in seal_for(enclave.public_key(), secret, CHANCE)


def test_keys_of_another_kind_or_size_are_refused() -> None:
    curve = ec.derive_private_key(7, ec.SECP384R1()).public_key()
    spki = curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    size = "^public_key: expected an RSA key of 2048–4096 bits$"
    with pytest.raises(InvalidRecipientKey, match=size):
        check_recipient_key(spki)
    with pytest.raises(InvalidRecipientKey, match=size):
        check_recipient_key(enclave.public_key(1024))
    form = "^public_key: expected a SubjectPublicKeyInfo in DER$"
    with pytest.raises(InvalidRecipientKey, match=form):
        seal_for(b"no key", b"pin", CHANCE)
