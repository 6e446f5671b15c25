"""Validators of the services beside KMS: the same texts under their own codes; S3 has its own."""

from typing import Any

import pytest

from regions.api.models import model_of
from regions.api.protocols import PROTOCOLS
from regions.api.shapes import check_answer, check_request, shapes
from regions.errors import ServiceError


def refusal(service: str, action: str, parameters: dict[str, Any]) -> str:
    with pytest.raises(ServiceError) as refused:
        check_request(service, action, parameters)
    return str(refused.value)


@pytest.mark.parametrize("service", PROTOCOLS)
def test_every_action_of_every_model_compiles(service: str) -> None:
    for action, operation in model_of(service)["operations"].items():
        required = shapes(service).required[action]
        if required:
            with pytest.raises(ServiceError):
                check_request(service, action, {})
        else:
            check_request(service, action, {})
        if "output" not in operation:
            check_answer(service, action, {})


NULL = "failed to satisfy constraint: Member must not be null"


@pytest.mark.parametrize(
    ("service", "action", "parameters", "text"),
    [
        (
            "sts",
            "AssumeRole",
            {"RoleArn": "a" * 20, "RoleSessionName": "session", "DurationSeconds": 1},
            (
                "ValidationError: 1 validation error detected: Value '1' at 'durationSeconds' failed "
                "to satisfy constraint: Member must have value greater than or equal to 900"
            ),
        ),
        (
            "iam",
            "CreateUser",
            {},
            f"ValidationError: 1 validation error detected: Value null at 'userName' {NULL}",
        ),
        (
            "sns",
            "CreateTopic",
            {},
            f"ValidationError: 1 validation error detected: Value null at 'name' {NULL}",
        ),
        (
            "logs",
            "CreateLogGroup",
            {},
            (
                "InvalidParameterException: 1 validation error detected: "
                f"Value null at 'logGroupName' {NULL}"
            ),
        ),
        (
            "events",
            "PutRule",
            {},
            f"ValidationException: 1 validation error detected: Value null at 'name' {NULL}",
        ),
    ],
)
def test_a_broken_constraint_has_the_service_s_own_code(
    service: str, action: str, parameters: dict[str, Any], text: str
) -> None:
    assert refusal(service, action, parameters) == text


@pytest.mark.parametrize("good", ["a", "é 1_.:/=+-@", "\u3000\u2028"])
def test_patterns_with_classes_of_letters_take_letters_of_all_scripts(good: str) -> None:
    check_request("iam", "TagUser", {"UserName": "u", "Tags": [{"Key": good, "Value": good}]})
    bad = {"UserName": "u", "Tags": [{"Key": "a!", "Value": "b"}]}
    assert "'tags.1.member.key' failed" in refusal("iam", "TagUser", bad)


def test_a_shape_that_contains_itself_is_checked_at_every_depth() -> None:
    field: dict[str, Any] = {"type": {"type": "string"}}
    body = {"logFields": [{"logFieldName": "a", "logFieldType": {"fields": [field]}}]}
    inner: dict[str, Any] = {"logFieldName": "c", "logFieldType": {"type": "struct"}}
    inner["logFieldType"]["fields"] = [{"logFieldName": "d", "logFieldType": {"type": 7}}]
    body = {"logFields": [{"logFieldName": "a", "logFieldType": {"fields": [inner]}}]}
    with pytest.raises(ServiceError, match="NUMBER_VALUE at 'logFields"):
        check_answer("logs", "GetLogFields", body)


XML = (
    "MalformedXML: "
    "The XML you provided was not well-formed or did not validate against our published schema"
)
NAME = "InvalidBucketName: The specified bucket is not valid."
BUCKET: dict[str, Any] = {"Bucket": "my-bucket"}
OBJECT: dict[str, Any] = {**BUCKET, "Key": "k"}


@pytest.mark.parametrize(
    ("action", "parameters", "text"),
    [
        ("HeadBucket", {"Bucket": "My_Bucket"}, NAME),
        ("HeadBucket", {"Bucket": "ab"}, NAME),
        ("HeadBucket", {"Bucket": "a" * 64}, NAME),
        ("HeadBucket", {"Bucket": "a..b"}, NAME),
        ("HeadBucket", {"Bucket": "10.0.0.1"}, NAME),
        ("GetObject", {**BUCKET, "Key": "é" * 513}, "KeyTooLongError: Your key is too long"),
        ("PutBucketVersioning", BUCKET, "MissingRequestBodyError: Request Body is empty"),
        (
            "PutBucketVersioning",
            {**BUCKET, "VersioningConfiguration": {"Status": "Sometimes"}},
            XML,
        ),
        ("DeleteObjects", {**BUCKET, "Delete": {}}, XML),
        (
            "CreateBucket",
            {**BUCKET, "CreateBucketConfiguration": {"LocationConstraint": "mars-north-1"}},
            "InvalidLocationConstraint: The specified location-constraint is not valid",
        ),
        (
            "ListObjectsV2",
            {**BUCKET, "EncodingType": "base64"},
            "InvalidArgument: Invalid Encoding Method specified in Request",
        ),
        (
            "PutObject",
            {**OBJECT, "StorageClass": "CELLAR"},
            "InvalidStorageClass: The storage class you specified is not valid",
        ),
        (
            "PutObject",
            {**OBJECT, "ServerSideEncryption": "rot13"},
            "InvalidArgument: The encryption method specified is not supported",
        ),
        ("CopyObject", OBJECT, "InvalidArgument: x-amz-copy-source is required"),
    ],
)
def test_s3_refuses_in_its_own_words(action: str, parameters: dict[str, Any], text: str) -> None:
    assert refusal("s3", action, parameters) == text


@pytest.mark.parametrize("name", ["abc", "a.b-c", "a" * 63, "1.2.3", "my-bucket.example.com"])
def test_s3_takes_good_names(name: str) -> None:
    check_request("s3", "GetObject", {"Bucket": name, "Key": "é" * 512})
