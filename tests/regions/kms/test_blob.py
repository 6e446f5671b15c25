"""The ciphertext blob: its layout, and what is no blob."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.kms.blob import HEADER_BYTES, OVERHEAD_BYTES, Blob, InvalidBlob, header, parse

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
PARTS = {"hbk_id": b"h" * 32, "nonce": b"n" * 16, "iv": b"i" * 12}


def test_the_header_is_laid_out_as_documented() -> None:
    built = header(region="us-east-1", key_id=KEY, **PARTS)
    golden = b"11N\x01us-east-1\0\0\0\0\0\0\0" + KEY.encode() + b"h" * 32 + b"n" * 16 + b"i" * 12
    assert (built, len(built), OVERHEAD_BYTES) == (golden, HEADER_BYTES, 132)


@given(
    region=st.sampled_from(["us-east-1", "ap-northeast-1", "us-gov-west-1", "eusc-de-east-1"]),
    key_id=st.sampled_from([KEY, "mrk-1234abcd12ab34cd56ef1234567890ab"]),
    sealed=st.binary(min_size=17, max_size=4112),
)
def test_a_blob_comes_apart_into_what_it_was_made_of(
    region: str, key_id: str, sealed: bytes
) -> None:
    built = header(region=region, key_id=key_id, **PARTS)
    assert parse(built + sealed) == Blob(
        region, key_id, b"h" * 32, b"n" * 16, b"i" * 12, built, sealed
    )


def test_other_bytes_are_no_blob() -> None:
    whole = header(region="us-east-1", key_id=KEY, **PARTS) + b"c" * 17
    with pytest.raises(InvalidBlob, match=r"^blob of 132 bytes$"):
        parse(whole[:-1])
    with pytest.raises(InvalidBlob, match=r"^blob of 4229 bytes$"):
        parse(whole + b"c" * 4096)
    with pytest.raises(InvalidBlob, match=r"^blob begins with 31314e02$"):
        parse(b"11N\x02" + whole[4:])
    with pytest.raises(
        InvalidBlob, match=r"^blob names a region or key in bytes that are not ASCII$"
    ):
        parse(whole[:4] + b"\xff" + whole[5:])


def test_a_header_field_of_a_wrong_size_is_our_bug() -> None:
    with pytest.raises(AssertionError, match=r"(?m)^header of region 'us-east-1', key id 'short'$"):
        header(region="us-east-1", key_id="short", **PARTS)
