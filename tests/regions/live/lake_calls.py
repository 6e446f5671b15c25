"""A call of every CloudTrail Lake operation by boto3; named as boto3 names the operation."""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stand import ACCOUNT, Stand

_OUTSIDE = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]


@cache
def _store(at: Stand) -> str:
    """Return the ARN of a store that the calls of this file share: there are ten of an account."""
    made = at.cloudtrail.create_event_data_store(Name=at.name("store"))
    return str(made["EventDataStoreArn"])


@cache
def _outside(at: Stand) -> str:
    made = at.cloudtrail.create_event_data_store(
        Name=at.name("outside"), AdvancedEventSelectors=_OUTSIDE, StartIngestion=True
    )
    _wait(lambda: _status(at, made["EventDataStoreArn"]) == "ENABLED")
    return str(made["EventDataStoreArn"])


@cache
def _channel(at: Stand) -> str:
    made = at.cloudtrail.create_channel(
        Name=at.name("channel"), Source="Custom",
        Destinations=[{"Type": "EVENT_DATA_STORE", "Location": _outside(at)}],
    )  # fmt: skip
    return str(made["ChannelArn"])


def _status(at: Stand, store: str) -> str:
    return str(at.cloudtrail.get_event_data_store(EventDataStore=store)["Status"])


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _id(store: str) -> str:
    return store.rpartition("/")[2]


@cache
def _query(at: Stand) -> str:
    """Return the id of a query that has ended."""
    at.kms.generate_random(NumberOfBytes=1)
    text = f"SELECT eventName, count(*) AS n FROM {_id(_store(at))} GROUP BY eventName"
    query = str(at.cloudtrail.start_query(QueryStatement=text)["QueryId"])
    _wait(lambda: at.cloudtrail.describe_query(QueryId=query)["QueryStatus"] == "FINISHED")
    return query


def _import(at: Stand) -> Any:
    at.cloudtrail.list_imports()
    return at.cloudtrail.start_import(
        Destinations=[_store(at)],
        ImportSource={
            "S3": {
                "S3LocationUri": f"s3://{at.bucket}/AWSLogs", "S3BucketRegion": "us-east-1",
                "S3BucketAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/import",
            }
        },
    )  # fmt: skip


@cache
def _imported(at: Stand) -> str:
    found = str(_import(at)["ImportId"])
    _wait(lambda: at.cloudtrail.get_import(ImportId=found)["ImportStatus"] == "COMPLETED")
    return found


def create_event_data_store(at: Stand) -> None:
    name = at.name("store")
    made = at.cloudtrail.create_event_data_store(
        Name=name, TerminationProtectionEnabled=False, RetentionPeriod=30
    )
    assert (made["Name"], made["Status"], made["RetentionPeriod"]) == (name, "CREATED", 30)
    at.cloudtrail.delete_event_data_store(EventDataStore=made["EventDataStoreArn"])


def get_event_data_store(at: Stand) -> None:
    found = at.cloudtrail.get_event_data_store(EventDataStore=_store(at))
    assert (found["EventDataStoreArn"], found["MultiRegionEnabled"]) == (_store(at), True)


def list_event_data_stores(at: Stand) -> None:
    found = at.cloudtrail.list_event_data_stores()["EventDataStores"]
    assert _store(at) in [each["EventDataStoreArn"] for each in found]


def update_event_data_store(at: Stand) -> None:
    found = at.cloudtrail.update_event_data_store(EventDataStore=_store(at), RetentionPeriod=90)
    assert found["RetentionPeriod"] == 90


def _spare(at: Stand) -> str:
    made = at.cloudtrail.create_event_data_store(
        Name=at.name("spare"), TerminationProtectionEnabled=False, StartIngestion=False
    )
    return str(made["EventDataStoreArn"])


def delete_event_data_store(at: Stand) -> None:
    store = _spare(at)
    at.cloudtrail.delete_event_data_store(EventDataStore=store)
    assert _status(at, store) == "PENDING_DELETION"


def restore_event_data_store(at: Stand) -> None:
    store = _spare(at)
    at.cloudtrail.delete_event_data_store(EventDataStore=store)
    at.cloudtrail.restore_event_data_store(EventDataStore=store)
    assert _status(at, store) != "PENDING_DELETION"
    at.cloudtrail.delete_event_data_store(EventDataStore=store)


def stop_event_data_store_ingestion(at: Stand) -> None:
    _outside(at)
    with pytest.raises(ClientError, match="is for events of category ActivityAuditLog"):
        at.cloudtrail.stop_event_data_store_ingestion(EventDataStore=_outside(at))


def start_event_data_store_ingestion(at: Stand) -> None:
    with pytest.raises(ClientError, match="expected STOPPED_INGESTION"):
        at.cloudtrail.start_event_data_store_ingestion(EventDataStore=_store(at))


def start_query(at: Stand) -> None:
    text = f"SELECT eventID FROM {_id(_store(at))} WHERE eventName = 'NoSuchAction'"
    assert len(at.cloudtrail.start_query(QueryStatement=text)["QueryId"]) == 36


def describe_query(at: Stand) -> None:
    assert at.cloudtrail.describe_query(QueryId=_query(at))["QueryStatus"] == "FINISHED"


def get_query_results(at: Stand) -> None:
    found = at.cloudtrail.get_query_results(QueryId=_query(at))
    rows = [{name: value for cell in row for name, value in cell.items()}
            for row in found["QueryResultRows"]]  # fmt: skip
    assert "CreateEventDataStore" in {row["eventName"] for row in rows}


def list_queries(at: Stand) -> None:
    found = at.cloudtrail.list_queries(EventDataStore=_store(at))["Queries"]
    assert _query(at) in [each["QueryId"] for each in found]


def cancel_query(at: Stand) -> None:
    with pytest.raises(ClientError, match="has ended with status FINISHED"):
        at.cloudtrail.cancel_query(QueryId=_query(at))


def search_sample_queries(at: Stand) -> None:
    found = at.cloudtrail.search_sample_queries(SearchPhrase="failed calls")["SearchResults"]
    assert found[0]["Name"] == "Failed calls"


def start_import(at: Stand) -> None:
    _imported(at)
    assert _import(at)["ImportStatus"] == "IN_PROGRESS"


def get_import(at: Stand) -> None:
    found = at.cloudtrail.get_import(ImportId=_imported(at))
    assert (found["ImportStatus"], found["ImportStatistics"]["FailedEntries"]) == ("COMPLETED", 0)


def stop_import(at: Stand) -> None:
    with pytest.raises(ClientError, match="has ended with status COMPLETED"):
        at.cloudtrail.stop_import(ImportId=_imported(at))


def list_imports(at: Stand) -> None:
    found = at.cloudtrail.list_imports(Destination=_store(at))["Imports"]
    assert _imported(at) in [each["ImportId"] for each in found]


def list_import_failures(at: Stand) -> None:
    assert at.cloudtrail.list_import_failures(ImportId=_imported(at))["Failures"] == []


def create_channel(at: Stand) -> None:
    assert ":channel/" in _channel(at)
    with pytest.raises(ClientError, match="InvalidSourceException"):
        at.cloudtrail.create_channel(
            Name=at.name("channel"), Source="Elsewhere",
            Destinations=[{"Type": "EVENT_DATA_STORE", "Location": _outside(at)}],
        )  # fmt: skip


def get_channel(at: Stand) -> None:
    (place,) = at.cloudtrail.get_channel(Channel=_channel(at))["Destinations"]
    assert place["Location"] == _outside(at)


def list_channels(at: Stand) -> None:
    found = at.cloudtrail.list_channels()["Channels"]
    assert _channel(at) in [each["ChannelArn"] for each in found]


def update_channel(at: Stand) -> None:
    name = at.name("channel")
    assert at.cloudtrail.update_channel(Channel=_channel(at), Name=name)["Name"] == name


def delete_channel(at: Stand) -> None:
    made = at.cloudtrail.create_channel(
        Name=at.name("channel"), Source="Custom",
        Destinations=[{"Type": "EVENT_DATA_STORE", "Location": _outside(at)}],
    )["ChannelArn"]  # fmt: skip
    at.cloudtrail.delete_channel(Channel=made)
    with pytest.raises(ClientError, match="ChannelNotFoundException"):
        at.cloudtrail.get_channel(Channel=made)


def _policy(at: Stand) -> str:
    statement = {
        "Effect": "Allow", "Principal": "*", "Action": "cloudtrail-data:PutAuditEvents",
        "Resource": _channel(at),
    }  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def put_resource_policy(at: Stand) -> None:
    text = _policy(at)
    found = at.cloudtrail.put_resource_policy(ResourceArn=_channel(at), ResourcePolicy=text)
    assert found["ResourcePolicy"] == text


def get_resource_policy(at: Stand) -> None:
    at.cloudtrail.put_resource_policy(ResourceArn=_channel(at), ResourcePolicy=_policy(at))
    found = at.cloudtrail.get_resource_policy(ResourceArn=_channel(at))
    assert found["ResourcePolicy"] == _policy(at)


def delete_resource_policy(at: Stand) -> None:
    at.cloudtrail.put_resource_policy(ResourceArn=_channel(at), ResourcePolicy=_policy(at))
    at.cloudtrail.delete_resource_policy(ResourceArn=_channel(at))
    with pytest.raises(ClientError, match="ResourcePolicyNotFoundException"):
        at.cloudtrail.get_resource_policy(ResourceArn=_channel(at))


# What is not modelled is refused, and says so.


def _refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ClientError, match=r"\(UnsupportedOperationException\).*is not modelled"):
        call()


def create_dashboard(at: Stand) -> None:
    _refused(lambda: at.cloudtrail.create_dashboard(Name="board"))


def get_dashboard(at: Stand) -> None:
    _refused(lambda: at.cloudtrail.get_dashboard(DashboardId="board"))


def list_dashboards(at: Stand) -> None:
    _refused(at.cloudtrail.list_dashboards)


def update_dashboard(at: Stand) -> None:
    _refused(lambda: at.cloudtrail.update_dashboard(DashboardId="board"))


def delete_dashboard(at: Stand) -> None:
    _refused(lambda: at.cloudtrail.delete_dashboard(DashboardId="board"))


def start_dashboard_refresh(at: Stand) -> None:
    _refused(lambda: at.cloudtrail.start_dashboard_refresh(DashboardId="board"))


def enable_federation(at: Stand) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/glue"
    store = _store(at)
    _refused(
        lambda: at.cloudtrail.enable_federation(EventDataStore=store, FederationRoleArn=role)
    )


def disable_federation(at: Stand) -> None:
    store = _store(at)
    _refused(lambda: at.cloudtrail.disable_federation(EventDataStore=store))


def generate_query(at: Stand) -> None:
    store = _store(at)
    _refused(lambda: at.cloudtrail.generate_query(EventDataStores=[store], Prompt="who was it?"))


def register_organization_delegated_admin(at: Stand) -> None:
    _refused(
        lambda: at.cloudtrail.register_organization_delegated_admin(MemberAccountId=ACCOUNT)
    )


def deregister_organization_delegated_admin(at: Stand) -> None:
    _refused(
        lambda: at.cloudtrail.deregister_organization_delegated_admin(
            DelegatedAdminAccountId=ACCOUNT
        )
    )


# Insights, which trails have too.


def list_insights_data(at: Stand) -> None:
    name = at.name("trail")
    arn = at.cloudtrail.create_trail(Name=name, S3BucketName=at.bucket)["TrailARN"]
    found = at.cloudtrail.list_insights_data(InsightSource=arn, DataType="InsightsEvents")
    assert found["Events"] == []
    at.cloudtrail.delete_trail(Name=name)


def list_insights_metric_data(at: Stand) -> None:
    at.kms.create_key()
    found = at.cloudtrail.list_insights_metric_data(
        EventSource="kms.amazonaws.com", EventName="CreateKey", InsightType="ApiCallRateInsight",
        Period=3600,
    )  # fmt: skip
    assert (found["EventName"], len(found["Timestamps"])) == ("CreateKey", len(found["Values"]))
