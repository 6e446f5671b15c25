"""Buckets and their settings: what each action answers, and how it is refused."""

import json

import pytest
from shop import ACCOUNT, NOBODY, NOON_NS, OTHER, REGION, ROOT, STRANGER, Shop, user

from regions.errors import ServiceError
from regions.names import canonical_id
from regions.s3.place import region_wanted

OPEN = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_bucket_is_made_seen_and_deleted(shop: Shop) -> None:
    assert shop.call("CreateBucket", Bucket="logs") == {
        "Location": "/logs",
        "BucketArn": "arn:aws:s3:::logs",
    }
    assert shop.call("HeadBucket", Bucket="logs") == {
        "BucketArn": "arn:aws:s3:::logs",
        "BucketRegion": REGION,
        "AccessPointAlias": False,
    }
    assert shop.call("GetBucketLocation", Bucket="logs") == {}
    assert shop.call("DeleteBucket", Bucket="logs") == {}
    assert shop.said("HeadBucket", Bucket="logs") == (
        "NoSuchBucket", 404, "The specified bucket does not exist",
    )  # fmt: skip


def test_outside_of_us_east_1_a_location_is_said_and_an_own_bucket_is_not_made_again() -> None:
    shop = Shop(region="eu-west-1")
    assert shop.call("CreateBucket", Bucket="logs")["Location"] == "http://logs.s3.amazonaws.com/"
    assert shop.call("GetBucketLocation", Bucket="logs") == {"LocationConstraint": "eu-west-1"}
    assert shop.said("CreateBucket", Bucket="logs") == (
        "BucketAlreadyOwnedByYou",
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    )


def test_in_us_east_1_an_own_bucket_may_be_made_again_and_keeps_its_objects(shop: Shop) -> None:
    shop.bucket()
    shop.put("a")
    shop.bucket()
    assert shop.get("a") == b"body"


def test_a_name_that_another_account_has_is_taken(shop: Shop) -> None:
    shop.bucket()
    error = shop.refusal("CreateBucket", STRANGER, Bucket="logs")
    assert (error.code, error.status) == ("BucketAlreadyExists", 409)


@pytest.mark.parametrize(
    "name", ["Upper", "ab", "a..b", "192.168.5.4", "xn--a", "x-s3alias", "a_b"]
)
def test_a_name_that_breaks_a_rule_is_refused(shop: Shop, name: str) -> None:
    assert shop.said("CreateBucket", Bucket=name) == (
        "InvalidBucketName", 400, "The specified bucket is not valid.",
    )  # fmt: skip


def test_only_an_empty_bucket_is_deleted(shop: Shop) -> None:
    shop.bucket(versioning="Enabled")
    shop.put("a")
    text = "The bucket you tried to delete is not empty"
    assert shop.said("DeleteBucket", Bucket="logs") == ("BucketNotEmpty", 409, text)
    shop.call("DeleteObject", Bucket="logs", Key="a")
    assert shop.said("DeleteBucket", Bucket="logs") == (
        "BucketNotEmpty", 409, f"{text}. You must delete all versions in the bucket.",
    )  # fmt: skip


def test_uploads_under_way_go_with_their_bucket(shop: Shop) -> None:
    shop.bucket()
    upload = shop.call("CreateMultipartUpload", Bucket="logs", Key="a")["UploadId"]
    shop.part(upload, "a", 1, b"part")
    shop.call("DeleteBucket", Bucket="logs")
    assert shop.state.freed == [1]


@pytest.mark.parametrize(
    ("endpoint", "constraint", "outcome"),
    [
        ("us-east-1", None, "us-east-1"),
        ("us-east-1", "eu-west-1", "eu-west-1"),
        ("us-east-1", "EU", "eu-west-1"),
        ("us-east-1", "us-east-1", "InvalidLocationConstraint: The specified location-constraint is not valid"),
        ("eu-west-1", "eu-west-1", "eu-west-1"),
        ("eu-west-1", "EU", "eu-west-1"),
        ("eu-west-1", "us-west-2", "IllegalLocationConstraintException: The us-west-2 location constraint is incompatible for the region specific endpoint this request was sent to."),
        ("eu-west-1", None, "IllegalLocationConstraintException: The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."),
    ],
)  # fmt: skip
def test_a_location_is_one_that_the_endpoint_serves(
    endpoint: str, constraint: str | None, outcome: str
) -> None:
    given = {} if constraint is None else {"LocationConstraint": constraint}
    try:
        found = region_wanted(endpoint, {"CreateBucketConfiguration": given})
    except ServiceError as error:
        found = str(error)
    assert found == outcome


def test_versioning_is_enabled_and_suspended_and_never_off_again(shop: Shop) -> None:
    shop.bucket()
    assert shop.call("GetBucketVersioning", Bucket="logs") == {}
    for status in ("Enabled", "Suspended"):
        shop.version("logs", status)
        assert shop.call("GetBucketVersioning", Bucket="logs") == {"Status": status}
    error = shop.refusal("PutBucketVersioning", Bucket="logs", VersioningConfiguration={})
    assert error.code == "IllegalVersioningConfigurationException"
    error = shop.refusal(
        "PutBucketVersioning", Bucket="logs",
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
    )  # fmt: skip
    assert (error.code, error.message) == (
        "NotImplemented", "Deletion by MFA only is not modelled.",
    )  # fmt: skip


def test_the_owner_has_full_control_and_lists_of_grants_are_refused(shop: Shop) -> None:
    shop.bucket()
    owner = canonical_id(ACCOUNT)
    assert shop.call("GetBucketAcl", Bucket="logs") == {
        "Owner": {"ID": owner},
        "Grants": [
            {"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
        ],
    }
    for more in ({"ACL": "public-read"}, {"GrantRead": "id=x"}):
        assert shop.said("PutObject", Bucket="logs", Key="a", Body=b"", **more) == (
            "AccessControlListNotSupported", 400, "The bucket does not allow ACLs",
        )  # fmt: skip
    shop.put("a", ACL="bucket-owner-full-control")


def test_default_encryption_is_sse_s3_until_somebody_says_otherwise(shop: Shop) -> None:
    shop.bucket()

    def rule() -> object:
        found = shop.call("GetBucketEncryption", Bucket="logs")
        return found["ServerSideEncryptionConfiguration"]["Rules"]

    plain = [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
    assert rule() == plain
    chosen = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/app"}
    wanted = [{"ApplyServerSideEncryptionByDefault": chosen, "BucketKeyEnabled": True}]
    shop.call(
        "PutBucketEncryption", Bucket="logs", ServerSideEncryptionConfiguration={"Rules": wanted}
    )
    assert rule() == wanted
    shop.call("DeleteBucketEncryption", Bucket="logs")
    assert rule() == plain
    chosen = {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "alias/app"}
    error = shop.refusal(
        "PutBucketEncryption",
        Bucket="logs",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": chosen}]
        },
    )
    assert error.code == "InvalidArgument"


def test_a_policy_is_kept_as_it_was_put(shop: Shop) -> None:
    shop.bucket()
    text = policy({**OPEN, "Resource": "arn:aws:s3:::logs/*"})
    assert shop.said("GetBucketPolicy", Bucket="logs") == (
        "NoSuchBucketPolicy", 404, "The bucket policy does not exist",
    )  # fmt: skip
    shop.call("PutBucketPolicy", Bucket="logs", Policy=text)
    assert shop.call("GetBucketPolicy", Bucket="logs") == {"Policy": text}
    shop.call("DeleteBucketPolicy", Bucket="logs")
    assert shop.refusal("GetBucketPolicy", Bucket="logs").code == "NoSuchBucketPolicy"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("{", "This policy contains invalid Json"),
        (policy({**OPEN, "Resource": "arn:aws:s3:::others/*"}), "Policy has invalid resource"),
        (policy({**OPEN, "Resource": "logs/*"}), "Policy has invalid resource"),
        (policy({**OPEN, "Action": "kms:Decrypt", "Resource": "arn:aws:s3:::logs"}), "Policy has invalid action"),
        (policy({**OPEN, "Principal": {"AWS": "eve"}, "Resource": "arn:aws:s3:::logs"}), "Invalid principal in policy"),
        (policy(OPEN), "Missing required field Resource"),
        (policy({**OPEN, "Resource": "arn:aws:s3:::logs/" + "x" * 21_000}), "Normalized policy document exceeds the maximum allowed size of 20480 bytes."),
    ],
)  # fmt: skip
def test_a_policy_that_is_none_is_refused(shop: Shop, text: str, message: str) -> None:
    shop.bucket()
    assert shop.said("PutBucketPolicy", Bucket="logs", Policy=text) == (
        "MalformedPolicy", 400, message,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (OPEN, True),
        ({**OPEN, "Effect": "Deny"}, False),
        ({**OPEN, "Principal": {"AWS": OTHER}}, False),
        ({**OPEN, "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:sns:::x"}}}, False),
        ({**OPEN, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
    ],
)
def test_a_policy_is_public_if_it_lets_in_whom_nobody_knows(
    shop: Shop, statement: dict[str, object], public: bool
) -> None:
    shop.bucket()
    text = policy({**statement, "Resource": "arn:aws:s3:::logs/*"})
    shop.call("PutBucketPolicy", Bucket="logs", Policy=text)
    assert shop.call("GetBucketPolicyStatus", Bucket="logs") == {
        "PolicyStatus": {"IsPublic": public}
    }


# Who may.


def test_nobody_is_let_in_by_nothing_and_by_a_policy_that_says_so(shop: Shop) -> None:
    shop.bucket()
    shop.put("a")
    wanted = {"Bucket": "logs", "Key": "a"}
    for who in (NOBODY, STRANGER):
        assert shop.said("GetObject", who, **wanted) == (
            "AccessDeniedException", 400, "Access Denied",
        )  # fmt: skip
    text = policy({**OPEN, "Resource": "arn:aws:s3:::logs/a"})
    shop.call("PutBucketPolicy", Bucket="logs", Policy=text)
    for who in (NOBODY, STRANGER):
        assert shop.call("GetObject", who, **wanted)["Body"] == b"body"
        assert shop.refusal("PutObject", who, **wanted, Body=b"").message == "Access Denied"


def test_whoever_may_not_list_does_not_learn_that_a_key_is_missing(shop: Shop) -> None:
    shop.bucket()
    text = policy({**OPEN, "Resource": "arn:aws:s3:::logs/*"})
    shop.call("PutBucketPolicy", Bucket="logs", Policy=text)
    assert shop.refusal("GetObject", NOBODY, Bucket="logs", Key="a").message == "Access Denied"
    assert shop.refusal("GetObject", Bucket="logs", Key="a").code == "NoSuchKey"


def test_a_user_of_the_account_needs_a_policy_of_either_side(shop: Shop) -> None:
    shop.bucket()
    shop.put("a")
    allowed = policy(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
    )
    wanted = {"Bucket": "logs", "Key": "a"}
    assert shop.call("GetObject", user("amy", allowed), **wanted)["Body"] == b"body"
    arn = f"arn:aws:iam::{ACCOUNT}:user/eve"
    assert shop.refusal("GetObject", user("eve"), **wanted).message == (
        f'User: {arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::logs/a" '
        "because no identity-based policy allows the s3:GetObject action"
    )
    grant = {**OPEN, "Principal": {"AWS": arn}, "Resource": "arn:aws:s3:::logs/*"}
    shop.call("PutBucketPolicy", Bucket="logs", Policy=policy(grant))
    assert shop.call("GetObject", user("eve"), **wanted)["Body"] == b"body"


def test_a_denial_binds_even_the_root_but_for_the_policy_itself(shop: Shop) -> None:
    shop.bucket()
    shop.put("a")
    arns = ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arns}
    shop.call("PutBucketPolicy", Bucket="logs", Policy=policy(denial))
    assert "explicit deny" in shop.refusal("GetObject", Bucket="logs", Key="a").message
    assert shop.refusal("GetBucketPolicy", user("eve"), Bucket="logs").status == 400
    shop.call("DeleteBucketPolicy", Bucket="logs")
    assert shop.get("a") == b"body"


def test_conditions_see_prefix_encryption_and_version(shop: Shop) -> None:
    shop.bucket(versioning="Enabled")
    first = shop.put("a")["VersionId"]
    whole = {"Effect": "Allow", "Principal": "*"}
    statements = [
        {**whole, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs",
         "Condition": {"StringEquals": {"s3:prefix": "open/"}}},
        {**whole, "Action": "s3:GetObjectVersion", "Resource": "arn:aws:s3:::logs/*",
         "Condition": {"StringEquals": {"s3:VersionId": first}}},
        {**whole, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*",
         "Condition": {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}},
    ]  # fmt: skip
    shop.call("PutBucketPolicy", Bucket="logs", Policy=policy(*statements))
    second = shop.call(
        "PutObject", NOBODY, Bucket="logs", Key="a", Body=b"2", ServerSideEncryption="AES256"
    )["VersionId"]
    for action, parameters, allowed in (
        ("ListObjectsV2", {"Prefix": "open/"}, True),
        ("ListObjectsV2", {"Prefix": "other/"}, False),
        ("GetObject", {"Key": "a", "VersionId": first}, True),
        ("GetObject", {"Key": "a", "VersionId": second}, False),
        ("PutObject", {"Key": "a", "Body": b""}, False),
    ):
        wanted = {"Bucket": "logs", **parameters}
        if allowed:
            shop.call(action, NOBODY, **wanted)
        else:
            assert shop.refusal(action, NOBODY, **wanted).message == "Access Denied"


def test_another_owner_than_expected_is_refused(shop: Shop) -> None:
    shop.bucket()
    assert shop.call("HeadBucket", Bucket="logs", ExpectedBucketOwner=ACCOUNT)
    error = shop.refusal("HeadBucket", Bucket="logs", ExpectedBucketOwner=OTHER)
    assert error.message == "Access Denied"


def test_who_has_no_account_makes_and_lists_no_buckets(shop: Shop) -> None:
    for action, parameters in (("CreateBucket", {"Bucket": "logs"}), ("ListBuckets", {})):
        assert shop.refusal(action, NOBODY, **parameters).message == "Access Denied"


def test_a_store_lists_the_callers_own_buckets(shop: Shop) -> None:
    shop.bucket("mine")
    shop.call("CreateBucket", STRANGER, Bucket="theirs")
    entry = {
        "Name": "mine",
        "CreationDate": NOON_NS / 10**9,
        "BucketRegion": REGION,
        "BucketArn": "arn:aws:s3:::mine",
    }
    assert shop.call("ListBuckets", ROOT) == {
        "Buckets": [entry],
        "Owner": {"ID": canonical_id(ACCOUNT)},
    }
