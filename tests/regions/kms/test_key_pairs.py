"""RSA encryption, key agreement and encapsulation through the loop, against other libraries."""

from typing import Any

import pytest
from Crypto.Cipher import PKCS1_OAEP
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from kms_kinds import AGREE, ARN, HASHES, KEM, MAC, SEAL, make, public, refused

from regions.errors import (
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
    ValidationException,
)


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_an_rsa_key_encrypts_what_its_padding_leaves_room_for(
    desk: Any, bits: int, algorithm: str
) -> None:
    longest = {
        ("RSAES_OAEP_SHA_1", 2048): 214,
        ("RSAES_OAEP_SHA_256", 2048): 190,
        ("RSAES_OAEP_SHA_1", 3072): 342,
        ("RSAES_OAEP_SHA_256", 3072): 318,
        ("RSAES_OAEP_SHA_1", 4096): 470,
        ("RSAES_OAEP_SHA_256", 4096): 446,
    }[algorithm, bits]
    key_id = make(desk, f"RSA_{bits}", SEAL)
    asked = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
    sealed = desk.call("Encrypt", Plaintext=b"x" * longest, **asked)
    blob = sealed.pop("CiphertextBlob")
    assert (len(blob), sealed) == (
        bits // 8,
        {"KeyId": f"{ARN}{key_id}", "EncryptionAlgorithm": algorithm},
    )
    opened = {"KeyId": f"{ARN}{key_id}", "EncryptionAlgorithm": algorithm}
    assert desk.call("Decrypt", CiphertextBlob=blob, **asked) == {
        "Plaintext": b"x" * longest,
        **opened,
    }
    text = (
        f"Algorithm {algorithm} and key spec RSA_{bits} cannot encrypt data larger than"
        f" {longest} bytes."
    )
    with pytest.raises(ValidationException, match=refused(text)):
        desk.call("Encrypt", Plaintext=b"x" * (longest + 1), **asked)
    # Whoever has the public key encrypts at home, and only the service decrypts.
    name = HASHES["sha" + algorithm.rpartition("_")[2]]
    outside = PKCS1_OAEP.new(RSA.import_key(public(desk, key_id)), name).encrypt(b"pin")
    assert desk.call("Decrypt", CiphertextBlob=outside, **asked)["Plaintext"] == b"pin"


def test_an_rsa_key_has_no_default_algorithm_no_context_and_no_data_keys(desk: Any) -> None:
    key_id = make(desk, "RSA_2048", SEAL)
    text = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."
    with pytest.raises(InvalidKeyUsageException, match=refused(text)):
        desk.call("Encrypt", KeyId=key_id, Plaintext=b"x")
    asked = {"KeyId": key_id, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    context = {"EncryptionContext": {"a": "b"}}
    text = "EncryptionContext is not supported for asymmetric KMS keys."
    for action, more in (("Encrypt", {"Plaintext": b"x"}), ("Decrypt", {"CiphertextBlob": b"x"})):
        with pytest.raises(ValidationException, match=refused(text)):
            desk.call(action, **asked, **context, **more)
    text = "You cannot generate a data key with an asymmetric CMK"
    for action, size in (
        ("GenerateDataKey", {"NumberOfBytes": 1}),
        ("GenerateDataKeyPair", {"KeyPairSpec": "ECC_NIST_P256"}),
    ):
        with pytest.raises(InvalidKeyUsageException, match=refused(text)):
            desk.call(action, KeyId=key_id, **size)


def test_what_an_rsa_key_did_not_encrypt_does_not_open(desk: Any) -> None:
    one, other = make(desk, "RSA_2048", SEAL), make(desk, "RSA_2048", SEAL, 1)
    blob = desk.call(
        "Encrypt", KeyId=one, Plaintext=b"pin", EncryptionAlgorithm="RSAES_OAEP_SHA_256"
    )["CiphertextBlob"]
    for key_id, algorithm in ((other, "RSAES_OAEP_SHA_256"), (one, "RSAES_OAEP_SHA_1")):
        with pytest.raises(InvalidCiphertextException, match=refused("")):
            desk.call("Decrypt", KeyId=key_id, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
    with pytest.raises(InvalidCiphertextException, match=refused("")):
        desk.call("Decrypt", CiphertextBlob=blob)  # It is no blob that names its key.
    text = "KeyId is required to decrypt with an asymmetric KMS key."
    with pytest.raises(ValidationException, match=refused(text)):
        desk.call("Decrypt", CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    text = "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT."
    with pytest.raises(InvalidKeyUsageException, match=refused(text)):
        desk.call(
            "Decrypt",
            KeyId=desk.create_key(),
            CiphertextBlob=blob,
            EncryptionAlgorithm="RSAES_OAEP_SHA_256",
        )


def test_no_key_of_another_kind_made_a_symmetric_blob(desk: Any) -> None:
    # As observed with an HMAC key; users report the same of RSA keys without their algorithm.
    symmetric = desk.create_key()
    blob = desk.call("Encrypt", KeyId=symmetric, Plaintext=b"pin")["CiphertextBlob"]
    text = "The key ID in the request does not identify a CMK that can perform this operation."
    for spec, usage in (("HMAC_224", MAC), ("RSA_2048", SEAL)):
        key_id = make(desk, spec, usage)
        with pytest.raises(IncorrectKeyException, match=refused(text)):
            desk.call("Decrypt", KeyId=key_id, CiphertextBlob=blob)
        with pytest.raises(IncorrectKeyException, match=refused(text)):
            desk.call(
                "ReEncrypt", SourceKeyId=key_id, CiphertextBlob=blob, DestinationKeyId=symmetric
            )


def test_re_encrypt_converts_between_all_kinds_of_encryption_keys(desk: Any) -> None:
    keys = {
        "SYMMETRIC_DEFAULT": desk.create_key(),
        "RSAES_OAEP_SHA_1": make(desk, "RSA_2048", SEAL),
        "RSAES_OAEP_SHA_256": make(desk, "RSA_3072", SEAL),
    }
    for source, from_key in keys.items():
        blob = desk.call("Encrypt", KeyId=from_key, Plaintext=b"pin", EncryptionAlgorithm=source)[
            "CiphertextBlob"
        ]
        for destination, to_key in keys.items():
            moved = desk.call(
                "ReEncrypt",
                CiphertextBlob=blob,
                SourceKeyId=from_key,
                SourceEncryptionAlgorithm=source,
                DestinationKeyId=to_key,
                DestinationEncryptionAlgorithm=destination,
            )
            assert {name: value for name, value in moved.items() if "Blob" not in name} == {
                "SourceKeyId": f"{ARN}{from_key}",
                "KeyId": f"{ARN}{to_key}",
                "SourceEncryptionAlgorithm": source,
                "DestinationEncryptionAlgorithm": destination,
                **_material_id(desk, "SourceKeyMaterialId", from_key),
                **_material_id(desk, "DestinationKeyMaterialId", to_key),
            }
            opened = desk.call(
                "Decrypt",
                CiphertextBlob=moved["CiphertextBlob"],
                KeyId=to_key,
                EncryptionAlgorithm=destination,
            )
            assert opened["Plaintext"] == b"pin"
            assert [resource.arn for resource in desk.records[-2].resources] == [
                f"{ARN}{from_key}",
                f"{ARN}{to_key}",
            ]


def _material_id(desk: Any, member: str, key_id: str) -> dict[str, str]:
    key = desk.keyring.key(key_id)
    return {member: key.current.material_id} if key.is_symmetric else {}


def test_re_encrypt_refuses_content_that_the_other_key_has_no_room_for(desk: Any) -> None:
    symmetric, rsa = desk.create_key(), make(desk, "RSA_2048", SEAL)
    blob = desk.call("Encrypt", KeyId=symmetric, Plaintext=b"x" * 191)["CiphertextBlob"]
    text = (
        "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than"
        " 190 bytes."
    )
    asked = {
        "CiphertextBlob": blob,
        "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    }
    with pytest.raises(ValidationException, match=refused(text)):
        desk.call("ReEncrypt", **asked)
    context = {"DestinationEncryptionContext": {"a": "b"}}
    text = "EncryptionContext is not supported for asymmetric KMS keys."
    with pytest.raises(ValidationException, match=refused(text)):
        desk.call("ReEncrypt", **asked, **context)
    text = "Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT."
    with pytest.raises(InvalidKeyUsageException, match=refused(text)):
        desk.call(
            "ReEncrypt", SourceKeyId=symmetric, SourceEncryptionAlgorithm="RSAES_OAEP_SHA_1", **asked
        )


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_a_key_and_its_peer_derive_the_same_secret(desk: Any, spec: str) -> None:
    ana, bob = make(desk, spec, AGREE), make(desk, spec, AGREE)
    ecdh = {"KeyAgreementAlgorithm": "ECDH"}
    one = desk.call("DeriveSharedSecret", KeyId=ana, PublicKey=public(desk, bob), **ecdh)
    other = desk.call("DeriveSharedSecret", KeyId=bob, PublicKey=public(desk, ana), **ecdh)
    assert one == {
        "KeyId": f"{ARN}{ana}",
        "SharedSecret": other["SharedSecret"],
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "AWS_KMS",
    }
    loaded = load_der_public_key(public(desk, ana))
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    mine = ec.derive_private_key(7, loaded.curve)
    spki = mine.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found = desk.call("DeriveSharedSecret", KeyId=ana, PublicKey=spki, **ecdh)["SharedSecret"]
    assert found == mine.exchange(ec.ECDH(), loaded)


def test_a_peer_s_key_that_does_not_fit_is_refused_without_a_text(desk: Any) -> None:
    key_id = make(desk, "ECC_NIST_P256", AGREE)
    for peer in (b"no key", public(desk, make(desk, "ECC_NIST_P384", AGREE))):
        with pytest.raises(ValidationException, match=refused("")):
            desk.call(
                "DeriveSharedSecret", KeyId=key_id, PublicKey=peer, KeyAgreementAlgorithm="ECDH"
            )


@pytest.mark.parametrize("spec", ["ML_KEM_768", "ML_KEM_1024"])
def test_an_encapsulated_secret_is_opened_by_its_key_alone(desk: Any, spec: str) -> None:
    one, other = make(desk, spec, KEM), make(desk, spec, KEM)
    ml_kem = {"EncapsulationAlgorithm": "ML_KEM"}
    made = desk.call("Encapsulate", KeyId=one, **ml_kem)
    blob, secret = made["SharedSecretCiphertextBlob"], made["SharedSecret"]
    assert {"KeyId": f"{ARN}{one}", "SharedSecret": secret, **ml_kem} == desk.call(
        "Decapsulate", KeyId=one, SharedSecretCiphertextBlob=blob, **ml_kem
    )
    forged = desk.call("Decapsulate", KeyId=other, SharedSecretCiphertextBlob=blob, **ml_kem)
    assert forged["SharedSecret"] != secret
    secret, blob = load_der_public_key(public(desk, one)).encapsulate()  # type: ignore[union-attr]
    opened = desk.call("Decapsulate", KeyId=one, SharedSecretCiphertextBlob=blob, **ml_kem)
    assert opened["SharedSecret"] == secret
    with pytest.raises(InvalidCiphertextException, match=refused("")):
        desk.call("Decapsulate", KeyId=one, SharedSecretCiphertextBlob=b"short", **ml_kem)
