"""How each observation of the real service is brought about on a desk.

One function per (operation, scenario) of the list of observations; it prepares what is needed and
returns the call, and what the placeholders of the observed message stand for. What does not belong
here: the comparison (test_observed.py).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sim.units import days

Row = dict[str, Any]
ABSENT = "0987dcba-09fe-87dc-65ba-ab0987654321"
ABSENT_MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
#: Signing algorithm's beginning to a spec whose keys have it.
SPECS = {"RSASSA": "RSA_2048", "ECDSA_SHA_256": "ECC_NIST_P256", "ECDSA_SHA_384": "ECC_NIST_P384"}


@dataclass
class Stage:
    """A desk in us-east-1, and desks elsewhere when they are needed."""

    kit: Any
    desk: Any
    said: dict[str, str] = field(default_factory=dict)

    def key(self, spec: str = "SYMMETRIC_DEFAULT", usage: str = "", **more: Any) -> str:
        """Create a key, let its ARN be what <key-arn> stands for, and return its id."""
        given = {**more, "KeySpec": spec}
        if usage:
            given["KeyUsage"] = usage
        key_id: str = self.desk.create_key(**given)
        self.names(key_id)
        return key_id

    def names(self, key_id: str) -> None:
        arn = f"arn:aws:kms:{self.desk.region}:{self.kit.account}:key/{key_id}"
        self.said |= {"<key-arn>": arn, "<mrk-key-arn>": arn, "<key-id:1>": key_id}

    def blob(self, key_id: str, **more: Any) -> bytes:
        sealed: bytes = self.desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin", **more)[
            "CiphertextBlob"
        ]
        return sealed

    def ticket(self, key_id: str) -> dict[str, Any]:
        """Return the parameters of an import of 32 bytes that have not been imported yet."""
        self.imported = getattr(self, "imported", 0) + 1
        made = self.desk.call(
            "GetParametersForImport",
            KeyId=key_id,
            WrappingAlgorithm="RSAES_OAEP_SHA_256",
            WrappingKeySpec="RSA_2048",
        )
        public = load_der_public_key(made["PublicKey"])
        assert isinstance(public, rsa.RSAPublicKey)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return {
            "KeyId": key_id,
            "ImportToken": made["ImportToken"],
            "EncryptedKeyMaterial": public.encrypt(bytes([self.imported]) * 32, oaep),
        }

    def imports(self, key_id: str, **more: Any) -> dict[str, Any]:
        given = {**self.ticket(key_id), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", **more}
        answer: dict[str, Any] = self.desk.call("ImportKeyMaterial", **given)
        return answer


#: The parameters of the call; the desk that it is made on, if not the stage's.
Call = tuple[dict[str, Any], Any]
Case = Callable[[Stage, Row], dict[str, Any] | Call]
CASES: dict[tuple[str, str], Case] = {}


def case(scenario: str, *operations: str) -> Callable[[Case], Case]:
    """Register what brings a scenario of these operations about."""

    def registered(function: Case) -> Case:
        for operation in operations:
            assert (operation, scenario) not in CASES, (operation, scenario)
            CASES[operation, scenario] = function
        return function

    return registered


def quoted(row: Row) -> str:
    """Return the first text in quotes of the row's message."""
    found = re.search("'([^']*)'", row["message"])
    assert found is not None, row
    return found[1]


@case("generate-random-exc", "GenerateRandom")
def _(_: Stage, row: Row) -> dict[str, Any]:
    return {} if "required" in row["message"] else {"NumberOfBytes": int(quoted(row))}


@case("generate-random-exc", "Encrypt")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    found = re.match(r"Algorithm (\w+) and key spec (\w+) .* (\d+) bytes", row["message"])
    assert found is not None
    key_id = stage.key(found[2], "ENCRYPT_DECRYPT")
    size = int(found[3]) + 1
    return {"KeyId": key_id, "EncryptionAlgorithm": found[1], "Plaintext": bytes(size)}


@case("describe-key-diff-region-with-id", "DescribeKey")
@case("describe-key-from-different-region", "DescribeKey")
def _(stage: Stage, row: Row) -> Call:
    key_id = stage.key()
    elsewhere = "ap-southeast-1" if "ap-southeast-1" in row["message"] else "eu-west-1"
    stage.said["<region>"] = elsewhere
    return {"KeyId": key_id}, stage.kit.Desk(region=elsewhere)


@case("describe-key-diff-region-with-arn", "DescribeKey")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    stage.said["<secondary-region>"] = "eu-west-1"
    return {"KeyId": f"arn:aws:kms:eu-west-1:{stage.kit.account}:key/{ABSENT}"}


@case("describe-nonexistent-key-with-id", "DescribeKey")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    stage.names(ABSENT)
    return {"KeyId": ABSENT}


@case("describe-key-with-valid-id-mrk", "DescribeKey")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    stage.names(ABSENT_MRK)
    return {"KeyId": ABSENT_MRK}


@case("describe-key-with-invalid-uuid", "DescribeKey")
@case("describe-key-with-invalid-uuid-2", "DescribeKey")
@case("describe-key-with-invalid-uuid-mrk", "DescribeKey")
def _(_: Stage, row: Row) -> dict[str, Any]:
    return {"KeyId": quoted(row)}


@case('KeyId="invalid"', "CreateGrant", "ListGrants")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    grantee = f"arn:aws:iam::{stage.kit.account}:root"
    more = {"GranteePrincipal": grantee, "Operations": ["Decrypt"]}
    return {"KeyId": "invalid", **(more if row["operation"] == "CreateGrant" else {})}


@case("create_alias", "CreateAlias")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"AliasName": "invalid", "TargetKeyId": stage.key()}


# ---- signatures ----


@case("bad-digest", "Sign")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    algorithm = row["message"].rpartition(" ")[2].rstrip(".")
    [spec] = [spec for begin, spec in SPECS.items() if algorithm.startswith(begin)]
    return {
        "KeyId": stage.key(spec, "SIGN_VERIFY"),
        "SigningAlgorithm": algorithm,
        "MessageType": "DIGEST",
        "Message": b"bad digest",
    }


@case("bad-signature", "Verify")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {
        "KeyId": stage.key("RSA_2048", "SIGN_VERIFY"),
        "SigningAlgorithm": "RSASSA_PSS_SHA_256",
        "Message": b"message",
        "Signature": b"bad signature",
    }


@case("sign-invalid-key-id", "Sign")
@case("verify-invalid-key-id", "Verify")
@case("RSA_4096 ENCRYPT_DECRYPT key used for Sign", "Sign")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    if "RSA_4096" in row["scenario"]:
        key_id = stage.key("RSA_4096", "ENCRYPT_DECRYPT")
    elif row["operation"] == "Sign":
        key_id = stage.key("HMAC_256", "GENERATE_VERIFY_MAC")
    else:
        key_id = stage.key()
    more = {"Signature": b"signature"} if row["operation"] == "Verify" else {}
    return {"KeyId": key_id, "SigningAlgorithm": "RSASSA_PSS_SHA_256", "Message": b"m", **more}


# ---- MACs ----


@case("generate-mac-invalid-key-id", "GenerateMac")
@case("verify-mac-invalid-key-id", "VerifyMac")
@case("generate-mac", "GenerateMac")
@case("verify-mac", "VerifyMac")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    algorithm, text = "HMAC_SHA_256", row["message"]
    if "Invalid keyId" in text:
        key_id = quoted(row)
    elif "key usage is ENCRYPT_DECRYPT" in text:
        key_id = stage.key()
    elif found := re.match(r"Algorithm (\w+) is incompatible with key spec (\w+)\.", text):
        algorithm, key_id = found[1], stage.key(found[2], "GENERATE_VERIFY_MAC")
    else:
        key_id = stage.key("HMAC_256", "GENERATE_VERIFY_MAC")
        algorithm = "INVALID" if "INVALID" in text else algorithm
    given = {"KeyId": key_id, "MacAlgorithm": algorithm, "Message": b"m"}
    return given | ({"Mac": bytes(32)} if row["operation"] == "VerifyMac" else {})


# ---- encryption ----


@case("encrypt-invalid-key-id", "Encrypt")
@case("RSA_4096 SIGN_VERIFY key used for Encrypt", "Encrypt")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    spec = "RSA_4096" if "RSA_4096" in row["scenario"] else "ECC_NIST_P256"
    return {"KeyId": stage.key(spec, "SIGN_VERIFY"), "Plaintext": b"x"}


@case("decrypt-invalid-key-id", "Decrypt")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"CiphertextBlob": stage.blob(stage.key()), "KeyId": stage.key()}


@case("incorrect-source-key", "ReEncrypt")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    made, wrong = stage.blob(stage.key()), stage.key()
    return {"CiphertextBlob": made, "SourceKeyId": wrong, "DestinationKeyId": wrong}


@case(
    "destination key is SIGN_VERIFY ECC; AWS names the operation ReEncryptTo in the message",
    "ReEncrypt",
)
def _(stage: Stage, _: Row) -> dict[str, Any]:
    made = stage.blob(stage.key())
    return {"CiphertextBlob": made, "DestinationKeyId": stage.key("ECC_NIST_P256", "SIGN_VERIFY")}


@case("invalid-plaintext-size-encrypt", "Encrypt")
@case("empty plaintext", "Encrypt")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    size = 0 if row["scenario"] == "empty plaintext" else 4097
    return {"KeyId": stage.key(), "Plaintext": bytes(size)}


@case("decrypt_response_without_encryption_context", "Decrypt")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"CiphertextBlob": stage.blob(stage.key(), EncryptionContext={"key": "value"})}


@case("dryrun_exception", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"KeyId": stage.key(), "KeyPairSpec": "RSA_2048", "DryRun": True}


# ---- agreement ----


@case("response-invalid-key-usage", "DeriveSharedSecret")
@case("response-invalid-key-agreement-algo", "DeriveSharedSecret")
@case("response-invalid-key", "DeriveSharedSecret")
@case("response-invalid-public-key", "DeriveSharedSecret")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    if "SIGN_VERIFY" in row["message"]:
        key_id = stage.key("ECC_NIST_P256", "SIGN_VERIFY")
    elif "ENCRYPT_DECRYPT" in row["message"]:
        key_id = stage.key()
    else:
        key_id = stage.key("ECC_NIST_P256", "KEY_AGREEMENT")
    algorithm = "INVALID" if "INVALID" in row["message"] else "ECDH"
    return {"KeyId": key_id, "KeyAgreementAlgorithm": algorithm, "PublicKey": b"InvalidPublicKey"}


# ---- creation and tags ----


@case("create-hmac-key-without-key-usage", "CreateKey")
def _(_: Stage, __: Row) -> dict[str, Any]:
    return {"KeySpec": "HMAC_256"}


@case("create-hmac-key-invalid-spec", "CreateKey")
@case("create-hmac-key-invalid-key-usage", "CreateKey")
def _(_: Stage, row: Row) -> dict[str, Any]:
    if "keySpec" in row["message"]:
        return {"KeySpec": quoted(row), "KeyUsage": "GENERATE_VERIFY_MAC"}
    return {"KeySpec": "HMAC_256", "KeyUsage": quoted(row)}


@case("response-invalid-key-spec", "CreateKey")
def _(_: Stage, __: Row) -> dict[str, Any]:
    return {"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"}


@case("invalid-tag-key", "CreateKey", "TagResource")
@case("too-long-tag-value", "CreateKey")
@case("duplicate-tag-keys", "TagResource")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    text = row["message"]
    pairs = {
        "Too many tags": [(f"key{number}", "value") for number in range(51)],
        "Tags beginning with aws: are reserved": [("aws:key", "value")],
        "Duplicate tag keys": [("key", "value"), ("key", "value")],
    }.get(text)
    if pairs is None:
        pairs = [("key", quoted(row)) if "tagValue" in text else (quoted(row), "value")]
    given = {"Tags": [{"TagKey": name, "TagValue": value} for name, value in pairs]}
    return given | ({"KeyId": stage.key()} if row["operation"] == "TagResource" else {})


# ---- states ----


@case("key disabled", "GenerateDataKey")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    key_id = stage.key()
    stage.desk.call("DisableKey", KeyId=key_id)
    return {"KeyId": key_id, "KeySpec": "AES_256"}


@case("key PendingDeletion", "GenerateDataKey")
@case("second ScheduleKeyDeletion on PendingDeletion key", "ScheduleKeyDeletion")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    key_id = stage.key()
    stage.desk.call("ScheduleKeyDeletion", KeyId=key_id)
    return {"KeyId": key_id, **({"KeySpec": "AES_256"} if "Data" in row["operation"] else {})}


# ---- import, rotation, replication ----


@case("encrypt-before-import-error", "Encrypt")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"KeyId": stage.key(Origin="EXTERNAL"), "Plaintext": b"x"}


@case("response-error", "GetParametersForImport")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    spec = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    return {"KeyId": stage.key(), **spec}


@case("import-expiring-key-without-valid-to", "ImportKeyMaterial")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    ticket = stage.ticket(stage.key(Origin="EXTERNAL"))
    return {**ticket, "ExpirationModel": "KEY_MATERIAL_EXPIRES"}


@case("existing-pending-material-error", "ImportKeyMaterial")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    key_id = stage.key(Origin="EXTERNAL")
    stage.imports(key_id)
    pending = stage.imports(key_id, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    stage.said["<key-material-id:2>"] = pending
    return {
        **stage.ticket(key_id),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        "ImportType": "NEW_KEY_MATERIAL",
    }


@case("error-response", "RotateKeyOnDemand")
def _(stage: Stage, row: Row) -> dict[str, Any]:
    text, code = row["message"], row["error_code"]
    if "does not exist" in text:
        stage.names(ABSENT)
        return {"KeyId": ABSENT}
    if code == "UnsupportedOperationException":
        return {"KeyId": stage.key("RSA_2048", "SIGN_VERIFY")}
    key_id = stage.key()
    if code == "DisabledException":
        stage.desk.call("DisableKey", KeyId=key_id)
    else:
        while not stage.desk.answer_code("RotateKeyOnDemand", KeyId=key_id):
            stage.desk.run_jobs(days(1))
    return {"KeyId": key_id}


@case("rotate-key-on-demand-error-response-SYMMETRIC_DEFAULT", "RotateKeyOnDemand")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"KeyId": stage.key(Origin="EXTERNAL")}


@case("rotate-key-on-demand-invalid-state-error", "RotateKeyOnDemand")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    key_id = stage.key(Origin="EXTERNAL")
    stage.imports(key_id)
    return {"KeyId": key_id}


@case("fail-replicate-non-primary-key", "ReplicateKey")
def _(stage: Stage, _: Row) -> dict[str, Any]:
    return {"KeyId": stage.key(), "ReplicaRegion": "eu-west-1"}
