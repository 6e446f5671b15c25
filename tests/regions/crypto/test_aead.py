"""AES-256-GCM against its designers' answers, and its refusals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto.aead import Aes256Gcm, Unauthentic

# McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13, 14, 16 (the
# vectors that NIST's SP 800-38D validation took over).
VECTORS = [
    pytest.param(
        "00" * 32, "00" * 12, "", "", "530f8afbc74536b9a963b4f1c4cb738b", id="case-13-empty"
    ),
    pytest.param(
        "00" * 32,
        "00" * 12,
        "00" * 16,
        "",
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        id="case-14-one-block",
    ),
    pytest.param(
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
        id="case-16-bound-data",
    ),
]


@pytest.mark.parametrize(("key", "iv", "plaintext", "bound", "sealed"), VECTORS)
def test_sealing_gives_the_published_bytes_and_opening_reverses_it(
    key: str, iv: str, plaintext: str, bound: str, sealed: str
) -> None:
    gcm = Aes256Gcm(bytes.fromhex(key))
    nonce, data, aad = bytes.fromhex(iv), bytes.fromhex(plaintext), bytes.fromhex(bound)
    assert gcm.seal(nonce, data, aad).hex() == sealed
    assert gcm.open(nonce, bytes.fromhex(sealed), aad) == data


@settings(max_examples=60, deadline=None)
@given(data=st.data(), plaintext=st.binary(max_size=64), bound=st.binary(max_size=32))
def test_one_flipped_bit_anywhere_stays_shut(
    data: st.DataObject, plaintext: bytes, bound: bytes
) -> None:
    gcm, iv = Aes256Gcm(b"k" * 32), b"i" * 12
    whole = iv + gcm.seal(iv, plaintext, bound) + bound
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = (int.from_bytes(whole, "big") ^ 1 << bit).to_bytes(len(whole), "big")
    end = len(whole) - len(bound)
    size = len(plaintext) + 16
    with pytest.raises(Unauthentic, match=rf"^sealed text of {size} bytes does not authenticate$"):
        gcm.open(flipped[:12], flipped[12:end], flipped[end:])
