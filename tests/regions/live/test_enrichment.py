"""Enriched events for a real client: boto3 sets a store up, uses a key, and queries the events."""

import json
import time
from collections.abc import Callable
from typing import Any

from serving import PATIENCE_S, Running
from stand import ACCOUNT, Stand, policy


def wait(found: Callable[[], Any]) -> Any:
    """Return what is found, as soon as there is something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


def rows(at: Stand, statement: str) -> list[dict[str, str]]:
    """Run a query to its end; return its rows."""
    query = at.cloudtrail.start_query(QueryStatement=statement)["QueryId"]
    ended = ("FINISHED", "FAILED")
    wait(lambda: at.cloudtrail.describe_query(QueryId=query)["QueryStatus"] in ended)
    answer = at.cloudtrail.get_query_results(QueryId=query)
    return [{k: v for cell in row for k, v in cell.items()} for row in answer["QueryResultRows"]]


def test_a_store_tells_the_tags_of_a_key_and_of_its_user(shared: Running) -> None:
    """What PutEventConfiguration asks for is in the store's events."""
    at = Stand(shared)
    store = at.cloudtrail.create_event_data_store(
        Name=at.name("rich"), TerminationProtectionEnabled=False
    )["EventDataStoreArn"]
    selectors = [
        {"Type": "TagContext", "Equals": ["team"]},
        {"Type": "RequestContext", "Equals": ["aws:username", "aws:SecureTransport"]},
    ]
    made = at.cloudtrail.put_event_configuration(
        EventDataStore=store, MaxEventSize="Large", ContextKeySelectors=selectors
    )
    assert made["ContextKeySelectors"] == selectors
    name = at.name("user")
    at.iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "blue"}])
    at.iam.put_user_policy(
        UserName=name, PolicyName="all", PolicyDocument=policy("kms:GenerateDataKey")
    )
    keys = at.iam.create_access_key(UserName=name)["AccessKey"]
    arn = at.kms.create_key(Tags=[{"TagKey": "team", "TagValue": "audit"}])["KeyMetadata"]["Arn"]
    kms = at.client(
        "kms",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    asked = kms.generate_data_key(KeyId=arn, KeySpec="AES_256")["ResponseMetadata"]["RequestId"]
    table = store.rpartition("/")[2]
    statement = f"SELECT eventJson FROM {table} WHERE requestID = '{asked}'"
    (row,) = wait(lambda: rows(at, statement))
    event = json.loads(row["eventJson"])
    assert event["eventVersion"] == "1.11"
    assert event["eventContext"] == {
        "requestContext": {"aws:username": name, "aws:SecureTransport": "false"},
        "tagContext": {
            "resourceTags": [{"arn": arn, "tags": {"team": "audit"}}],
            "principalTags": {"team": "blue"},
        },
    }
    assert event["userIdentity"]["accountId"] == ACCOUNT
    at.cloudtrail.delete_event_data_store(EventDataStore=store)
