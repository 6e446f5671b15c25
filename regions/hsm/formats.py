"""From key material as its owner brings it to the secret that a key token wraps.

What does not belong here: unwrapping (importing.py), and what a secret is used for (keywork.py).
Source: AWS KMS Developer Guide, "Requirements for imported key material": 32 bytes for a symmetric
key, 28–128 bytes for an HMAC key, PKCS #8 in DER for others.
"""

from typing import Final

from regions.crypto.edwards import InvalidEdwardsKey, seed_of_pkcs8
from regions.crypto.elliptic import InvalidScalar
from regions.crypto.elliptic import secret_of_pkcs8 as elliptic_secret
from regions.crypto.rsa import InvalidRsaKey
from regions.crypto.rsa import secret_of_pkcs8 as rsa_secret
from regions.hsm.kinds import KINDS

#: Families of keys that can have imported material.
IMPORTABLE: Final = frozenset({"symmetric", "hmac", "rsa", "elliptic", "edwards"})


class InvalidMaterial(ValueError):
    """The bytes are no material of a key of that kind."""


def secret_of(spec: str, material: bytes) -> bytes:
    """Return the secret of imported material.

    Raises:
      InvalidMaterial: it is none of that kind.
    """
    kind = KINDS[spec]
    assert kind.family in IMPORTABLE, f"{spec} takes no imports"
    try:
        if kind.family == "rsa":
            return rsa_secret(material, kind.bits)
        if kind.family == "elliptic":
            return elliptic_secret(spec, material)
        if kind.family == "edwards":
            return seed_of_pkcs8(material)
    except (InvalidRsaKey, InvalidScalar, InvalidEdwardsKey) as error:
        raise InvalidMaterial(str(error)) from None
    if len(material) not in kind.secret_bytes:
        raise InvalidMaterial(f"{len(material)} bytes for a key of kind {spec}")
    return material
