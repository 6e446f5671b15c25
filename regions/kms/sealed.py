"""What Decrypt and ReEncrypt share: from a blob to the key and the material that open it.

What does not belong here: the blob's layout (blob.py) and opening it (hsm/vault.py).
Source: AWS KMS API Reference, Decrypt; messages as observed from the service.
"""

from typing import Final

from regions.errors import (
    AccessDeniedException,
    IncorrectKeyException,
    InvalidCiphertextException,
    ValidationException,
)
from regions.kms.blob import InvalidBlob, parse
from regions.kms.key import Key
from regions.kms.key_specs import SYMMETRIC_DEFAULT
from regions.kms.operation import Turn, resource

UNKNOWN_SOURCE: Final = (
    "The ciphertext refers to a customer master key that does not exist, "
    "does not exist in this region, or you are not allowed to access."
)
WRONG_KEY: Final = (
    "The key ID in the request does not identify a CMK that can perform this operation."
)
#: Chosen: the API reference says no more than that the key is required.
NO_KEY: Final = "KeyId is required to decrypt with an asymmetric KMS key."
NO_BLOB: Final = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: "
    "Member must not be null"
)


def check_blob(turn: Turn, key_member: str) -> None:
    """Demand a blob; a dry run that ignores the ciphertext must name its key instead."""
    given = turn.parameters
    if given.get("CiphertextBlob") is not None:
        return
    ignores = "IGNORE_CIPHERTEXT" in (given.get("DryRunModifiers") or ())
    if not (given.get("DryRun") and ignores and given.get(key_member)):
        raise ValidationException(NO_BLOB)


def resolve_blob(turn: Turn, named: Key | None, algorithm: str) -> Key:
    """Return the key that is to open the call's blob: the named one, or the blob's own.

    Raises:
      ValidationException: a ciphertext that names no key, and the call names none either.
      InvalidCiphertextException: these bytes are no blob.
      AccessDeniedException: the blob was made by a key that this region does not have.
    """
    data = turn.parameters.get("CiphertextBlob")
    if data is None:
        assert named is not None, "check_blob() lets no such call pass"
        key = named
    elif algorithm != SYMMETRIC_DEFAULT:
        if named is None:
            raise ValidationException(NO_KEY)
        key, turn.material = named, named.current
    elif named is not None and not named.is_symmetric:
        key = named  # It did not make the blob, whatever that is.
    else:
        try:
            blob = parse(data)
        except InvalidBlob:
            raise InvalidCiphertextException from None
        made_here = turn.keyring.key(blob.key_id)
        if made_here is not None and blob.region != turn.region and made_here.family is None:
            made_here = None  # Only keys of one multi-Region family open each other's blobs.
        if named is not None:
            key = named
        elif made_here is None:
            raise AccessDeniedException(UNKNOWN_SOURCE)
        else:
            key = made_here
        turn.material = key.material(blob.hbk_id) if key is made_here else None
    turn.resources = (*turn.resources, resource(key, turn.region))
    return key


def open_with(turn: Turn) -> None:
    """Check that the source key made the blob; resolve_blob() has looked.

    Raises:
      IncorrectKeyException: another key made it.
      InvalidCiphertextException: no version of the key's material did.
    """
    data = turn.parameters.get("CiphertextBlob")
    if data is None or turn.material is not None:
        return
    assert turn.source is not None, "the action has resolved its source key"
    if not turn.source.is_symmetric or parse(data).key_id != turn.source.key_id:
        raise IncorrectKeyException(WRONG_KEY)
    raise InvalidCiphertextException
