"""boto3 calls every operation that there is, and reads what a user expects of it.

Goal: no operation is behind the wire that no real client ever called. Method: what is called is
generated from the services' own tables; an operation that nobody wrote a call for fails. A service
joins by a row in SERVICES and a module with one function for each of its operations.
"""

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, ModuleType

import cloudtrail_calls
import events_calls
import iam_calls
import iam_policy_calls
import kms_calls
import logs_calls
import pytest
import sns_calls
import sts_calls
from botocore import xform_name
from serving import Running
from stand import Stand

from regions.events.operations import OPERATIONS as EVENTS
from regions.iam.operations import OPERATIONS as IAM
from regions.kms.operations import OPERATIONS as KMS
from regions.logs.operations import OPERATIONS as LOGS
from regions.sns.operations import OPERATIONS as SNS
from regions.sts.operations import OPERATIONS as STS
from regions.trail.operations import OPERATIONS as CLOUDTRAIL

#: Service -> its operations, and the modules with their calls.
SERVICES: Mapping[str, tuple[Iterable[str], tuple[ModuleType, ...]]] = {
    "kms": (KMS, (kms_calls,)),
    "cloudtrail": (CLOUDTRAIL, (cloudtrail_calls,)),
    "iam": (IAM, (iam_calls, iam_policy_calls)),
    "sts": (STS, (sts_calls,)),
    "sns": (SNS, (sns_calls,)),
    "logs": (LOGS, (logs_calls,)),
    "events": (EVENTS, (events_calls,)),
}
#: LookupEvents comes last: what it finds is handed on after some seconds.
OPERATIONS = sorted(
    ((service, action) for service, (table, _) in SERVICES.items() for action in table),
    key=lambda operation: operation[1] == "LookupEvents",
)


def calls_of(service: str) -> dict[str, Callable[[Stand], None]]:
    """Return the calls that are written down, by boto3's name of their operation."""
    return {
        name: value
        for module in SERVICES[service][1]
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
    call = calls_of(service).get(xform_name(action))
    assert call is not None, f"no module of {service}'s calls has {xform_name(action)}(at)"
    stand.sent.clear()
    call(stand)
    assert (service, action) in stand.sent


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_is_of_an_operation_that_there_is(service: str) -> None:
    assert set(calls_of(service)) == {xform_name(action) for action in SERVICES[service][0]}
