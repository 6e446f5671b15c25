"""A trail that the management console makes, beside those of the API and the command line."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scenarios import Cloud
from scenarios.kit import console_trail

ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/management-events"


def shown(trails: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = trails.get_trail(Name=name)["Trail"]
    return found


def test_the_console_makes_a_trail_over_all_regions_that_logs_validates_and_is_encrypted() -> None:
    """CT-27: the defaults of the console, whose calls CreateTrail's own defaults do not share."""
    with Cloud(regions=["us-east-1", "eu-west-1"]) as cloud:
        made = cloud.console_create_trail()
        trails = cloud.boto3_client("cloudtrail")
        found = shown(trails, "management-events")
        assert found["TrailARN"] == ARN
        assert found["IsMultiRegionTrail"] is True
        assert found["IncludeGlobalServiceEvents"] is True
        assert found["LogFileValidationEnabled"] is True
        assert found["KmsKeyId"] == made["KmsKeyId"]
        assert found["S3BucketName"] == "aws-cloudtrail-logs-123456789012-e6f73de9"
        assert trails.get_trail_status(Name=ARN)["IsLogging"] is True
        cloud.advance(minutes=1)
        there = cloud.boto3_client("cloudtrail", "eu-west-1")
        assert shown(there, ARN) == found
        told = [
            (event["eventName"], event["sessionCredentialFromConsole"])
            for event in cloud.audit(region="us-east-1")
            if event.get("sessionCredentialFromConsole") and not event["readOnly"]
        ]
        assert told == [
            ("CreateBucket", "true"),
            ("PutBucketPolicy", "true"),
            ("CreateKey", "true"),
            ("CreateAlias", "true"),
            ("CreateTrail", "true"),
            ("StartLogging", "true"),
        ]


def test_the_api_makes_the_same_trail_when_it_is_asked_for_it() -> None:
    """CT-21: only the defaults differ; the kind of trail is made by its parameters."""
    with Cloud(regions=["us-east-1"]) as cloud:
        made = cloud.console_create_trail("by-console", kms_key="")
        trails = cloud.boto3_client("cloudtrail")
        policy = json.loads(
            cloud.boto3_client("s3").get_bucket_policy(Bucket=made["S3BucketName"])["Policy"]
        )
        for entry in policy["Statement"]:
            entry["Condition"]["StringEquals"].pop("aws:SourceArn")
        cloud.boto3_client("s3").put_bucket_policy(
            Bucket=made["S3BucketName"], Policy=json.dumps(policy)
        )
        given = {"S3BucketName": made["S3BucketName"], "IsMultiRegionTrail": True}
        trails.create_trail(Name="by-api", EnableLogFileValidation=True, **given)
        trails.start_logging(Name="by-api")
        both = []
        for name in ("by-console", "by-api"):
            found = shown(trails, name)
            assert found.pop("Name") == name
            assert found.pop("TrailARN").endswith(f":trail/{name}")
            both.append((found, trails.get_trail_status(Name=name)["IsLogging"]))
        assert both[0] == both[1]


def test_what_is_chosen_on_the_page_replaces_its_defaults() -> None:
    with Cloud(regions=["us-east-1"]) as cloud:
        made = cloud.console_create_trail("one", kms_key="", IsMultiRegionTrail=False)
        assert (made["IsMultiRegionTrail"], "KmsKeyId" in made) == (False, False)
        with pytest.raises(ClientError, match="S3BucketDoesNotExistException"):
            cloud.console_create_trail("two", kms_key="", bucket="nobodys-bucket")


def test_a_region_that_is_launched_in_a_cloud_serves_clients() -> None:
    """CT-26."""
    with Cloud(regions=["us-east-1"]) as cloud:
        cloud.console_create_trail()
        cloud.fault("launch-region mx-central-1")
        cloud.advance(minutes=1)
        kms = cloud.boto3_client("kms", "mx-central-1")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        assert key.startswith("arn:aws:kms:mx-central-1:")
        shadow = shown(cloud.boto3_client("cloudtrail", "mx-central-1"), ARN)
        assert shadow["HomeRegion"] == "us-east-1"
        assert cloud.audit(region="mx-central-1").names == ["CreateKey", "GetTrail"]


def test_a_trail_whose_places_are_in_other_regions_breaks_no_promise_of_residency() -> None:
    with Cloud(regions=["us-east-1", "eu-west-1"], promises=["residency"]) as cloud:
        made = cloud.console_create_trail()
        trails = cloud.boto3_client("cloudtrail", "eu-west-1")
        afar = {"Name": "afar", "S3BucketName": "logs", "KmsKeyId": made["KmsKeyId"]}
        with pytest.raises(ClientError, match="S3BucketDoesNotExistException"):
            trails.create_trail(**afar)
        cloud.boto3_client("s3").create_bucket(Bucket="logs")
        with pytest.raises(ClientError, match="InsufficientS3BucketPolicyException"):
            trails.create_trail(**afar)
        policy = console_trail.bucket_policy(
            "logs", "123456789012", "arn:aws:cloudtrail:eu-west-1:123456789012:trail/afar"
        )
        cloud.boto3_client("s3").put_bucket_policy(Bucket="logs", Policy=policy)
        # The key of the other trail lets in no other one.
        with pytest.raises(ClientError, match="InsufficientEncryptionPolicyException"):
            trails.create_trail(**afar)
        group = {
            "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:audit:*",
            "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/nobody",
        }
        with pytest.raises(ClientError, match="InvalidCloudWatchLogsRoleArnException"):
            trails.create_trail(Name="afar", S3BucketName="logs", **group)
        cloud.boto3_client("iam").create_role(
            RoleName="nobody",
            AssumeRolePolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": console_trail.SERVICE,
                        "Action": "sts:AssumeRole",
                    },
                }
            ),
        )
        with pytest.raises(ClientError, match="InvalidCloudWatchLogsLogGroupArnException"):
            trails.create_trail(Name="afar", S3BucketName="logs", **group)
        trails.create_trail(Name="afar", S3BucketName="logs")
        trails.start_logging(Name="afar")
        cloud.advance(minutes=20)
        assert cloud.boto3_client("s3").list_objects_v2(Bucket="logs")["KeyCount"] > 0
        (verdict,) = cloud.check()
        assert verdict.violations == ()
