"""What the API actions on imported material share.

What does not belong here: what imports do to a key (import_rules.py), and unwrapping (hsm/).
Source: AWS KMS API Reference, GetParametersForImport and ImportKeyMaterial; messages as observed
from the service where they were.
"""

from typing import ClassVar

from regions.errors import UnsupportedOperationException
from regions.kms.material import EXTERNAL
from regions.kms.operation import Operation, Turn
from regions.kms.rotation import wrong_origin


class ImportOperation(Operation):
    """An action on the imported material of one key."""

    key_member: ClassVar[str] = "KeyId"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse keys of other origins before looking at the state.

        Raises:
          UnsupportedOperationException: the key's material is not imported.
        """
        if turn.found.origin != EXTERNAL:
            raise wrong_origin(turn.found, turn.region)
        super().allow_in_state(turn)


def refuse_wrapping(algorithm: str, wrapping_spec: str, key_spec: str) -> None:
    """Refuse ways of wrapping that do not exist, or do not fit the material.

    Raises:
      UnsupportedOperationException: they do not.
    """
    if wrapping_spec == "SM2" or algorithm in ("SM2PKE", "RSAES_PKCS1_V1_5"):
        text = f"Wrapping with {algorithm} under {wrapping_spec} is not supported."
        raise UnsupportedOperationException(text)
    plain = algorithm.startswith("RSAES_OAEP")
    too_long = key_spec == "ECC_NIST_P521" and algorithm == "RSAES_OAEP_SHA_256"
    if plain and (key_spec.startswith("RSA_") or (too_long and wrapping_spec == "RSA_2048")):
        text = f"Material of a {key_spec} key is too long for {algorithm} under {wrapping_spec}."
        raise UnsupportedOperationException(text)
