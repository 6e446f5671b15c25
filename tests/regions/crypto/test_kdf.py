"""SP 800-108 in counter mode and HKDF against NIST's answers and another implementation."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto.kdf import counter_kdf, derive_key, hkdf_sha384

# NIST CAVS 14.4, SP800-108 KDF, [PRF=HMAC_SHA256] [CTRLOCATION=BEFORE_FIXED] [RLEN=32_BITS],
# counts 0, 10 and 30; as kept by pyca/cryptography in nist-800-108-counterkdf-SHA256.txt.
VECTORS = [
    pytest.param(
        "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0",
        "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
        "10621342bfb0fd40046c0e29f2cfdbf0",
        id="128-bits",
    ),
    pytest.param(
        "e204d6d466aad507ffaf6d6dab0a5b26152c9e21e764370464e360c8fbc765c6",
        "7b03b98d9f94b899e591f3ef264b71b193fba7043c7e953cde23bc5384bc1a6293580115fae3495fd845dadbd02bd6455cf48d0f62b33e62364a3a80",
        "770dfab6a6a4a4bee0257ff335213f78d8287b4fd537d5c1fffa956910e7c779",
        id="256-bits",
    ),
    pytest.param(
        "c4bedbddb66493e7c7259a3bbbc25f8c7e0ca7fe284d92d431d9cd99a0d214ac",
        "1c69c54766791e315c2cc5c47ecd3ffab87d0d273dd920e70955814c220eacace6a5946542da3dfe24ff626b4897898cafb7db83bdff3c14fa46fd4b",
        "1da47638d6c9c4d04d74d4640bbd42ab814d9e8cc22f4326695239f96b0693f12d0dd1152cf44430",
        id="320-bits",
    ),
]


@pytest.mark.parametrize(("key", "fixed", "output"), VECTORS)
def test_the_kdf_derives_what_nist_published(key: str, fixed: str, output: str) -> None:
    wanted = bytes.fromhex(output)
    assert counter_kdf(bytes.fromhex(key), bytes.fromhex(fixed), len(wanted)) == wanted


@settings(max_examples=60, deadline=None)
@given(
    key=st.binary(min_size=32, max_size=48),
    label=st.binary(min_size=1, max_size=20).filter(lambda label: b"\0" not in label),
    context=st.binary(min_size=1, max_size=64),
)
def test_a_one_time_key_equals_that_of_openssls_kbkdf(
    key: bytes, label: bytes, context: bytes
) -> None:
    kbkdf = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=label,
        context=context,
        fixed=None,
    )
    assert derive_key(key, label, context) == kbkdf.derive(key)


def test_label_and_context_both_separate_keys() -> None:
    keys = [
        derive_key(b"k" * 32, *purpose) for purpose in [(b"a", b"b"), (b"a", b"c"), (b"b", b"b")]
    ]
    assert len({*keys}) == 3


@given(st.binary(min_size=1, max_size=99), st.binary(max_size=60), st.binary(), st.integers(1, 200))
def test_hkdf_equals_another_implementation(
    key: bytes, salt: bytes, info: bytes, size: int
) -> None:
    other = HKDF(algorithm=SHA384(), length=size, salt=salt or None, info=info)
    assert hkdf_sha384(key, salt=salt, info=info, size=size) == other.derive(key)


def test_hkdf_reaches_its_published_limit() -> None:
    longest = hkdf_sha384(b"key", salt=b"", info=b"", size=255 * 48)
    other = HKDF(algorithm=SHA384(), length=255 * 48, salt=None, info=b"")
    assert longest == other.derive(b"key")
