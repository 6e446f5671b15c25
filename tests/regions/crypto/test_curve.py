"""P-384 against the answers of RFC 6979 and NIST, and what it refuses."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto import curve
from regions.crypto.curve import ORDER, InvalidPoint, KeyPair, verify

# RFC 6979, appendix A.2.6: ECDSA, P-384, SHA-384.
RFC_6979_KEY = int(
    "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
    "96d5724e4c70a825f872c9ea60d2edf5",
    16,
)
RFC_6979_POINT = bytes.fromhex(
    "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13"
    "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"
)
RFC_6979_SIGNATURES = {
    b"sample": "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
    b"test": "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db"
    "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5",
}

# NIST CAVS 14.1, ECC CDH Primitive (SP800-56A section 5.7.1.2), [P-384], COUNT = 0.
CDH_PEER = bytes.fromhex(
    "04a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272734466b400091adbf2d68c58e0c50066"
    "ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b661efedf243451915ed0905a32b060992b468c64766fc8437a"
)
CDH_KEY = int(
    "3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774"
    "ad463b205da88cf699ab4d43c9cf98a1",
    16,
)
CDH_POINT = bytes.fromhex(
    "049803807f2f6d2fd966cdd0290bd410c0190352fbec7ff6247de1302df86f25d34fe4a97bef60cff548355c015dbb3e5f"
    "ba26ca69ec2f5b5d9dad20cc9da711383a9dbe34ea3fa5a2af75b46502629ad54dd8b7d73a8abb06a3a3be47d650cc99"
)
CDH_SECRET = (
    "5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457"
    "e5621e766c40a2e3d4d6a04b25e533f1"
)


@pytest.mark.parametrize("message", RFC_6979_SIGNATURES)
def test_signatures_are_those_of_rfc_6979(message: bytes) -> None:
    pair = KeyPair(RFC_6979_KEY)
    digest = hashlib.sha384(message).digest()
    signature = pair.sign(digest)
    assert (pair.public, signature.hex()) == (RFC_6979_POINT, RFC_6979_SIGNATURES[message])
    assert verify(pair.public, digest, signature)


def test_agreement_gives_nists_shared_secret() -> None:
    pair = KeyPair(CDH_KEY)
    assert (pair.public, pair.agree(CDH_PEER).hex()) == (CDH_POINT, CDH_SECRET)


def test_both_sides_agree_on_one_secret() -> None:
    one, other = KeyPair.from_seed(b"1" * 56), KeyPair.from_seed(b"2" * 56)
    assert one.agree(other.public) == other.agree(one.public)


@settings(max_examples=30, deadline=None)
@given(bit=st.integers(0, (97 + 48 + 96) * 8 - 1))
def test_a_flipped_bit_in_key_digest_or_signature_does_not_verify(bit: int) -> None:
    pair, digest = KeyPair(RFC_6979_KEY), hashlib.sha384(b"sample").digest()
    whole = pair.public + digest + pair.sign(digest)
    flipped = (int.from_bytes(whole, "big") ^ 1 << bit).to_bytes(len(whole), "big")
    assert not verify(flipped[:97], flipped[97:145], flipped[145:])


def test_a_remembered_verdict_is_that_of_a_fresh_look() -> None:
    pair, digest = KeyPair(RFC_6979_KEY), hashlib.sha384(b"sample").digest()
    good, bad = pair.sign(digest), pair.sign(bytes(48))
    remembered = [verify(pair.public, digest, signature) for signature in (good, bad)]
    curve._VERIFIED.clear()
    fresh = [verify(pair.public, digest, signature) for signature in (good, bad)]
    assert (fresh, remembered) == ([True, False], [True, False])
    assert list(curve._VERIFIED) == [(pair.public, digest, good)]


def test_only_so_many_verdicts_are_remembered() -> None:
    pair = KeyPair(RFC_6979_KEY)
    for number in range(curve._VERIFIED_MAX + 10):
        curve._remember((pair.public, number.to_bytes(48, "big"), b""))
    assert len(curve._VERIFIED) == curve._VERIFIED_MAX
    curve._VERIFIED.clear()


def test_malformed_signatures_are_false_and_not_an_error() -> None:
    pair, digest = KeyPair(RFC_6979_KEY), hashlib.sha384(b"sample").digest()
    malformed = [b"", bytes(96), b"\xff" * 96, pair.sign(digest) + b"\0"]
    assert [verify(pair.public, digest, one) for one in malformed] == [False] * 4
    assert not verify(b"", digest, pair.sign(digest))
    assert not verify(pair.public, digest[1:], pair.sign(digest))


def test_points_off_the_curve_are_refused() -> None:
    pair = KeyPair(RFC_6979_KEY)
    with pytest.raises(InvalidPoint, match=r"^point of 3 bytes, expected 97$"):
        pair.agree(b"\4ab")
    with pytest.raises(InvalidPoint, match=r"^point 0400000000… is not on P-384$"):
        pair.agree(b"\4" + bytes(96))


def test_seeds_reduce_into_the_range_of_scalars() -> None:
    # Goal: the smallest and the largest results of the reduction are valid keys 1 and n - 1.
    least, most = (ORDER - 1).to_bytes(56, "big"), (ORDER - 2).to_bytes(56, "big")
    assert KeyPair.from_seed(least).public == KeyPair(1).public
    assert KeyPair.from_seed(most).public == KeyPair(ORDER - 1).public


def test_only_a_process_of_toys_keeps_pairs_and_what_they_agree_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed, peer = bytes(range(56)), KeyPair(7)
    monkeypatch.setattr(curve, "_KEPT", {})
    monkeypatch.setattr(curve, "_ROOM", {"kept": 0})
    one = KeyPair.from_seed(seed)
    secret = one.agree(peer.public)
    assert KeyPair.from_seed(seed) is not one
    assert curve._KEPT == {}
    curve.keep_for_toys()
    kept = KeyPair.from_seed(seed)
    assert kept.public == one.public
    assert kept.agree(peer.public) == kept.agree(peer.public) == secret
    assert KeyPair.from_seed(seed) is kept
