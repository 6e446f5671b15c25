"""Calls for an enclave: its document is checked for form, and it alone can read the answer."""

import json
from typing import Any

import enclave
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.api.models import model_of
from regions.errors import AccessDeniedException, ValidationException
from regions.kms.attestation import PLAINTEXT_MEMBERS, read_document
from regions.kms.cbor import NotCbor, decode

#: Parameters, beside the key, of a call of each action whose answer an enclave may have sealed.
CALLS: dict[str, dict[str, Any]] = {
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateRandom": {"NumberOfBytes": 32},
    "Decrypt": {},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "DeriveSharedSecret": {"KeyAgreementAlgorithm": "ECDH"},
}


def parameters(desk: Any, action: str) -> dict[str, Any]:
    given = dict(CALLS[action])
    if action == "Decrypt":
        key_id = desk.create_key()
        given["CiphertextBlob"] = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")[
            "CiphertextBlob"
        ]
    elif action == "DeriveSharedSecret":
        agreeing = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
        given["KeyId"] = desk.create_key(**agreeing)
        peer = desk.call("GetPublicKey", KeyId=desk.create_key(**agreeing))
        given["PublicKey"] = peer["PublicKey"]
    elif action != "GenerateRandom":
        given["KeyId"] = desk.create_key()
    return given


def test_every_action_of_the_service_that_takes_a_recipient_is_known() -> None:
    model = model_of("kms")
    takers = {
        action
        for action, operation in model["operations"].items()
        if "Recipient" in model["shapes"][operation["input"]["shape"]]["members"]
    }
    assert set(PLAINTEXT_MEMBERS) == takers


@pytest.mark.parametrize("action", sorted(PLAINTEXT_MEMBERS))
def test_only_the_enclave_reads_the_answer(desk: Any, action: str) -> None:
    body = desk.call(action, **parameters(desk, action), Recipient=enclave.recipient())
    assert PLAINTEXT_MEMBERS[action] not in body
    secret = enclave.opened(body["CiphertextForRecipient"])
    if action == "Decrypt":
        assert secret == b"pin"
    elif action in {"GenerateDataKey", "GenerateDataKeyPair"}:
        blob = body.get("CiphertextBlob") or body["PrivateKeyCiphertextBlob"]
        assert secret == desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"]
    else:
        assert len(secret) == 32
    assert secret not in repr(desk.records).encode()


def test_the_record_names_the_enclave_and_its_image(desk: Any) -> None:
    desk.call("GenerateRandom", NumberOfBytes=8, Recipient=enclave.recipient())
    assert desk.records[-1].additional == {
        "recipient": {
            "attestationDocumentModuleId": enclave.MODULE,
            "attestationDocumentEnclaveImageDigest": enclave.IMAGE.hex(),
        }
    }


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"kms:RecipientAttestation:ImageSha384": enclave.IMAGE.hex()}, True),
        ({"kms:RecipientAttestation:PCR0": enclave.IMAGE.hex()}, True),
        ({"kms:RecipientAttestation:PCR4": "04" * 48}, True),
        ({"kms:RecipientAttestation:PCR4": "05" * 48}, False),
        ({"kms:RecipientAttestation:PCR8": "04" * 48}, False),
    ],
)
def test_a_policy_can_ask_for_the_measurements_of_an_enclave(
    desk: Any, kit: Any, condition: dict[str, str], *, allowed: bool
) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "kms:GenerateRandom",
        "Resource": "*",
        "Condition": {"StringEqualsIgnoreCase": condition},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    caller = kit.user(policy=policy)
    with pytest.raises(AccessDeniedException):
        desk.call("GenerateRandom", caller, NumberOfBytes=8)
    given = {"NumberOfBytes": 8, "Recipient": enclave.recipient()}
    if allowed:
        desk.call("GenerateRandom", caller, **given)
    else:
        with pytest.raises(AccessDeniedException):
            desk.call("GenerateRandom", caller, **given)


def test_a_dry_run_checks_the_document_and_seals_nothing(desk: Any) -> None:
    given = {"KeyId": desk.create_key(), "KeySpec": "AES_256", "DryRun": True}
    asked = len(desk.hsm_commands)
    good = desk.answer_code("GenerateDataKey", **given, Recipient=enclave.recipient())
    bad = desk.answer_code("GenerateDataKey", **given, Recipient=enclave.recipient(digest="SHA1"))
    assert (good, bad) == ("DryRunOperationException", "ValidationException")
    assert len(desk.hsm_commands) == asked


@pytest.mark.parametrize("member", ["KeyEncryptionAlgorithm", "AttestationDocument"])
def test_both_parts_of_a_recipient_are_required(desk: Any, member: str) -> None:
    given = enclave.recipient()
    del given[member]
    with pytest.raises(ValidationException) as caught:
        desk.call("GenerateRandom", NumberOfBytes=8, Recipient=given)
    assert caught.value.message == f"Recipient requires {member}."


@pytest.mark.parametrize(
    ("document", "flaw"),
    [
        (b"\x00", "expected a COSE_Sign1, an array of four"),
        (b"x", "byte 0: the bytes end too early"),
        (enclave.cbor([1, {}, b"", b""]),
         "expected a COSE_Sign1 with header, payload and signature as byte strings"),
        (enclave.signed({}, header={1: -7}), "expected algorithm ES384 in the protected header"),
        (enclave.signed({}, signature=b"short"), "expected a signature of 96 bytes"),
        (enclave.signed([]), "expected a map as the payload"),
        (enclave.signed(enclave.contents(module_id="")), "module_id: expected a text"),
        (enclave.signed(enclave.contents(digest="SHA256")), "digest: expected SHA384"),
        (enclave.signed(enclave.contents(timestamp=0)),
         "timestamp: expected milliseconds since 1970"),
        (enclave.signed(enclave.contents(pcrs={})),
         "pcrs: expected 1–32 registers of 32, 48 or 64 bytes"),
        (enclave.signed(enclave.contents(pcrs={32: bytes(48)})),
         "pcrs: expected 1–32 registers of 32, 48 or 64 bytes"),
        (enclave.signed(enclave.contents(certificate=b"")), "certificate: expected 1–1024 bytes"),
        (enclave.signed(enclave.contents(cabundle=[])),
         "cabundle: expected an array of certificates of 1–1024 bytes"),
        (enclave.signed(enclave.contents(public_key=None)), "public_key: expected 1–1024 bytes"),
        (enclave.signed(enclave.contents(public_key=b"key")),
         "public_key: expected a SubjectPublicKeyInfo in DER"),
        (enclave.signed(enclave.contents(nonce=bytes(513))), "nonce: expected at most 512 bytes"),
    ],
)  # fmt: skip
def test_a_document_of_another_form_is_refused(desk: Any, document: bytes, flaw: str) -> None:
    given = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document}
    with pytest.raises(ValidationException) as caught:
        desk.call("GenerateRandom", NumberOfBytes=8, Recipient=given)
    assert caught.value.message == f"The attestation document is invalid: {flaw}."


def test_a_tagged_document_is_read_too() -> None:
    plain = enclave.signed(enclave.contents())
    assert read_document(b"\xd2" + plain) == read_document(plain)  # tag 18: COSE_Sign1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.integers(0, 300) | st.text(), inner),
    max_leaves=12,
)


@given(value=VALUES)
def test_what_cbor_says_is_read_as_it_was_meant(value: Any) -> None:
    assert decode(enclave.cbor(value)) == value


@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        decode(data)
    except NotCbor:
        return


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", "byte 0: the bytes end too early"),
        (b"\x18", "byte 0: the bytes end too early"),
        (b"\x01\x02", "byte 1: nothing is expected here"),
        (b"\x5f", "byte 0: an indefinite or reserved length"),
        (b"\xf9\x00\x00", "byte 0: a float or simple value of kind 25"),
        (b"\x61\xff", "byte 1: a text that is no UTF-8"),
        (b"\xa2\x01\x00\x01\x00", "byte 3: a key that is repeated, or no number and no string"),
        (b"\xa1\x80\x00", "byte 1: a key that is repeated, or no number and no string"),
        (b"\x81" * 20, "byte 16: more than 16 levels"),
    ],
)
def test_a_refusal_of_cbor_names_the_place(data: bytes, flaw: str) -> None:
    with pytest.raises(NotCbor) as caught:
        decode(data)
    assert str(caught.value) == flaw
