"""Validators compiled from the service models: messages as the real service was seen to give."""

from typing import Any

import pytest

from regions.api.shapes import check_answer, check_request, shapes
from regions.errors import SerializationException, ValidationException

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
BEGIN = "1 validation error detected: "


def complaint(action: str, **parameters: Any) -> str:
    with pytest.raises(ValidationException) as refused:
        check_request("kms", action, parameters)
    return refused.value.message


@pytest.mark.parametrize(
    ("action", "parameters", "text"),
    [
        (
            "GenerateRandom",
            {"NumberOfBytes": 0},
            (
                "Value '0' at 'numberOfBytes' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"
            ),
        ),
        (
            "GenerateRandom",
            {"NumberOfBytes": 1025},
            (
                "Value '1025' at 'numberOfBytes' failed to satisfy constraint: "
                "Member must have value less than or equal to 1024"
            ),
        ),
        (
            "Encrypt",
            {"KeyId": KEY_ID, "Plaintext": b""},
            (
                "Value at 'plaintext' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1"
            ),
        ),
        (
            "Encrypt",
            {"KeyId": KEY_ID, "Plaintext": bytes(4097)},
            (
                "Value at 'plaintext' failed to satisfy constraint: "
                "Member must have length less than or equal to 4096"
            ),
        ),
        (
            "CreateKey",
            {"Tags": [{"TagKey": "t", "TagValue": "v" * 257}]},
            (
                f"Value '{'v' * 257}' at 'tags.1.member.tagValue' failed to satisfy constraint: "
                "Member must have length less than or equal to 256"
            ),
        ),
        (
            "DeriveSharedSecret",
            {"KeyId": KEY_ID, "KeyAgreementAlgorithm": "INVALID", "PublicKey": b"x"},
            (
                "Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: "
                "Member must satisfy enum value set: [ECDH]"
            ),
        ),
        (
            "DescribeKey",
            {},
            "Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        ),
        (
            "Encrypt",
            {"KeyId": KEY_ID, "Plaintext": b"x", "GrantTokens": ["a"] * 11},
            (
                f"Value '[{', '.join(['a'] * 11)}]' at 'grantTokens' failed to satisfy "
                "constraint: Member must have length less than or equal to 10"
            ),
        ),
    ],
)
def test_a_broken_constraint_is_told_in_the_services_words(
    action: str, parameters: dict[str, Any], text: str
) -> None:
    assert complaint(action, **parameters) == BEGIN + text


def test_all_broken_constraints_are_counted_and_listed() -> None:
    assert complaint("CreateAlias", AliasName="a b") == (
        "2 validation errors detected: Value 'a b' at 'aliasName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$; "
        "Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null"
    )


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        (
            {"KeyId": 7, "Plaintext": b"x"},
            "NUMBER_VALUE at 'keyId' can not be converted to String",
        ),
        (
            {"KeyId": KEY_ID, "Plaintext": b"x", "DryRun": 1},
            "NUMBER_VALUE at 'dryRun' can not be converted to Boolean",
        ),
        (
            {"KeyId": KEY_ID, "Plaintext": b"x", "EncryptionContext": {"a": 1}},
            "NUMBER_VALUE at 'encryptionContext.a.member' can not be converted to String",
        ),
        (
            {"KeyId": KEY_ID, "Plaintext": b"x", "GrantTokens": "t"},
            "STRING_VALUE at 'grantTokens' can not be converted to List",
        ),
    ],
)
def test_a_value_of_the_wrong_type_does_not_even_parse(
    parameters: dict[str, Any], text: str
) -> None:
    with pytest.raises(SerializationException) as refused:
        check_request("kms", "Encrypt", parameters)
    assert refused.value.message == text


def test_unknown_request_members_are_ignored_and_unknown_answer_members_are_our_bug() -> None:
    check_request("kms", "Encrypt", {"KeyId": KEY_ID, "Plaintext": b"x", "Colour": "red"})
    check_answer("kms", "GenerateRandom", {"Plaintext": b"x"})
    with pytest.raises(
        AssertionError, match=r"(?m)^GenerateRandom answered out of shape: Colour is unknown$"
    ):
        check_answer("kms", "GenerateRandom", {"Plaintext": b"x", "Colour": "red"})
    with pytest.raises(AssertionError, match=r"keyMetadata\.keyId"):
        check_answer("kms", "DescribeKey", {"KeyMetadata": {"Arn": "a" * 20}})
    with pytest.raises(AssertionError, match=r"^EnableKey answered out of shape"):
        check_answer("kms", "EnableKey", {"KeyId": KEY_ID})


def test_every_action_of_both_services_compiles() -> None:
    assert len(shapes("kms").requests) >= 56
    assert "LookupEvents" in shapes("cloudtrail").requests
    assert shapes("kms").required["Encrypt"] == ("KeyId", "Plaintext")
    assert shapes("kms") is shapes("kms")
