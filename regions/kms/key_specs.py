"""Which KeySpecs there are: what each may be used for, with which algorithms, on how many bytes.

What does not belong here: key material (hsm/kinds.py), and how algorithms compute (crypto/).
Source: AWS KMS Developer Guide, "Key spec reference"; AWS KMS API Reference, CreateKey, Sign,
Encrypt; texts as observed from the service unless they are marked chosen.
"""

from dataclasses import dataclass
from typing import Final

SYMMETRIC_DEFAULT: Final = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"
SIGN_VERIFY: Final = "SIGN_VERIFY"
GENERATE_VERIFY_MAC: Final = "GENERATE_VERIFY_MAC"
KEY_AGREEMENT: Final = "KEY_AGREEMENT"
ENCAPSULATE_DECAPSULATE: Final = "ENCAPSULATE_DECAPSULATE"

RAW: Final = "RAW"
DIGEST: Final = "DIGEST"
EXTERNAL_MU: Final = "EXTERNAL_MU"

#: KeyUsage to the member of KeyMetadata and GetPublicKey that lists the algorithms.
ALGORITHMS_MEMBER: Final = {
    ENCRYPT_DECRYPT: "EncryptionAlgorithms",
    SIGN_VERIFY: "SigningAlgorithms",
    GENERATE_VERIFY_MAC: "MacAlgorithms",
    KEY_AGREEMENT: "KeyAgreementAlgorithms",
    ENCAPSULATE_DECAPSULATE: "EncapsulationAlgorithms",
}

#: Hashes by the number in an algorithm's name, as hashlib names them, with their bytes.
_HASHES: Final = {"1": ("sha1", 20)} | {
    bits: (f"sha{bits}", int(bits) // 8) for bits in ("256", "384", "512")
}
#: RSA encryption algorithm to the hash of its padding.
OAEP: Final = {f"RSAES_OAEP_SHA_{number}": _HASHES[number][0] for number in ("1", "256")}


@dataclass(frozen=True, slots=True)
class Signing:
    """How one signing algorithm treats messages."""

    scheme: str
    hash_name: str  #: what a RAW message is hashed with; "" if the scheme takes it as it is
    sizes: dict[str, int]  #: MessageType to the bytes that it takes; 0: any number


def _signing() -> dict[str, Signing]:
    found: dict[str, Signing] = {}
    for number in ("256", "384", "512"):
        name, size = _HASHES[number]
        for scheme, prefix in (
            ("pss", "RSASSA_PSS"),
            ("pkcs1", "RSASSA_PKCS1_V1_5"),
            ("ecdsa", "ECDSA"),
        ):
            found[f"{prefix}_SHA_{number}"] = Signing(scheme, name, {RAW: 0, DIGEST: size})
    found["ED25519_SHA_512"] = Signing("ed25519", "", {RAW: 0})
    found["ED25519_PH_SHA_512"] = Signing("ed25519ph", "sha512", {DIGEST: 64})
    found["ML_DSA_SHAKE_256"] = Signing("ml-dsa", "", {RAW: 0, EXTERNAL_MU: 64})
    return found


#: SigningAlgorithm to how it treats messages.
SIGNING: Final[dict[str, Signing]] = _signing()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpec:
    """One KeySpec: KeyUsage to algorithms, in the order in which the service lists them."""

    name: str
    algorithms: dict[str, tuple[str, ...]]
    pairs: bool = False  #: GenerateDataKeyPair makes such pairs

    @property
    def is_symmetric(self) -> bool:
        """Whether it has no public half: symmetric encryption and HMAC keys."""
        return self.name == SYMMETRIC_DEFAULT or GENERATE_VERIFY_MAC in self.algorithms


def _specs() -> tuple[KeySpec, ...]:
    rsa_signing = tuple(
        f"RSASSA_{padding}_SHA_{number}"
        for padding in ("PKCS1_V1_5", "PSS")
        for number in ("256", "384", "512")
    )
    found = [
        KeySpec(name=SYMMETRIC_DEFAULT, algorithms={ENCRYPT_DECRYPT: (SYMMETRIC_DEFAULT,)}),
    ]
    found += (
        KeySpec(
            name=f"RSA_{bits}",
            algorithms={ENCRYPT_DECRYPT: tuple(OAEP), SIGN_VERIFY: rsa_signing},
            pairs=True,
        )
        for bits in (2048, 3072, 4096)
    )
    found += (
        KeySpec(
            name=f"ECC_NIST_P{bits}",
            algorithms={SIGN_VERIFY: (f"ECDSA_SHA_{number}",), KEY_AGREEMENT: ("ECDH",)},
            pairs=True,
        )
        for bits, number in ((256, 256), (384, 384), (521, 512))
    )
    found += (
        KeySpec(name="ECC_SECG_P256K1", algorithms={SIGN_VERIFY: ("ECDSA_SHA_256",)}, pairs=True),
        KeySpec(
            name="ECC_NIST_EDWARDS25519",
            algorithms={SIGN_VERIFY: ("ED25519_SHA_512", "ED25519_PH_SHA_512")},
            pairs=True,
        ),
    )
    found += (
        KeySpec(name=f"HMAC_{bits}", algorithms={GENERATE_VERIFY_MAC: (f"HMAC_SHA_{bits}",)})
        for bits in (224, 256, 384, 512)
    )
    found += (
        KeySpec(name=f"ML_DSA_{level}", algorithms={SIGN_VERIFY: ("ML_DSA_SHAKE_256",)})
        for level in (44, 65, 87)
    )
    found += (
        KeySpec(
            name=f"ML_KEM_{level}", algorithms={ENCAPSULATE_DECAPSULATE: ("ML_KEM",)}, pairs=True
        )
        for level in (768, 1024)
    )
    return tuple(found)


#: KeySpec by its name. SM2 (of regions in China) and ML_KEM_512 are absent: no well-kept library
#: that is used here has them.
KEY_SPECS: Final[dict[str, KeySpec]] = {spec.name: spec for spec in _specs()}

#: Specs that KeyMetadata also shows under its old name, CustomerMasterKeySpec (the service model).
OLD_SPECS: Final = frozenset(
    name for name in KEY_SPECS if not name.startswith("ML_") and name != "ECC_NIST_EDWARDS25519"
)


def oaep_bytes_max(spec: str, algorithm: str) -> int:
    """Return how many bytes an RSA key encrypts at most (RFC 8017, section 7.1.1)."""
    number = algorithm.rpartition("_")[2]
    return int(spec.removeprefix("RSA_")) // 8 - 2 * _HASHES[number][1] - 2


def too_long(spec: str, algorithm: str) -> str:
    """Return the text about a plaintext that is longer than that."""
    return (
        f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than"
        f" {oaep_bytes_max(spec, algorithm)} bytes."
    )
