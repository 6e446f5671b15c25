"""boto3 calls every operation that there is, and reads what a user expects of it.

Goal: no operation is behind the wire that no real client ever called. Method: what is called is
generated from the services' own tables; an operation that nobody wrote a call for fails. A service
joins by a row in SERVICES and a module with one function for each of its operations.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

import cloudtrail_calls
import events_calls
import iam_calls
import kms_calls
import logs_calls
import pytest
import sns_calls
import sts_calls
from botocore import xform_name
from serving import REGION, serving
from stand import Stand

from regions.events.operations import OPERATIONS as EVENTS
from regions.iam.operations import OPERATIONS as IAM
from regions.kms.operations import OPERATIONS as KMS
from regions.logs.operations import OPERATIONS as LOGS
from regions.sns.operations import OPERATIONS as SNS
from regions.sts.operations import OPERATIONS as STS
from regions.trail.operations import OPERATIONS as CLOUDTRAIL

#: Service -> its operations, and the module with their calls.
SERVICES: Mapping[str, tuple[Iterable[str], ModuleType]] = {
    "kms": (KMS, kms_calls),
    "cloudtrail": (CLOUDTRAIL, cloudtrail_calls),
    "iam": (IAM, iam_calls),
    "sts": (STS, sts_calls),
    "sns": (SNS, sns_calls),
    "logs": (LOGS, logs_calls),
    "events": (EVENTS, events_calls),
}
OPERATIONS = [(service, action) for service, (table, _) in SERVICES.items() for action in table]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One server that checks signatures; every call brings keys, users and names of its own."""
    data = tmp_path_factory.mktemp("every-operation") / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as running:
        yield Stand(running)


@pytest.mark.parametrize(("service", "action"), OPERATIONS)
def test_boto3_calls_every_operation(stand: Stand, service: str, action: str) -> None:
    module = SERVICES[service][1]
    call = getattr(module, xform_name(action), None)
    assert call is not None, f"{module.__name__}.py has no function {xform_name(action)}"
    stand.sent.clear()
    call(stand)
    assert (service, action) in stand.sent


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_is_of_an_operation_that_there_is(service: str) -> None:
    table, module = SERVICES[service]
    named = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }
    assert named == {xform_name(action) for action in table}
