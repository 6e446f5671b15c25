"""No parameters, however odd, get a 500, a hang or a traceback out of a service.

Method: requests drawn from botocore's service models with values that the service knows, some odd
ones among them, and bodies with something wrong in them; all signed as the SDKs sign. A service joins
when it has a table of operations.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from importlib import import_module
from typing import Any

import pytest
from fuzz import ARN, DOCUMENTS, PATTERNS, document, likely_requests, mutated
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from peer import Peer
from serving import REGION, Running, serving
from wire_peer import http_request

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.protocols import PROTOCOLS

FOLDERS = {"cloudtrail": "trail"}
ACTIONS: Mapping[str, list[str]] = {
    service: sorted(import_module(module).OPERATIONS)
    for service in PROTOCOLS
    for module in [f"regions.{FOLDERS.get(service, service)}.operations"]
    if importlib.util.find_spec(module.rpartition(".")[0]) and importlib.util.find_spec(module)
}


@dataclass
class Target:
    """One server, a connection to it, and what it knows."""

    server: Running
    peer: Peer
    known: Mapping[str, tuple[Any, ...]]

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send; once more on a connection of its own, if the server has closed this one."""
        try:
            return self.peer.send(request)
        except (HTTPException, ConnectionError):
            self.peer.close()
            return self.peer.send(request)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    data = tmp_path_factory.mktemp("fuzz") / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as server:
        peer = Peer(server)
        yield Target(server, peer, furnish(peer))
        peer.close()


def furnish(peer: Peer) -> Mapping[str, tuple[Any, ...]]:
    """Make one thing of each kind, and return what shapes of the models may hold."""
    key = peer.call("kms", "CreateKey").body["KeyMetadata"]
    blob = peer.call("kms", "Encrypt", KeyId=key["KeyId"], Plaintext=b"x").body["CiphertextBlob"]
    peer.call("kms", "CreateAlias", AliasName="alias/fuzzed", TargetKeyId=key["KeyId"])
    anybody = document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    peer.call("iam", "CreateUser", UserName="fuzzed")
    peer.call("iam", "CreateGroup", GroupName="fuzzed")
    peer.call("iam", "CreateRole", RoleName="fuzzed", AssumeRolePolicyDocument=anybody)
    peer.call("iam", "CreatePolicy", PolicyName="fuzzed", PolicyDocument=DOCUMENTS[7])
    peer.call("s3", "CreateBucket", Bucket="fuzzed")
    peer.call("s3", "PutObject", Bucket="fuzzed", Key="a", Body=b"x")
    arns = (*(f"{ARN}:{kind}/fuzzed" for kind in ("user", "role", "group", "policy")),
            "arn:aws:iam::aws:policy/AdministratorAccess", key["Arn"], "arn:aws:s3:::fuzzed")  # fmt: skip
    return {
        "KeyIdType": (key["KeyId"], key["Arn"], "alias/fuzzed", "alias/nobody"),
        "CiphertextType": (blob, blob[:-1], b"\1" + blob),
        "AliasNameType": ("alias/fuzzed", "alias/other", "alias/aws/x", "alias/"),
        "arnType": arns,
        "BucketName": ("fuzzed", "other-bucket", "Bad_", "a" * 64),
        "FilterPattern": PATTERNS,
        **dict.fromkeys(
            (
                *("PolicyType", "policyDocumentType", "sessionPolicyDocumentType", "Policy"),
                *("unrestrictedSessionPolicyDocumentType", "PolicyDocument", "EventPattern"),
            ),
            DOCUMENTS,
        ),
    }


@pytest.mark.parametrize("service", ACTIONS)
def test_no_parameters_break_a_service(target: Target, service: str) -> None:
    @given(st.data(), st.booleans())
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    def strike(data: st.DataObject, spoils: bool) -> None:
        action = data.draw(st.sampled_from(ACTIONS[service]))
        parameters = data.draw(likely_requests(service, action, target.known))
        request = http_request(service, action, parameters)
        if spoils:
            request = mutated(data.draw, service, request)
        try:
            answer = target.send(target.peer.signed(service, request))
        except (UnicodeError, ValueError):
            assume(False)  # http.client does not send this header or target.
        # 501 is how S3 says that something is not modelled.
        assert answer.status < 500 or answer.status == 501, answer.body

    strike()
    assert target.peer.call("kms", "ListKeys", Limit=1).code == ""
    assert (target.server.process.poll(), target.server.complaints()) == (None, "")
