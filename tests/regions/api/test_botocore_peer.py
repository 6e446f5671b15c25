"""botocore as an independent peer: its requests are read, and our answers are read by it.

Goal: both ends of the wire agree about every member of every action, wherever it travels. Method:
parameters and bodies are drawn from the service models.
"""

import pytest
import wire_peer as peer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regions.api.models import model_of
from regions.api.protocols import PROTOCOLS, protocol_of

#: Actions of S3 that are asked for on hosts of another kind.
OTHER_HOSTS = ("ListDirectoryBuckets", "WriteGetObjectResponse")
#: Its one member is the text of the root element, which only a handler of the client can read.
NO_MODEL = [("s3", "GetBucketLocation")]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
few = settings(max_examples=8, deadline=None, suppress_health_check=SLOW)
many = settings(max_examples=2_000, deadline=None, suppress_health_check=SLOW)


def check_request_is_read(data: st.DataObject, service: str, action: str) -> None:
    parameters = data.draw(peer.requests(service, action))
    parsed = protocol_of(service).parse(peer.http_request(service, action, parameters))
    assert (parsed.action, parsed.parameters) == (action, parameters)


def check_answer_is_read(data: st.DataObject, service: str, action: str) -> None:
    body = data.draw(peer.answers(service, action))
    answer = protocol_of(service).answer(action, body, "request-1")
    read = peer.read_answer(service, action, answer)
    metadata = read.pop("ResponseMetadata")
    expected = peer.read_of(service, action, body)
    assert (read, metadata["RequestId"]) == (expected, "request-1")


@pytest.mark.parametrize(("service", "action"), peer.NAMED)
@given(data=st.data())
@few
def test_parameters_arrive_as_botocore_sent_them(
    service: str, action: str, data: st.DataObject
) -> None:
    check_request_is_read(data, service, action)


@pytest.mark.parametrize(("service", "action"), [n for n in peer.NAMED if n not in NO_MODEL])
@given(data=st.data())
@few
def test_botocore_reads_the_body_that_was_answered(
    service: str, action: str, data: st.DataObject
) -> None:
    check_answer_is_read(data, service, action)


def every(service: str) -> list[str]:
    return [
        action
        for action, operation in model_of(service)["operations"].items()
        if not operation.get("deprecated")
        and not peer.has_event_stream(service, action)
        and action not in OTHER_HOSTS
    ]


@pytest.mark.campaign
@pytest.mark.parametrize("service", PROTOCOLS)
@given(data=st.data())
@many
def test_every_action_of_a_model_travels_both_ways(service: str, data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(every(service)))
    check_request_is_read(data, service, action)
    if (service, action) not in NO_MODEL:
        check_answer_is_read(data, service, action)
