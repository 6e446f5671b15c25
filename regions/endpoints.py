"""Which actor serves a call: by service and region, and CloudTrail's by what it is about too.

CloudTrail has one endpoint in each region, behind which stand two actors: trails with event
history, and CloudTrail Lake. This is the one place that tells them apart.
What does not belong here: how a call gets there (router.py, live/gateway.py).
Source: CloudTrail API Reference, "Actions".
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.calls import ApiCall

#: Service and region -> the actor that serves it.
Endpoints = Mapping[tuple[str, str], str]

#: Under this name, beside ``cloudtrail``, stands the lake of a region; a world may have none.
LAKE: Final = "cloudtrail-lake"

#: Actions that trails do not have.
LAKE_ACTIONS: Final = frozenset(
    {
        "CancelQuery",
        "CreateChannel",
        "CreateDashboard",
        "CreateEventDataStore",
        "DeleteChannel",
        "DeleteDashboard",
        "DeleteEventDataStore",
        "DeleteResourcePolicy",
        "DeregisterOrganizationDelegatedAdmin",
        "DescribeQuery",
        "DisableFederation",
        "EnableFederation",
        "GenerateQuery",
        "GetChannel",
        "GetDashboard",
        "GetEventDataStore",
        "GetImport",
        "GetQueryResults",
        "GetResourcePolicy",
        "ListChannels",
        "ListDashboards",
        "ListEventDataStores",
        "ListImportFailures",
        "ListImports",
        "ListQueries",
        "PutResourcePolicy",
        "RegisterOrganizationDelegatedAdmin",
        "RestoreEventDataStore",
        "SearchSampleQueries",
        "StartDashboardRefresh",
        "StartEventDataStoreIngestion",
        "StartImport",
        "StartQuery",
        "StopEventDataStoreIngestion",
        "StopImport",
        "UpdateChannel",
        "UpdateDashboard",
        "UpdateEventDataStore",
    }
)
#: Parts of ARNs of what a lake has.
_KINDS: Final = (":eventdatastore/", ":channel/")


def endpoint_of(endpoints: Endpoints, call: ApiCall) -> str | None:
    """Return the actor that serves a call; None if its service is not in that region."""
    if call.service == "cloudtrail" and is_of_lake(call.action, call.parameters):
        lake = endpoints.get((LAKE, call.region))
        if lake is not None:
            return lake
    return endpoints.get((call.service, call.region))


def is_of_lake(action: str, parameters: Mapping[str, Any]) -> bool:
    """Say whether an action of CloudTrail is about event data stores, channels or queries."""
    if action in LAKE_ACTIONS or parameters.get("EventDataStore"):
        return True
    named = parameters.get("ResourceIdList") or (parameters.get("ResourceId"),)
    return any(isinstance(arn, str) and any(kind in arn for kind in _KINDS) for arn in named)
