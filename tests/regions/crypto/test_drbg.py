"""CTR_DRBG against NIST's own answers and an independent implementation."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto.drbg import SEED_BYTES, CtrDrbg
from sim.rng import stream

# NIST CAVP, CTR_DRBG.rsp, [AES-256 no df], [PredictionResistance = False]; as kept by AWS-LC in
# crypto/fipsmodule/rand/ctrdrbg_vectors.txt. Each: instantiate, reseed, generate 512 bits twice;
# ReturnedBits is the second answer.
VECTORS = [
    pytest.param(
        {
            "EntropyInput": "e4bc23c5089a19d86f4119cb3fa08c0a4991e0a1def17e101e4c14d9c323460a7c2fb58e0b086c6c57b55f56cae25bad",
            "EntropyInputReseed": "fd85a836bba85019881e8c6bad23c9061adc75477659acaea8e4a01dfe07a1832dad1c136f59d70f8653a5dc118663d6",
            "ReturnedBits": "b2cb8905c05e5950ca31895096be29ea3d5a3b82b269495554eb80fe07de43e193b9e7c3ece73b80e062b1c1f68202fbb1c52a040ea2478864295282234aaada",
        },
        id="entropy-only",
    ),
    pytest.param(
        {
            "EntropyInput": "edfdb55e77d418a63e4414dfd42225ed257cf74e99325fba26e8f3a4524a71bc80a731af23256908cb4675a9c253ea6f",
            "EntropyInputReseed": "a9372fea93d607fbbc75a97b7f65f2d4ae8c06bd184981572e888a35c5794d2bb380a4ae04bba27f2efcc9e7914b96dc",
            "ReturnedBits": "11b1a0f0bb935ec0c54e089e0cd20832d1f00e7069f30e9ea2e35b7f15ecf0577d0e90035bf0f91ffd9e8a1fa8a507503739afbec19393e02c9b7c230cdea36f",
        },
        id="entropy-only-2",
    ),
    pytest.param(
        {
            "EntropyInput": "99903165903fea49c2db26ed675e44cc14cb2c1f28b836b203240b02771e831146ffc4335373bb344688c5c950670291",
            "EntropyInputReseed": "b4ee99fa9e0eddaf4a3612013cd636c4af69177b43eebb3c58a305b9979b68b5cc820504f6c029aad78a5d29c66e84a0",
            "AdditionalInputReseed": "2d8c5c28b05696e74774eb69a10f01c5fabc62691ddf7848a8004bb5eeb4d2c5febe1aa01f4d557b23d7e9a0e4e90655",
            "AdditionalInput1": "0dc9cde42ac6e856f01a55f219c614de90c659260948db5053d414bab0ec2e13e995120c3eb5aafc25dc4bdcef8ace24",
            "AdditionalInput2": "711be6c035013189f362211889248ca8a3268e63a7eb26836d915810a680ac4a33cd1180811a31a0f44f08db3dd64f91",
            "ReturnedBits": "11c7a0326ea737baa7a993d510fafee5374e7bbe17ef0e3e29f50fa68aac2124b017d449768491cac06d136d691a4e80785739f9aaedf311bba752a3268cc531",
        },
        id="additional-input",
    ),
    pytest.param(
        {
            "EntropyInput": "7cafced429930e197f8e092eb71908986bfafd7f07c5298e6f4f88ed94085ed92f6af768437ff8bdc8f44e17ccbb83e9",
            "PersonalizationString": "c0b435a51c08532beb1264dc51c3271a5120e005ca1ff209031905d370c9509213b90c7e620cf0ad55fdbf15b2ff341f",
            "EntropyInputReseed": "f59efd8d253142a0346310b1467eea0f49f9e039cb0c6954516a5228896cb0edb5e46c863575842cdccf556ac1ba3ede",
            "AdditionalInputReseed": "b64c2dc0573f0d8740a5f934e3ccc2e3bb1dd01a9a50efb516dbbe581566cfade2b521b885295b535aadb05a76b7ccec",
            "AdditionalInput1": "418a232934120f0fd34fb4a84e820fb62408921677e971d7f339497362e3eaa1dead14d2cdf1e2f0e3fccbcec3e740b2",
            "AdditionalInput2": "c4ce8b89a8d99614fc9442bc647f5398ea20c02d5b7eaea6ce26bda4a957b289d8ee4a771ac2ede61aea9a9be5b685cf",
            "ReturnedBits": "1bed88ce25c4bd7ccc2ac9813c32ee7f128f560971944ce9a0d028c4706875482d3f648e5bc58edfc4e490ff754575501f605d5efc716fcc44bc5c6905a83d93",
        },
        id="personalization-and-additional-input",
    ),
]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_generator_returns_the_bits_that_nist_published(vector: dict[str, str]) -> None:
    value = {name: bytes.fromhex(text) for name, text in vector.items()}
    entropy = iter([value["EntropyInput"], value["EntropyInputReseed"]])
    drbg = CtrDrbg(lambda _: next(entropy), personalization=value.get("PersonalizationString", b""))
    drbg.reseed(value.get("AdditionalInputReseed", b""))
    drbg.generate(64, value.get("AdditionalInput1", b""))
    assert drbg.generate(64, value.get("AdditionalInput2", b"")) == value["ReturnedBits"]


def _by_the_book(entropy: bytes, sizes: list[int]) -> list[bytes]:
    """Follow SP 800-90A 10.2.1 step by step, block by block, with AES-ECB."""
    key, value = bytes(32), 0

    def block() -> bytes:
        nonlocal value
        value = (value + 1) % 2**128
        cipher = Cipher(algorithms.AES(key), modes.ECB())
        return cipher.encryptor().update(value.to_bytes(16, "big"))

    def update(provided: bytes) -> None:
        nonlocal key, value
        temp = b"".join(block() for _ in range(3))
        mixed = bytes(a ^ b for a, b in zip(temp, provided, strict=True))
        key, value = mixed[:32], int.from_bytes(mixed[32:], "big")

    update(entropy)
    outputs = []
    for size in sizes:
        temp = b""
        while len(temp) < size:
            temp += block()
        outputs.append(temp[:size])
        update(bytes(SEED_BYTES))
    return outputs


@settings(max_examples=40, deadline=None)
@given(
    entropy=st.binary(min_size=SEED_BYTES, max_size=SEED_BYTES),
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=4),
)
def test_one_pass_equals_the_standard_followed_block_by_block(
    entropy: bytes, sizes: list[int]
) -> None:
    drbg = CtrDrbg(lambda _: entropy)
    assert [drbg.generate(size) for size in sizes] == _by_the_book(entropy, sizes)


def test_equal_streams_give_equal_bytes_and_personalization_keeps_generators_apart() -> None:
    one, same = CtrDrbg(stream(7, "hsm").randbytes), CtrDrbg(stream(7, "hsm").randbytes)
    other = CtrDrbg(stream(7, "hsm").randbytes, personalization=b"hsm-2")
    first = one.generate(32)
    assert same.generate(32) == first
    assert other.generate(32) != first
    assert one.generate(32) != first


def test_the_generator_reseeds_itself_when_its_requests_are_used_up() -> None:
    # Goal: after the allowed number of requests fresh entropy is drawn, before any more output.
    drawn: list[bytes] = []
    source = stream(7, "entropy")

    def entropy(size: int) -> bytes:
        drawn.append(source.randbytes(size))
        return drawn[-1]

    drbg = CtrDrbg(entropy, requests_per_seed=3)
    counters = []
    for _ in range(7):
        drbg.generate(16)
        counters.append((drbg.requests, len(drawn)))
    assert counters == [(2, 1), (3, 1), (4, 1), (2, 2), (3, 2), (4, 2), (2, 3)]


def test_a_request_beyond_the_standards_limit_is_our_bug() -> None:
    drbg = CtrDrbg(stream(7, "hsm").randbytes)
    assert len(drbg.generate(65536)) == 65536
    with pytest.raises(AssertionError, match=r"(?m)^request of 65537 bytes$"):
        drbg.generate(65537)
