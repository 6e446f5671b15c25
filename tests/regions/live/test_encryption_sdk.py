"""The AWS Encryption SDK seals with data keys of ours, and opens only as it should."""

from typing import Any

import aws_encryption_sdk
import botocore.session
import pytest
from aws_encryption_sdk.exceptions import DecryptKeyError, GenerateKeyError
from serving import Running

CONTEXT = {"tenant": "tenant-seven", "purpose": "Rechnung für März"}
TEXT = bytes(range(256)) * 100
SDK = aws_encryption_sdk.EncryptionSDKClient()


@pytest.fixture
def kms(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client, made as the SDK makes its own: of the four lines that the server prints."""
    for name, value in shared.exports.items():
        monkeypatch.setenv(name, value)
    return botocore.session.Session().create_client("kms")


def new_key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def keys(*arns: str) -> Any:
    return aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
        key_ids=arns, botocore_session=botocore.session.Session()
    )


def sealed(*arns: str) -> bytes:
    message, _ = SDK.encrypt(source=TEXT, key_provider=keys(*arns), encryption_context=CONTEXT)
    return bytes(message)


def test_an_envelope_opens_and_brings_its_context(kms: Any) -> None:
    arn = new_key(kms)
    text, header = SDK.decrypt(source=sealed(arn), key_provider=keys(arn))
    assert text == TEXT
    assert CONTEXT.items() <= header.encryption_context.items()


def test_an_envelope_whose_context_was_changed_does_not_open(kms: Any) -> None:
    arn = new_key(kms)
    message = sealed(arn)
    changed = message.replace(b"tenant-seven", b"tenant-eight")
    assert changed != message
    with pytest.raises(DecryptKeyError, match="Unable to decrypt any data key"):
        SDK.decrypt(source=changed, key_provider=keys(arn))


def test_a_disabled_key_seals_and_opens_no_envelope(kms: Any) -> None:
    arn = new_key(kms)
    message = sealed(arn)
    kms.disable_key(KeyId=arn)
    with pytest.raises(GenerateKeyError, match="unable to generate data key"):
        sealed(arn)
    with pytest.raises(DecryptKeyError, match="Unable to decrypt any data key"):
        SDK.decrypt(source=message, key_provider=keys(arn))
    kms.enable_key(KeyId=arn)
    assert SDK.decrypt(source=message, key_provider=keys(arn))[0] == TEXT


def test_an_envelope_of_two_keys_opens_while_one_of_them_does(kms: Any) -> None:
    first, second = new_key(kms), new_key(kms)
    message = sealed(first, second)
    kms.disable_key(KeyId=first)
    assert SDK.decrypt(source=message, key_provider=keys(first, second))[0] == TEXT
    assert SDK.decrypt(source=message, key_provider=keys(second))[0] == TEXT
