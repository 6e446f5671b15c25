"""RSA against an independent implementation: pycryptodome reads our keys and checks our padding."""

import hashlib
from typing import Any

import pytest
from Crypto.Cipher import PKCS1_OAEP
from Crypto.Hash import SHA1, SHA256, SHA384, SHA512
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15, pss
from cryptography.hazmat.primitives.asymmetric import rsa as library
from cryptography.hazmat.primitives.serialization import load_der_private_key
from fixture_keys import known

from regions.crypto.rsa import (
    BITS,
    InvalidPadding,
    InvalidRsaKey,
    RsaKey,
    find_primes,
    oaep_bytes_max,
    secret_of_pkcs8,
)

HASHES: dict[str, Any] = {"sha1": SHA1, "sha256": SHA256, "sha384": SHA384, "sha512": SHA512}
SIGNING = ("sha256", "sha384", "sha512")


def key(bits: int, place: int = 0) -> RsaKey:
    return RsaKey(known(bits)[place][1])


def draw(size: int) -> bytes:
    return bytes(range(size))


def test_a_seed_leads_to_one_key_everywhere() -> None:
    for seed, primes in known(2048):
        assert find_primes(2048, seed) == primes


@pytest.mark.campaign
@pytest.mark.parametrize("bits", BITS)
def test_every_known_key_is_that_of_its_seed(bits: int) -> None:
    assert [find_primes(bits, seed) for seed, _ in known(bits)] == [one for _, one in known(bits)]


@pytest.mark.parametrize("bits", BITS)
def test_the_library_accepts_every_number_of_a_key(bits: int) -> None:
    made = load_der_private_key(key(bits).private_der(), None)  # It checks the key as it loads it.
    assert isinstance(made, library.RSAPrivateKey)
    primes = known(bits)[0][1]
    assert (made.key_size, made.private_numbers().p) == (bits, primes.p)
    assert made.public_key().public_numbers().e == 65_537
    # FIPS 186-5, appendix A.1.3: the primes are far apart.
    assert (primes.p - primes.q).bit_length() > bits // 2 - 100


@pytest.mark.parametrize("bits", BITS)
def test_a_secret_and_a_pkcs_8_key_are_two_forms_of_one_key(bits: int) -> None:
    made = key(bits)
    assert len(made.secret) == bits // 8
    assert secret_of_pkcs8(made.private_der(), bits) == made.secret
    assert RsaKey.from_secret(made.secret).public_der() == made.public_der()


@pytest.mark.parametrize("name", SIGNING)
@pytest.mark.parametrize("bits", BITS)
def test_others_verify_our_signatures(bits: int, name: str) -> None:
    made, digest = key(bits), hashlib.new(name, b"message").digest()
    public, theirs = RSA.import_key(made.public_der()), HASHES[name].new(b"message")
    pss.new(public, salt_bytes=len(digest)).verify(theirs, made.sign_pss(digest, name, draw))
    pkcs1_15.new(public).verify(theirs, made.sign_pkcs1(digest, name))


@pytest.mark.parametrize("name", SIGNING)
def test_we_verify_the_signatures_of_others_and_no_forgery(name: str) -> None:
    made, digest = key(2048), hashlib.new(name, b"message").digest()
    private, theirs = RSA.import_key(made.private_der()), HASHES[name].new(b"message")
    for verify, signature in (
        (made.verify_pss, pss.new(private, salt_bytes=len(digest)).sign(theirs)),
        (made.verify_pkcs1, pkcs1_15.new(private).sign(theirs)),
    ):
        assert verify(digest, name, signature)
        assert not verify(digest, name, signature[:-1] + bytes([signature[-1] ^ 1]))
        assert not verify(digest[::-1], name, signature)
        assert not verify(digest, name, b"short")


def test_a_pss_salt_is_as_long_as_the_digest_and_no_other_is_accepted() -> None:
    made, digest = key(2048), hashlib.sha256(b"message").digest()
    private = RSA.import_key(made.private_der())
    longer = pss.new(private, salt_bytes=33).sign(SHA256.new(b"message"))
    assert not made.verify_pss(digest, "sha256", longer)


def test_equal_draws_give_equal_signatures_and_ciphertexts() -> None:
    one, other, digest = key(2048), key(2048), hashlib.sha256(b"message").digest()
    assert one.sign_pss(digest, "sha256", draw) == other.sign_pss(digest, "sha256", draw)
    assert one.encrypt(b"pin", "sha256", draw) == other.encrypt(b"pin", "sha256", draw)
    assert one.encrypt(b"pin", "sha256", draw) != one.encrypt(b"pin", "sha256", bytes)


@pytest.mark.parametrize("name", ["sha1", "sha256"])
@pytest.mark.parametrize("bits", BITS)
def test_others_open_our_oaep_and_we_open_theirs(bits: int, name: str) -> None:
    made, longest = key(bits), oaep_bytes_max(bits, name)
    theirs = PKCS1_OAEP.new(RSA.import_key(made.private_der()), HASHES[name])
    for plaintext in (b"x", b"y" * longest):
        assert theirs.decrypt(made.encrypt(plaintext, name, draw)) == plaintext
        assert made.decrypt(theirs.encrypt(plaintext), name) == plaintext


def test_what_was_not_made_for_a_key_and_hash_does_not_open() -> None:
    sealed = key(2048).encrypt(b"pin", "sha256", draw)
    for made, ciphertext, name in (
        (key(2048, 1), sealed, "sha256"),
        (key(2048), sealed, "sha1"),
        (key(2048), sealed[:-1], "sha256"),
        (key(2048), sealed[:-1] + bytes([sealed[-1] ^ 1]), "sha256"),
    ):
        with pytest.raises(InvalidPadding, match=r"^$"):
            made.decrypt(ciphertext, name)


def _with_exponent(p: int, q: int, e: int) -> tuple[int, int, int, int, int]:
    return p * q, e, pow(e, -1, (p - 1) * (q - 1)), p, q


def test_only_a_private_key_of_that_size_and_exponent_is_one() -> None:
    primes = known(2048)[1][1]
    other = RSA.construct(_with_exponent(primes.p, primes.q, 17)).export_key("DER", pkcs=8)
    for der, text in (
        (b"xyz", "^3 bytes are no PKCS #8 private key$"),
        (key(3072).private_der(), "^not an RSA private key of 2048 bits$"),
        (other, "^exponent 17, expected 65537$"),
    ):
        with pytest.raises(InvalidRsaKey, match=text):
            secret_of_pkcs8(der, 2048)
