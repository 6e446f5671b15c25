"""Attestation documents of Nitro Enclaves, as the Recipient of a call: checked for their form.

What is checked is what a verifier can see without trusting anybody: a COSE_Sign1 of the right
algorithm around a document with every member that must be there, each of its type and size, and a
public key to encrypt for. Not checked, as no one here is AWS: that the signature holds, and that
the certificates lead to the root of Nitro. A document of one's own making passes.
What does not belong here: the encryption for the recipient (hsm/vault.py).
Source: AWS Nitro Enclaves User Guide, "Verifying the root of trust"; the attestation process of
github.com/aws/aws-nitro-enclaves-nsm-api (sizes); RFC 9052, section 4.2; AWS KMS API Reference,
RecipientInfo.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regions.crypto.envelope import InvalidRecipientKey, check_recipient_key
from regions.errors import ValidationException
from regions.kms.cbor import NotCbor, decode

ES384: Final = -35
_ALGORITHM_LABEL: Final = 1  # of a COSE header (RFC 9052, table 2)
_SIGNATURE_BYTES: Final = 96
_PCRS_MAX: Final = 32
_PCR_BYTES: Final = (32, 48, 64)
#: The only KeyEncryptionAlgorithm that there is.
ALGORITHM: Final = "RSAES_OAEP_SHA_256"
#: Action to the member of its answer that a recipient gets sealed instead.
PLAINTEXT_MEMBERS: Final = {
    "Decrypt": "Plaintext",
    "DeriveSharedSecret": "SharedSecret",
    "GenerateDataKey": "Plaintext",
    "GenerateDataKeyPair": "PrivateKeyPlaintext",
    "GenerateRandom": "Plaintext",
}


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a document says of an enclave."""

    module_id: str
    pcrs: Mapping[int, bytes]  #: platform configuration registers; 0 measures the image
    public_key: bytes  #: SubjectPublicKeyInfo of an RSA key, DER

    @property
    def image(self) -> str:
        """The digest of the enclave image, in hex; "" if it was not measured."""
        return self.pcrs.get(0, b"").hex()


def recipient_of(parameters: Mapping[str, Any]) -> Attestation | None:
    """Return what the Recipient of a call attests; None of a call without one.

    Raises:
      ValidationException: it lacks a part, or its document is none.
    """
    given = parameters.get("Recipient")
    if given is None:
        return None
    for member in ("KeyEncryptionAlgorithm", "AttestationDocument"):
        if not given.get(member):
            raise ValidationException(f"Recipient requires {member}.")
    return read_document(given["AttestationDocument"])


def read_document(data: bytes) -> Attestation:
    """Return what a document of 1–262144 bytes attests.

    Raises:
      ValidationException: the text names what is wrong with it.
    """
    try:
        return _read(data)
    except (NotCbor, InvalidRecipientKey) as wrong:
        raise ValidationException(f"The attestation document is invalid: {wrong}.") from None


def _read(data: bytes) -> Attestation:
    envelope = decode(data)
    if not isinstance(envelope, list) or len(envelope) != 4:
        raise NotCbor("expected a COSE_Sign1, an array of four")
    protected, unprotected, payload, signature = envelope
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise NotCbor("expected a COSE_Sign1 with header, payload and signature as byte strings")
    header = decode(protected)
    if not isinstance(header, dict) or header.get(_ALGORITHM_LABEL) != ES384:
        raise NotCbor("expected algorithm ES384 in the protected header")
    if not isinstance(unprotected, dict) or len(signature) != _SIGNATURE_BYTES:
        raise NotCbor(f"expected a signature of {_SIGNATURE_BYTES} bytes")
    document = decode(payload)
    if not isinstance(document, dict):
        raise NotCbor("expected a map as the payload")
    for name, (fits, expected) in _MEMBERS.items():
        if not fits(document.get(name)):
            raise NotCbor(f"{name}: expected {expected}")
    check_recipient_key(document["public_key"])
    return Attestation(document["module_id"], document["pcrs"], document["public_key"])


def _bytes(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, bytes) and least <= len(value) <= most


def _optional(most: int) -> Callable[[Any], bool]:
    fits = _bytes(0, most)
    return lambda value: value is None or fits(value)


def _registers(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and 1 <= len(value) <= _PCRS_MAX
        and all(
            isinstance(number, int)
            and 0 <= number < _PCRS_MAX
            and isinstance(register, bytes)
            and len(register) in _PCR_BYTES
            for number, register in value.items()
        )
    )


def _chain(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_bytes(1, 1024), value))


#: Member of a document to what it must be.
_MEMBERS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "module_id": (lambda value: isinstance(value, str) and value != "", "a text"),
    "digest": (lambda value: value == "SHA384", "SHA384"),
    "timestamp": (lambda value: isinstance(value, int) and value > 0, "milliseconds since 1970"),
    "pcrs": (_registers, "1–32 registers of 32, 48 or 64 bytes"),
    "certificate": (_bytes(1, 1024), "1–1024 bytes"),
    "cabundle": (_chain, "an array of certificates of 1–1024 bytes"),
    "public_key": (_bytes(1, 1024), "1–1024 bytes"),
    "user_data": (_optional(512), "at most 512 bytes"),
    "nonce": (_optional(512), "at most 512 bytes"),
}


def answered_for(action: str, body: Mapping[str, Any], envelope: bytes) -> dict[str, Any]:
    """Return an answer with its plaintext sealed for the recipient in place of it in the clear."""
    member = PLAINTEXT_MEMBERS[action]
    rest = {name: value for name, value in body.items() if name != member}
    return {**rest, "CiphertextForRecipient": envelope}


def recorded(attested: Attestation) -> dict[str, Any]:
    """Return what the additionalEventData of a record shows of a recipient."""
    return {
        "recipient": {
            "attestationDocumentModuleId": attested.module_id,
            "attestationDocumentEnclaveImageDigest": attested.image,
        }
    }


def attested_conditions(attested: Attestation) -> dict[str, str]:
    """Return the condition keys that policies ask of an enclave, lower-cased."""
    seen = {
        f"kms:recipientattestation:pcr{number}": register.hex()
        for number, register in attested.pcrs.items()
    }
    return {**seen, "kms:recipientattestation:imagesha384": attested.image}
