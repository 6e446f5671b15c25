"""Every action of CloudTrail's model is answered, and most of them are modelled (CT-15)."""

from lakeside import Lakeside

from regions.api.models import model_of
from regions.endpoints import LAKE_ACTIONS, is_of_lake
from regions.errors import ServiceError
from regions.lake.operations import OPERATIONS as LAKE
from regions.trail.operations import OPERATIONS as TRAIL

MODEL = model_of("cloudtrail")["operations"]
UNKNOWN = "UnknownOperationException"
#: Actions that nothing is done for but to say so.
REFUSED = {name for name, operation in LAKE.items() if not operation.modelled}


def outcome(lake: Lakeside, action: str) -> str:
    """Return the code that an action without parameters is refused with; "" if it is not."""
    try:
        lake.call(action)
    except ServiceError as error:
        return error.code
    return ""


def test_every_action_of_the_model_is_answered_and_none_is_unknown(lake: Lakeside) -> None:
    assert len(MODEL) == 60
    codes = {action: outcome(lake, action) for action in sorted(MODEL)}
    unknown = [action for action, code in codes.items() if code == UNKNOWN]
    assert unknown == sorted(set(MODEL) - TRAIL.keys() - LAKE.keys())
    of_all = {"", "ValidationException", UNKNOWN}
    assert [
        (action, code)
        for action, code in codes.items()
        if code not in of_all | {each["shape"] for each in MODEL[action]["errors"]}
    ] == []


def test_at_least_48_actions_are_modelled() -> None:
    modelled = {name for name in MODEL if name in TRAIL or name in LAKE} - REFUSED
    assert len(modelled) >= 48
    assert {
        "CreateDashboard", "DeleteDashboard", "DeregisterOrganizationDelegatedAdmin",
        "DisableFederation", "EnableFederation", "GenerateQuery", "GetDashboard", "ListDashboards",
        "RegisterOrganizationDelegatedAdmin", "StartDashboardRefresh", "UpdateDashboard",
    } == REFUSED  # fmt: skip


def test_what_only_a_lake_has_goes_to_it_and_the_rest_by_what_it_names() -> None:
    data = set(model_of("cloudtrail-data")["operations"])
    assert LAKE.keys() - TRAIL.keys() - data == LAKE_ACTIONS
    store = "arn:aws:cloudtrail:us-east-1:1:eventdatastore/x"
    trail = "arn:aws:cloudtrail:us-east-1:1:trail/x"
    assert is_of_lake("AddTags", {"ResourceId": store})
    assert is_of_lake("ListTags", {"ResourceIdList": [trail, store]})
    assert is_of_lake("GetInsightSelectors", {"EventDataStore": "x"})
    assert not is_of_lake("AddTags", {"ResourceId": trail})
    assert not is_of_lake("GetInsightSelectors", {"TrailName": "x"})
