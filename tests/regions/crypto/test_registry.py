"""Choosing a method of encryption, and using it: data, method, key."""

import inspect

import pytest

from regions.crypto.aead import Unauthentic
from regions.crypto.drbg import CtrDrbg
from regions.crypto.registry import (
    ALGORITHMS,
    CNSA,
    FIPS_140,
    InvalidKey,
    NoSuchAlgorithm,
    decrypt,
    encrypt,
    select,
)
from sim.rng import stream


def _nonces() -> CtrDrbg:
    return CtrDrbg(stream(7, "nonces").randbytes)


def test_enc_01_encryption_takes_data_a_method_and_a_key_and_nothing_may_be_missing() -> None:
    """ENC-01."""
    positional = [
        name
        for name, one in inspect.signature(encrypt).parameters.items()
        if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    assert positional == ["data", "method", "key"]
    nonces = _nonces().generate
    with pytest.raises(TypeError):
        encrypt(b"data", "AES-256-GCM", nonces=nonces)  # type: ignore[call-arg]
    offer = "AES-128-GCM, AES-256-GCM, CHACHA20-POLY1305"
    with pytest.raises(NoSuchAlgorithm, match=rf"^algorithm 'ROT13' is not one of {offer}$"):
        encrypt(b"data", "ROT13", b"k" * 32, nonces=nonces)
    with pytest.raises(InvalidKey, match=r"^key of 0 bytes, AES-256-GCM takes 32$"):
        encrypt(b"data", "AES-256-GCM", b"", nonces=nonces)


@pytest.mark.parametrize("method", ALGORITHMS)
def test_every_method_on_offer_round_trips_and_binds(method: str) -> None:
    key = b"k" * ALGORITHMS[method].key_bytes
    sealed = encrypt(b"data", method, key, nonces=_nonces().generate, bound=b"context")
    assert len(sealed) == 12 + 4 + 16
    assert decrypt(sealed, method, key, bound=b"context") == b"data"
    with pytest.raises(Unauthentic, match=r"^sealed text of 32 bytes does not authenticate$"):
        decrypt(sealed, method, key, bound=b"other")
    with pytest.raises(Unauthentic, match=r"^sealed text of 27 bytes is too short$"):
        decrypt(sealed[:27], method, key)


# Security decides first, then the rules one must meet, then the cost of the usual message.
SELECTIONS = [
    ({}, "AES-128-GCM"),
    ({"strength_bits": 192}, "AES-256-GCM"),
    ({"strength_bits": 256, "data_bytes": 65536}, "AES-256-GCM"),
    ({"meets": (FIPS_140,)}, "AES-128-GCM"),
    ({"meets": (CNSA,)}, "AES-256-GCM"),
    ({"meets": (FIPS_140, CNSA), "strength_bits": 128}, "AES-256-GCM"),
]


@pytest.mark.parametrize(("wishes", "chosen"), SELECTIONS)
def test_enc_02_the_selector_weighs_strength_rules_and_cost(
    wishes: dict[str, object], chosen: str
) -> None:
    """ENC-02."""
    assert select(**wishes).name == chosen  # type: ignore[arg-type]


def test_enc_02_wishes_that_nothing_meets_are_refused_by_name() -> None:
    """ENC-02."""
    with pytest.raises(
        NoSuchAlgorithm, match=r"^no algorithm of 512 bits or more meets FIPS 140-3$"
    ):
        select(strength_bits=512, meets=(FIPS_140,))
    with pytest.raises(NoSuchAlgorithm, match=r"^no algorithm of 128 bits or more meets GOST$"):
        select(meets=("GOST",))
