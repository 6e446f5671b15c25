"""A call of every KMS operation by boto3; each function is named as boto3 names the operation."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from stand import ROOT, Stand, policy


def _key(at: Stand) -> str:
    return str(at.kms.create_key()["KeyMetadata"]["KeyId"])


def _state(at: Stand, key: str) -> str:
    return str(at.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def _grant(at: Stand, key: str, **more: str) -> dict[str, str]:
    made: dict[str, str] = at.kms.create_grant(
        KeyId=key, GranteePrincipal=ROOT, Operations=["Decrypt"], **more
    )
    return made


def cancel_key_deletion(at: Stand) -> None:
    key = _key(at)
    at.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert at.kms.cancel_key_deletion(KeyId=key)["KeyId"].endswith(f":key/{key}")
    assert _state(at, key) == "Disabled"


#: Hex digits that an id of a cluster may have, in place of those that it may not.
_LETTERS = str.maketrans("0189", "GHJK")
_ANCHOR = "-----BEGIN CERTIFICATE-----\nMIIBszCCARwCCQ==\n-----END CERTIFICATE-----\n"


def _store(at: Stand) -> str:
    made = at.kms.create_custom_key_store(
        CustomKeyStoreName=at.name("store"),
        CloudHsmClusterId=f"cluster-{uuid4().hex[:16].translate(_LETTERS)}",
        KeyStorePassword="correct-horse",
        TrustAnchorCertificate=_ANCHOR,
    )
    return str(made["CustomKeyStoreId"])


def _connection(at: Stand, store: str) -> str:
    [found] = at.kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    return str(found["ConnectionState"])


def connect_custom_key_store(at: Stand) -> None:
    store = _store(at)
    at.kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert _connection(at, store) == "CONNECTING"
    with pytest.raises(ClientError, match="CustomKeyStoreInvalidStateException"):
        at.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)


def create_custom_key_store(at: Stand) -> None:
    store = _store(at)
    assert _connection(at, store) == "DISCONNECTED"
    at.kms.delete_custom_key_store(CustomKeyStoreId=store)


def delete_custom_key_store(at: Stand) -> None:
    store = _store(at)
    at.kms.delete_custom_key_store(CustomKeyStoreId=store)
    with pytest.raises(at.kms.exceptions.CustomKeyStoreNotFoundException):
        at.kms.describe_custom_key_stores(CustomKeyStoreId=store)


def describe_custom_key_stores(at: Stand) -> None:
    store = _store(at)
    listed = at.kms.describe_custom_key_stores()["CustomKeyStores"]
    assert [
        one["TrustAnchorCertificate"] for one in listed if one["CustomKeyStoreId"] == store
    ] == [_ANCHOR]
    at.kms.delete_custom_key_store(CustomKeyStoreId=store)


def disconnect_custom_key_store(at: Stand) -> None:
    store = _store(at)
    with pytest.raises(at.kms.exceptions.CustomKeyStoreInvalidStateException):
        at.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    at.kms.connect_custom_key_store(CustomKeyStoreId=store)
    at.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert _connection(at, store) == "DISCONNECTING"


def update_custom_key_store(at: Stand) -> None:
    store, name = _store(at), at.name("renamed")
    at.kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName=name)
    [found] = at.kms.describe_custom_key_stores(CustomKeyStoreName=name)["CustomKeyStores"]
    assert found["CustomKeyStoreId"] == store
    at.kms.delete_custom_key_store(CustomKeyStoreId=store)


def create_alias(at: Stand) -> None:
    key, alias = _key(at), f"alias/{at.name('a')}"
    at.kms.create_alias(AliasName=alias, TargetKeyId=key)
    assert at.kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key


def create_grant(at: Stand) -> None:
    key, name = _key(at), at.name("g")
    arn = at.iam.create_user(UserName=name)["User"]["Arn"]
    made = at.iam.create_access_key(UserName=name)["AccessKey"]
    secrets = {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
    }
    helper = at.client("kms", **secrets)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        helper.encrypt(KeyId=key, Plaintext=b"x")
    made = at.kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    assert len(made["GrantId"]) == 64
    helper.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])
    helper.encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        helper.describe_key(KeyId=key)


def create_key(at: Stand) -> None:
    made = at.kms.create_key(Description="of the stand")["KeyMetadata"]
    assert (made["Description"], made["KeyState"]) == ("of the stand", "Enabled")
    assert made["Arn"] == f"arn:aws:kms:us-east-1:{made['AWSAccountId']}:key/{made['KeyId']}"


def decrypt(at: Stand) -> None:
    context = {"tenant": "7"}
    sealed = at.kms.encrypt(KeyId=_key(at), Plaintext=b"x" * 4096, EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    opened = at.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x" * 4096, sealed["KeyId"])
    with pytest.raises(ClientError, match="InvalidCiphertextException"):
        at.kms.decrypt(CiphertextBlob=blob, EncryptionContext={"tenant": "8"})


def delete_alias(at: Stand) -> None:
    key, alias = _key(at), f"alias/{at.name('d')}"
    at.kms.create_alias(AliasName=alias, TargetKeyId=key)
    at.kms.delete_alias(AliasName=alias)
    with pytest.raises(ClientError, match="is not found"):
        at.kms.describe_key(KeyId=alias)
    assert _state(at, key) == "Enabled"


def describe_key(at: Stand) -> None:
    made = at.kms.create_key()["KeyMetadata"]
    assert at.kms.describe_key(KeyId=made["Arn"])["KeyMetadata"] == made


def disable_key(at: Stand) -> None:
    key = _key(at)
    at.kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match="DisabledException"):
        at.kms.encrypt(KeyId=key, Plaintext=b"x")


def enable_key(at: Stand) -> None:
    key = _key(at)
    at.kms.disable_key(KeyId=key)
    at.kms.enable_key(KeyId=key)
    assert _state(at, key) == "Enabled"


def encrypt(at: Stand) -> None:
    key = _key(at)
    sealed = at.kms.encrypt(KeyId=key, Plaintext=b"x")
    assert (sealed["EncryptionAlgorithm"], sealed["KeyId"].endswith(key)) == (
        "SYMMETRIC_DEFAULT",
        True,
    )
    assert at.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"] != sealed["CiphertextBlob"]


def generate_data_key(at: Stand) -> None:
    made = at.kms.generate_data_key(KeyId=_key(at), KeySpec="AES_256")
    assert len(made["Plaintext"]) == 32
    assert at.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]


def generate_data_key_without_plaintext(at: Stand) -> None:
    made = at.kms.generate_data_key_without_plaintext(KeyId=_key(at), NumberOfBytes=48)
    assert "Plaintext" not in made
    assert len(at.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"]) == 48


def generate_random(at: Stand) -> None:
    drawn = [at.kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(2)]
    assert [len(one) for one in drawn] == [1024, 1024]
    assert drawn[0] != drawn[1]


def get_key_last_usage(at: Stand) -> None:
    key = _key(at)
    assert at.kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}
    at.kms.encrypt(KeyId=key, Plaintext=b"x")
    # Another AZ than the one that served the call may answer, and hear of it later.
    seen = [at.kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] for _ in range(6)]
    assert {use["Operation"] for use in seen if use} == {"Encrypt"}


def get_key_policy(at: Stand) -> None:
    found = at.kms.get_key_policy(KeyId=_key(at), PolicyName="default")
    assert (found["PolicyName"], ROOT in found["Policy"]) == ("default", True)


def list_aliases(at: Stand) -> None:
    key, names = _key(at), sorted(f"alias/{at.name('l')}" for _ in range(3))
    for name in names:
        at.kms.create_alias(AliasName=name, TargetKeyId=key)
    pages = at.kms.get_paginator("list_aliases").paginate(
        KeyId=key, PaginationConfig={"PageSize": 2}
    )
    assert [one["AliasName"] for page in pages for one in page["Aliases"]] == names


def list_grants(at: Stand) -> None:
    key = _key(at)
    made = [_grant(at, key)["GrantId"] for _ in range(3)]
    pages = at.kms.get_paginator("list_grants").paginate(
        KeyId=key, PaginationConfig={"PageSize": 2}
    )
    listed = [one for page in pages for one in page["Grants"]]
    assert [one["GrantId"] for one in listed] == made
    assert (listed[0]["Operations"], listed[0]["IssuingAccount"]) == (["Decrypt"], ROOT)


def list_key_policies(at: Stand) -> None:
    assert at.kms.list_key_policies(KeyId=_key(at))["PolicyNames"] == ["default"]


def list_keys(at: Stand) -> None:
    made = {_key(at) for _ in range(3)}
    pages = at.kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    listed = [one["KeyId"] for page in pages for one in page["Keys"]]
    assert made <= set(listed)
    assert len(set(listed)) == len(listed)


def list_resource_tags(at: Stand) -> None:
    key = str(
        at.kms.create_key(Tags=[{"TagKey": "team", "TagValue": "hr"}])["KeyMetadata"]["KeyId"]
    )
    assert at.kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "team", "TagValue": "hr"}]


def list_retirable_grants(at: Stand) -> None:
    key, retirer = _key(at), f"{ROOT[:-4]}role/{at.name('r')}"
    made = _grant(at, key, RetiringPrincipal=retirer)
    listed = at.kms.list_retirable_grants(RetiringPrincipal=retirer)["Grants"]
    assert [one["GrantId"] for one in listed] == [made["GrantId"]]


def put_key_policy(at: Stand) -> None:
    key = _key(at)
    wanted = policy("kms:*", Principal={"AWS": ROOT}, Sid="all")
    at.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=wanted)
    assert at.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == wanted


def re_encrypt(at: Stand) -> None:
    first, second = _key(at), _key(at)
    blob = at.kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]
    moved = at.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=second)
    assert (moved["SourceKeyId"][-36:], moved["KeyId"][-36:]) == (first, second)
    opened = at.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=second)
    assert opened["Plaintext"] == b"x"


def retire_grant(at: Stand) -> None:
    key = _key(at)
    at.kms.retire_grant(GrantToken=_grant(at, key)["GrantToken"])
    assert at.kms.list_grants(KeyId=key)["Grants"] == []


def revoke_grant(at: Stand) -> None:
    key = _key(at)
    made = _grant(at, key)
    at.kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    with pytest.raises(ClientError, match="NotFoundException"):
        at.kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])


def schedule_key_deletion(at: Stand) -> None:
    key = _key(at)
    answer = at.kms.schedule_key_deletion(KeyId=key)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 30)
    with pytest.raises(ClientError, match="KMSInvalidStateException"):
        at.kms.encrypt(KeyId=key, Plaintext=b"x")


def tag_resource(at: Stand) -> None:
    key = _key(at)
    at.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}])
    at.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "2"}])
    assert at.kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "2"}]


def untag_resource(at: Stand) -> None:
    key = _key(at)
    at.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}])
    at.kms.untag_resource(KeyId=key, TagKeys=["a"])
    assert at.kms.list_resource_tags(KeyId=key)["Tags"] == []


def update_alias(at: Stand) -> None:
    alias, first, second = f"alias/{at.name('u')}", _key(at), _key(at)
    at.kms.create_alias(AliasName=alias, TargetKeyId=first)
    at.kms.update_alias(AliasName=alias, TargetKeyId=second)
    assert at.kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == second


def enable_key_rotation(at: Stand) -> None:
    key = _key(at)
    at.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert at.kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90


def disable_key_rotation(at: Stand) -> None:
    key = _key(at)
    at.kms.enable_key_rotation(KeyId=key)
    at.kms.disable_key_rotation(KeyId=key)
    assert not at.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def get_key_rotation_status(at: Stand) -> None:
    key = _key(at)
    assert not at.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def rotate_key_on_demand(at: Stand) -> None:
    key = _key(at)
    assert at.kms.rotate_key_on_demand(KeyId=key)["KeyId"].endswith(f":key/{key}")


def list_key_rotations(at: Stand) -> None:
    listed = at.kms.list_key_rotations(KeyId=_key(at), IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert [entry["KeyMaterialState"] for entry in listed["Rotations"]] == ["CURRENT"]


def update_key_description(at: Stand) -> None:
    key = _key(at)
    at.kms.update_key_description(KeyId=key, Description="new")
    assert at.kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"


def replicate_key(at: Stand) -> None:
    key = at.kms.create_key(MultiRegion=True)["KeyMetadata"]
    assert key["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    # The stand has one region.
    with pytest.raises(ClientError, match="The region eu-west-1 is not part of this world"):
        at.kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")


def update_primary_region(at: Stand) -> None:
    key = at.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError, match=f"eu-west-1:.*:key/{key}' does not exist"):
        at.kms.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1")


def _external(at: Stand) -> str:
    return str(at.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"])


def _import(at: Stand, key: str) -> None:
    given = at.kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    wrapped = load_der_public_key(given["PublicKey"]).encrypt(bytes(32), oaep)  # type: ignore[union-attr]
    at.kms.import_key_material(
        KeyId=key,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=wrapped,
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )


def get_parameters_for_import(at: Stand) -> None:
    answer = at.kms.get_parameters_for_import(
        KeyId=_external(at), WrappingAlgorithm="RSAES_OAEP_SHA_1", WrappingKeySpec="RSA_2048"
    )
    assert load_der_public_key(answer["PublicKey"]).key_size == 2048  # type: ignore[union-attr]


def import_key_material(at: Stand) -> None:
    key = _external(at)
    assert _state(at, key) == "PendingImport"
    _import(at, key)
    blob = at.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert at.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def delete_imported_key_material(at: Stand) -> None:
    key = _external(at)
    _import(at, key)
    at.kms.delete_imported_key_material(KeyId=key)
    assert _state(at, key) == "PendingImport"


def _key_of(at: Stand, spec: str, usage: str = "SIGN_VERIFY") -> str:
    return str(at.kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])


def sign(at: Stand) -> None:
    key = _key_of(at, "RSA_2048")
    made = at.kms.sign(KeyId=key, Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256")
    public = load_der_public_key(at.kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    public.verify(made["Signature"], b"m", scheme, hashes.SHA256())


def verify(at: Stand) -> None:
    asked = {"KeyId": _key_of(at, "ML_DSA_65"), "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    signature = at.kms.sign(Message=b"m", **asked)["Signature"]
    assert at.kms.verify(Message=b"m", Signature=signature, **asked)["SignatureValid"]
    with pytest.raises(ClientError, match="KMSInvalidSignatureException"):
        at.kms.verify(Message=b"n", Signature=signature, **asked)


def get_public_key(at: Stand) -> None:
    told = at.kms.get_public_key(KeyId=_key_of(at, "ECC_SECG_P256K1"))
    assert (told["KeySpec"], told["SigningAlgorithms"]) == ("ECC_SECG_P256K1", ["ECDSA_SHA_256"])
    assert isinstance(load_der_public_key(told["PublicKey"]), ec.EllipticCurvePublicKey)
    with pytest.raises(ClientError, match="UnsupportedOperationException"):
        at.kms.get_public_key(KeyId=_key(at))


def generate_mac(at: Stand) -> None:
    key = _key_of(at, "HMAC_384", "GENERATE_VERIFY_MAC")
    made = at.kms.generate_mac(KeyId=key, Message=b"m", MacAlgorithm="HMAC_SHA_384")
    assert len(made["Mac"]) == 48


def verify_mac(at: Stand) -> None:
    key = _key_of(at, "HMAC_256", "GENERATE_VERIFY_MAC")
    asked = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    mac = at.kms.generate_mac(**asked)["Mac"]
    assert at.kms.verify_mac(Mac=mac, **asked)["MacValid"]
    with pytest.raises(ClientError, match="KMSInvalidMacException"):
        at.kms.verify_mac(Mac=mac[::-1], **asked)


def derive_shared_secret(at: Stand) -> None:
    mine = ec.generate_private_key(ec.SECP384R1())
    peer = mine.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = _key_of(at, "ECC_NIST_P384", "KEY_AGREEMENT")
    found = at.kms.derive_shared_secret(KeyId=key, PublicKey=peer, KeyAgreementAlgorithm="ECDH")[
        "SharedSecret"
    ]
    theirs = load_der_public_key(at.kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(theirs, ec.EllipticCurvePublicKey)
    assert found == mine.exchange(ec.ECDH(), theirs)


def encapsulate(at: Stand) -> None:
    key = _key_of(at, "ML_KEM_1024", "ENCAPSULATE_DECAPSULATE")
    made = at.kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    assert (len(made["SharedSecret"]), len(made["SharedSecretCiphertextBlob"])) == (32, 1568)


def decapsulate(at: Stand) -> None:
    asked = {
        "KeyId": _key_of(at, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        "EncapsulationAlgorithm": "ML_KEM",
    }
    made = at.kms.encapsulate(**asked)
    blob = made["SharedSecretCiphertextBlob"]
    opened = at.kms.decapsulate(SharedSecretCiphertextBlob=blob, **asked)
    assert opened["SharedSecret"] == made["SharedSecret"]


def generate_data_key_pair(at: Stand) -> None:
    made = at.kms.generate_data_key_pair(KeyId=_key(at), KeyPairSpec="ECC_NIST_P521")
    opened = at.kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert opened == made["PrivateKeyPlaintext"]
    public = load_der_private_key(opened, None).public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert spki == made["PublicKey"]


def generate_data_key_pair_without_plaintext(at: Stand) -> None:
    made = at.kms.generate_data_key_pair_without_plaintext(
        KeyId=_key(at), KeyPairSpec="ECC_NIST_EDWARDS25519"
    )
    assert "PrivateKeyPlaintext" not in made
    opened = at.kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert isinstance(load_der_private_key(opened, None), ed25519.Ed25519PrivateKey)
