"""Records of a cloud's callers: all there are, at once, and the promises that speak of them."""

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from regions.topology import Topology, default_azs
from scenarios import Cloud
from scenarios.kit.edge import CloudError
from scenarios.kit.judgement import ALL, PromiseError
from scenarios.result import Verdict


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Cloud, str]]:
    with Cloud() as cloud:
        kms = cloud.boto3_client("kms")
        key = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName="alias/orders", TargetKeyId=key["KeyId"])
        kms.encrypt(KeyId="alias/orders", Plaintext=b"x")
        with pytest.raises(ClientError):
            kms.disable_key(KeyId="f0000000-0000-4000-8000-000000000000")
        cloud.boto3_client("kms", "eu-west-1").create_key()
        yield cloud, key["Arn"]


@pytest.mark.parametrize("name", ["arn", "id", "alias"])
def test_records_of_a_key_are_found_by_each_of_its_names(
    told: tuple[Cloud, str], name: str
) -> None:
    cloud, arn = told
    key = {"arn": arn, "id": arn.rpartition("/")[2], "alias": "alias/orders"}[name]
    assert cloud.audit(key=key).names == ["CreateKey", "CreateAlias", "Encrypt"]


def test_to_look_at_records_takes_no_time_and_changes_nothing(told: tuple[Cloud, str]) -> None:
    cloud, _ = told
    before = cloud.world.now_ns, cloud.trace_hash
    assert len(cloud.audit()) == 5
    assert (cloud.world.now_ns, cloud.trace_hash) == before


def test_records_stay_the_same_once_they_are_in_history(told: tuple[Cloud, str]) -> None:
    cloud, _ = told
    before = cloud.audit().events
    assert cloud.settle()
    assert cloud.audit().events == before


def test_failed_are_the_records_with_an_error_code(told: tuple[Cloud, str]) -> None:
    (failed,) = told[0].audit(region="us-east-1").failed
    assert (failed["eventName"], failed["errorCode"]) == ("DisableKey", "NotFoundException")


def test_a_region_that_is_not_there_is_named(told: tuple[Cloud, str]) -> None:
    with pytest.raises(CloudError, match=r"^region 'mars': expected one of us-east-1, eu-west-1$"):
        told[0].audit(region="mars")


def test_every_promise_holds_after_calls_of_all_services_and_an_outage() -> None:
    with Cloud(seed=5, promises=ALL) as cloud:
        kms, s3 = cloud.boto3_client("kms"), cloud.boto3_client("s3")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        s3.create_bucket(Bucket="orders")
        with cloud.fault("power-off us-east-1/use1-az1"):
            blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
            s3.put_object(Bucket="orders", Key="k", Body=b"x", ServerSideEncryption="aws:kms")
        kms.decrypt(CiphertextBlob=blob)
        with pytest.raises(ClientError):
            cloud.boto3_client("kms", account="111122223333").encrypt(KeyId=key, Plaintext=b"x")
        with pytest.raises(ClientError):
            cloud.boto3_client(
                "sns", aws_access_key_id="AKIANOBODYKNOWSTHIS1", aws_secret_access_key="x"
            ).list_topics()
        cloud.boto3_client("iam").create_user(UserName="joe")
        cloud.boto3_client("logs").create_log_group(logGroupName="orders")
        cloud.boto3_client("events").put_rule(Name="r", EventPattern='{"source":["aws.kms"]}')
        assert [v.name for v in cloud.check() if not v.holds] == []


def test_the_loss_of_an_acknowledged_key_is_told_by_the_promise_that_it_breaks() -> None:
    with Cloud(regions=["us-east-1"], promises=["key-survival"]) as cloud:
        made = ("us-east-1", "f0000000-0000-4000-8000-000000000000")
        cloud.arena.witness.keys[made] = cloud.world.now_ns
        (verdict,) = cloud.check()
        assert isinstance(verdict, Verdict)
        assert verdict.word == "BROKEN"
        assert "does not describe key f0000000-0000-4000-8000-000000000000" in verdict.detail


def test_a_promise_that_does_not_exist_is_named() -> None:
    with pytest.raises(PromiseError, match=r"^promise 'eternity': expected one of key-survival, "):
        Cloud(promises=["eternity"])


def share_a_key(cloud: Cloud) -> str:
    """Have one account's key used by another, and by it once without permission."""
    mine, theirs = cloud.boto3_client("kms"), cloud.boto3_client("kms", account="444455556666")
    arn: str = mine.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        theirs.encrypt(KeyId=arn, Plaintext=b"x")
    policy = json.loads(mine.get_key_policy(KeyId=arn)["Policy"])
    policy["Statement"][0]["Principal"]["AWS"] = ["123456789012", "444455556666"]
    mine.put_key_policy(KeyId=arn, Policy=json.dumps(policy))
    theirs.encrypt(KeyId=arn, Plaintext=b"x")
    return arn


def test_both_accounts_hear_of_a_key_that_is_used_across_and_only_one_of_a_denied_call() -> None:
    """CT-02: promise included."""
    with Cloud(seed=3, promises=["audit-complete"]) as cloud:
        arn = share_a_key(cloud)
        told = [
            (event["recipientAccountId"], event.get("errorCode", ""), event["userIdentity"]["type"])
            for event in cloud.audit(key=arn).named("Encrypt")
        ]
        assert sorted(told) == [
            ("123456789012", "", "AWSAccount"),
            ("444455556666", "", "Root"),
            ("444455556666", "AccessDenied", "Root"),
        ]
        assert len({e.get("sharedEventID") for e in cloud.audit(key=arn).named("Encrypt")}) == 2
        assert cloud.audit(key=arn, account="444455556666").names == ["Encrypt", "Encrypt"]


def test_an_owner_who_hears_nothing_breaks_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regions.trail.intake.copies", lambda record: (record,))
    with Cloud(seed=3, promises=["audit-complete"]) as cloud:
        share_a_key(cloud)
        (verdict,) = cloud.check()
        assert isinstance(verdict, Verdict)
        assert "used what is of 123456789012, which has no copy" in verdict.detail


@pytest.mark.parametrize("service", ["sns", "kms"])
def test_calls_of_a_service_without_support_leave_no_events(service: str) -> None:
    """LIM-08: neither of success nor of failure, in history or in a bucket; others still do."""
    regions = {"eu-west-1": default_azs("eu-west-1")}
    topology = Topology(regions=regions, unsupported=(service,))
    with Cloud(seed=4, topology=topology, promises=["audit-complete"]) as cloud:
        kms, sns = cloud.boto3_client("kms"), cloud.boto3_client("sns")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.encrypt(KeyId=key, Plaintext=b"x")
        sns.create_topic(Name="orders")
        for call in (lambda: kms.describe_key(KeyId="alias/no"), lambda: sns.publish(Message="m")):
            with pytest.raises(ClientError):
                call()
        assert cloud.settle()
        sources = {event["eventSource"] for event in cloud.audit()}
        assert sources == {"kms.amazonaws.com", "sns.amazonaws.com"} - {f"{service}.amazonaws.com"}
        events = cloud.boto3_client("cloudtrail").lookup_events()["Events"]
        assert {event["EventSource"] for event in events} == sources
        assert [verdict.name for verdict in cloud.check() if not verdict.holds] == []


def test_events_of_global_services_are_recorded_in_one_region() -> None:
    """CT-10: us-east-1 where there is one, else the first region."""
    for names, home in ((["eu-west-1", "us-east-1"], "us-east-1"), (["eu-west-1"], "eu-west-1")):
        with Cloud(regions=names) as cloud:
            cloud.boto3_client("iam").create_user(UserName="joe")
            assert [event["awsRegion"] for event in cloud.audit()] == [home]


def test_a_role_that_another_account_takes_is_on_record_with_its_owner_as_well() -> None:
    """CT-02, CT-09."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "444455556666"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    with Cloud(regions=["us-east-1"], promises=["audit-complete"]) as cloud:
        iam = cloud.boto3_client("iam")
        role = iam.create_role(RoleName="shared", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        taker = "arn:aws:iam::444455556666:user/ana"
        sts = cloud.boto3_client("sts", principal=taker)
        sts.assume_role(RoleArn=role, RoleSessionName="session")
        taken = cloud.audit().named("AssumeRole").events
        told = {event["recipientAccountId"]: event["userIdentity"] for event in taken}
        assert told["444455556666"]["arn"] == taker
        assert list(told["123456789012"]) == ["type", "principalId", "accountId"]
        assert told["123456789012"]["type"] == "AWSAccount"
        assert len({event["sharedEventID"] for event in taken}) == 1
        assert [verdict.name for verdict in cloud.check() if not verdict.holds] == []
