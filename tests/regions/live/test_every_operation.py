"""boto3 calls every operation that there is, and reads what a user expects of it.

Goal: no operation is behind the wire that no real client ever called. Method: what is called is
generated from the services' own tables; an operation that nobody wrote a call for fails. A service
joins by a row in SERVICES and a module with one function for each of its operations.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

import cloudtrail_calls
import events_calls
import iam_calls
import iam_policy_calls
import kms_calls
import lake_calls
import lake_data_calls
import logs_calls
import other_calls
import pytest
import sns_calls
import sts_calls
from botocore import xform_name
from serving import Running
from stand import Stand

from regions.api.protocols import PROTOCOLS
from regions.events.operations import OPERATIONS as EVENTS
from regions.iam.operations import OPERATIONS as IAM
from regions.kms.operations import OPERATIONS as KMS
from regions.lake.operations import OPERATIONS as LAKE
from regions.logs.operations import OPERATIONS as LOGS
from regions.s3.operations import OPERATIONS as S3
from regions.sns.operations import OPERATIONS as SNS
from regions.sts.operations import OPERATIONS as STS
from regions.trail.operations import OPERATIONS as CLOUDTRAIL

#: Actions of both trails and event data stores: their calls stand with those of trails, and the
#: tests of the lake have the others.
_OF_BOTH = frozenset(
    {
        "AddTags", "GetEventConfiguration", "GetInsightSelectors", "ListTags",
        "PutEventConfiguration", "PutInsightSelectors", "RemoveTags",
    }
)  # fmt: skip
_OF_DATA = frozenset({"PutAuditEvents"})

#: Service -> its operations, and the modules with their calls.
SERVICES: Mapping[str, tuple[Iterable[str], tuple[ModuleType, ...]]] = {
    "kms": (KMS, (kms_calls,)),
    "cloudtrail": (
        {*CLOUDTRAIL, *(LAKE.keys() - _OF_BOTH - _OF_DATA)},
        (cloudtrail_calls, lake_calls),
    ),
    "cloudtrail-data": (_OF_DATA, (lake_data_calls,)),
    "iam": (IAM, (iam_calls, iam_policy_calls)),
    "sts": (STS, (sts_calls,)),
    "sns": (SNS, (sns_calls,)),
    "logs": (LOGS, (logs_calls,)),
    "events": (EVENTS, (events_calls,)),
}
#: LookupEvents comes last: what it finds is handed on after some seconds.
#: Services whose own tests call most of their operations by boto3; the rest stand in other_calls.
TESTED_ELSEWHERE: Mapping[str, Iterable[str]] = {
    "s3": S3,
    "logs": LOGS,
    "events": EVENTS,
    "sns": SNS,
}
OPERATIONS = sorted(
    ((service, action) for service, (table, _) in SERVICES.items() for action in table),
    key=lambda operation: (operation[1] == "LookupEvents", operation),
)


def calls_of(*modules: ModuleType) -> dict[str, Callable[[Stand], None]]:
    """Return the calls that are written down, by boto3's name of their operation."""
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, FunctionType)
        and not name.startswith("_")
        and value.__module__ == module.__name__
    }


@pytest.fixture(scope="module")
def stand(shared: Running) -> Stand:
    """Clients of one server; every call brings keys, users and names of its own."""
    return Stand(shared)


@pytest.mark.parametrize(("service", "action"), OPERATIONS)
def test_boto3_calls_every_operation(stand: Stand, service: str, action: str) -> None:
    call = calls_of(*SERVICES[service][1]).get(xform_name(action))
    assert call is not None, f"no module of {service}'s calls has {xform_name(action)}(at)"
    stand.sent.clear()
    call(stand)
    assert (service, action) in stand.sent


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_is_of_an_operation_that_there_is(service: str) -> None:
    assert set(calls_of(*SERVICES[service][1])) == {
        xform_name(action) for action in SERVICES[service][0]
    }


@pytest.mark.parametrize("name", calls_of(other_calls))
def test_boto3_calls_what_no_test_of_a_service_does(stand: Stand, name: str) -> None:
    named = {xform_name(one): one for table in TESTED_ELSEWHERE.values() for one in table}
    stand.sent.clear()
    calls_of(other_calls)[name](stand)
    assert named[name] in {action for _, action in stand.sent}


@pytest.mark.parametrize("service", TESTED_ELSEWHERE)
def test_every_operation_of_the_other_services_is_called_somewhere(service: str) -> None:
    files = Path(__file__).parents[1].rglob("test_*.py")
    tests = "".join(file.read_text() for file in files if file != Path(__file__))
    called = set(re.findall(r"\.([a-z][a-z0-9_]*)[(,]", tests)) | set(calls_of(other_calls))
    # The name of the method is enough of a trace: boto3 makes one for each operation.
    assert [one for one in TESTED_ELSEWHERE[service] if xform_name(one) not in called] == []


def test_every_service_behind_the_wire_is_in_one_of_the_tables() -> None:
    assert {*SERVICES, *TESTED_ELSEWHERE} == set(PROTOCOLS)
