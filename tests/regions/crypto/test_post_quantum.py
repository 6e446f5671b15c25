"""ML-DSA and ML-KEM against the independent implementations dilithium-py and kyber-py."""

import hashlib

import dilithium_py.ml_dsa
import kyber_py.ml_kem
import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from regions.crypto import post_quantum
from regions.crypto.post_quantum import InvalidEncapsulation, KemKey, NoPostQuantum, SigningKey

SEED, KEM_SEED = bytes(range(32)), bytes(range(64))
SIGNATURE_BYTES = {"ML_DSA_44": 2420, "ML_DSA_65": 3309, "ML_DSA_87": 4627}  # FIPS 204, table 2
CIPHERTEXT_BYTES = {"ML_KEM_768": 1088, "ML_KEM_1024": 1568}  # FIPS 203, table 3


@pytest.mark.parametrize("spec", sorted(SIGNATURE_BYTES))
def test_a_signature_holds_under_the_exported_public_key_and_under_no_other(spec: str) -> None:
    made = SigningKey(spec, SEED)
    public = load_der_public_key(made.public_der())
    signature = made.sign(b"message")
    assert len(signature) == SIGNATURE_BYTES[spec]
    public.verify(signature, b"message")  # type: ignore[union-attr, call-arg, arg-type]
    assert made.verify(b"message", signature)
    assert not made.verify(b"massage", signature)
    assert not SigningKey(spec, SEED[::-1]).verify(b"message", signature)
    assert made.sign(b"message") != signature  # Hedged: which is why it must be veiled.


@pytest.mark.parametrize("spec", sorted(SIGNATURE_BYTES))
def test_others_derive_the_same_key_and_verify_our_signatures(spec: str) -> None:
    theirs, made = getattr(dilithium_py.ml_dsa, spec), SigningKey(spec, SEED)
    public, private = theirs.key_derive(SEED)
    assert made.public_der().endswith(public)
    assert theirs.verify(public, b"message", made.sign(b"message"))
    assert not theirs.verify(public, b"massage", made.sign(b"message"))
    assert made.verify(b"message", theirs.sign(private, b"message"))


@pytest.mark.parametrize("spec", sorted(CIPHERTEXT_BYTES))
def test_others_derive_the_same_key_and_share_our_secrets(spec: str) -> None:
    theirs, made = getattr(kyber_py.ml_kem, spec), KemKey(spec, KEM_SEED)
    public, private = theirs.key_derive(KEM_SEED)
    assert made.public_der().endswith(public)
    secret, ciphertext = theirs.encaps(public)
    assert made.decapsulate(ciphertext) == secret
    secret, ciphertext = made.encapsulate()
    assert theirs.decaps(private, ciphertext) == secret
    forged = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert made.decapsulate(forged) == theirs.decaps(private, forged)


def test_a_representative_is_that_of_fips_204_section_6_2() -> None:
    # Goal: a signature over mu verifies as one over the message that mu was made of.
    made = SigningKey("ML_DSA_65", SEED)
    public = made._private.public_key().public_bytes_raw()
    tr = hashlib.shake_256(public).digest(64)
    mu = hashlib.shake_256(tr + bytes([0, 0]) + b"message").digest(64)
    assert made.verify(b"message", made.sign_mu(mu))
    assert made.verify_mu(mu, made.sign(b"message"))
    assert not made.verify_mu(mu[::-1], made.sign(b"message"))


def test_a_seed_gives_the_same_key_pair_again_in_its_exported_form() -> None:
    for made, cls in (
        (SigningKey("ML_DSA_44", SEED), mldsa.MLDSA44PrivateKey),
        (KemKey("ML_KEM_768", KEM_SEED), mlkem.MLKEM768PrivateKey),
    ):
        loaded = load_der_private_key(made.private_der(), None)
        assert isinstance(loaded, cls)
        assert loaded.private_bytes_raw() in (SEED, KEM_SEED)
    assert SigningKey("ML_DSA_44", SEED).public_der() == SigningKey("ML_DSA_44", SEED).public_der()


@pytest.mark.parametrize("spec", sorted(CIPHERTEXT_BYTES))
def test_whoever_has_the_public_key_encapsulates_what_the_private_one_opens(spec: str) -> None:
    made = KemKey(spec, KEM_SEED)
    public = load_der_public_key(made.public_der())
    secret, ciphertext = public.encapsulate()  # type: ignore[union-attr]
    assert made.decapsulate(ciphertext) == secret
    assert len(ciphertext) == CIPHERTEXT_BYTES[spec]
    mine, sealed = made.encapsulate()
    assert (len(mine), made.decapsulate(sealed)) == (32, mine)


def test_a_forged_ciphertext_opens_to_a_secret_of_its_own_that_stays_the_same() -> None:
    made = KemKey("ML_KEM_768", KEM_SEED)
    secret, ciphertext = made.encapsulate()
    forged = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert made.decapsulate(forged) == made.decapsulate(forged) != secret
    with pytest.raises(InvalidEncapsulation, match=r"^ciphertext of 1087 bytes$"):
        made.decapsulate(ciphertext[:-1])


def test_what_the_library_lacks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoPostQuantum, match=r"^cryptography has no ML_KEM_512$"):
        KemKey("ML_KEM_512", KEM_SEED)
    monkeypatch.setattr(post_quantum, "mldsa", None)
    with pytest.raises(NoPostQuantum, match=r"^cryptography has no MLDSA$"):
        SigningKey("ML_DSA_44", SEED)
