"""The kinds of key material that an HSM keeps: their codes in key tokens, their sizes, their seeds.

A *secret* is what a key token wraps: the random bytes of a symmetric or HMAC key, both primes of an
RSA key, a scalar or a seed of the others. What does not belong here: what a kind may be used for
(kms/key_specs.py), and what is computed with it (keywork.py).
Source: AWS KMS API Reference, CreateKey, KeySpec; sizes of HMAC keys: AWS KMS Developer Guide,
"HMAC key specs" (generated keys are as long as the digest; imported ones may be longer);
codes chosen.
"""

from dataclasses import dataclass
from typing import Final

from regions.crypto.edwards import SEED_BYTES as EDWARDS_SEED_BYTES
from regions.crypto.elliptic import CURVES, seed_bytes
from regions.crypto.post_quantum import KEM_SEED_BYTES, SIGNING_SEED_BYTES
from regions.crypto.rsa import BITS

SYMMETRIC_DEFAULT: Final = "SYMMETRIC_DEFAULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One KeySpec, as far as its material goes."""

    spec: str
    code: int  #: 1–255, in every key token
    family: str  #: what computes with it
    seed_bytes: int = 0  #: random bytes that a new secret is made of; 0: made of primes
    secret_bytes: range  #: how long a secret may be
    bits: int = 0  #: of an RSA modulus


def _exactly(size: int) -> range:
    return range(size, size + 1)


def _kinds() -> tuple[Kind, ...]:
    found = [
        Kind(
            spec=SYMMETRIC_DEFAULT,
            code=1,
            family="symmetric",
            seed_bytes=32,
            secret_bytes=_exactly(32),
        )
    ]
    found += (
        Kind(
            spec=f"RSA_{bits}", code=code, family="rsa", secret_bytes=_exactly(bits // 8), bits=bits
        )
        for code, bits in enumerate(BITS, start=2)
    )
    found += (
        Kind(
            spec=spec,
            code=code,
            family="elliptic",
            seed_bytes=seed_bytes(spec),
            secret_bytes=_exactly(CURVES[spec].scalar_bytes),
        )
        for code, spec in enumerate(sorted(CURVES), start=5)
    )
    found.append(
        Kind(
            spec="ECC_NIST_EDWARDS25519",
            code=9,
            family="edwards",
            seed_bytes=EDWARDS_SEED_BYTES,
            secret_bytes=_exactly(EDWARDS_SEED_BYTES),
        )
    )
    found += (
        Kind(
            spec=f"HMAC_{bits}",
            code=code,
            family="hmac",
            seed_bytes=bits // 8,
            secret_bytes=range(bits // 8, longest + 1),
        )
        for code, (bits, longest) in enumerate(
            ((224, 64), (256, 64), (384, 128), (512, 128)), start=10
        )
    )
    for code, spec in enumerate(("ML_DSA_44", "ML_DSA_65", "ML_DSA_87"), start=14):
        found.append(
            Kind(
                spec=spec,
                code=code,
                family="ml-dsa",
                seed_bytes=SIGNING_SEED_BYTES,
                secret_bytes=_exactly(SIGNING_SEED_BYTES),
            )
        )
    for code, spec in enumerate(("ML_KEM_768", "ML_KEM_1024"), start=17):
        found.append(
            Kind(
                spec=spec,
                code=code,
                family="ml-kem",
                seed_bytes=KEM_SEED_BYTES,
                secret_bytes=_exactly(KEM_SEED_BYTES),
            )
        )
    return tuple(found)


#: KeySpec to its kind; SM2, SM4 and ML_KEM_512 are in no library that this service uses.
KINDS: Final[dict[str, Kind]] = {kind.spec: kind for kind in _kinds()}
#: Code in a key token to its kind.
KINDS_BY_CODE: Final[dict[int, Kind]] = {kind.code: kind for kind in KINDS.values()}
assert len(KINDS_BY_CODE) == len(KINDS), "a code stands for two kinds"
