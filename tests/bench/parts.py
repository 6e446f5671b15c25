"""What the parts of one call cost: signature, wire, validation, policy, the loop, JSON.

Verifying a signature stands beside botocore's signing of the same request, validation beside its
ParamValidator, the JSON text beside json.dumps of the same record as a dict, and reading a request
and writing its answer beside what the client does for both: botocore's serializer and parser.

    python tests/bench/parts.py [--json] [--quick]
"""

import argparse
import json
import sys
import time
import timeit
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import botocore.validate
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from regions.api.http_values import HttpRequest
from regions.api.protocols import protocol_of
from regions.api.route import route
from regions.api.shapes import check_request
from regions.api.sigv4 import verify
from regions.api.sigv4_values import Secret
from regions.calls import ApiCall, Principal
from regions.hsm.commands import HsmBlob, KeyToken
from regions.kms.changes import Command, GrantCreated, KeyCreated
from regions.kms.grant import SUBSET, Grant
from regions.kms.key import Key
from regions.kms.key_policy import compile_key_policy
from regions.kms.keyring import Keyring
from regions.kms.loop import perform
from regions.kms.operation import Turn, authorize_on_key
from regions.policy.evaluate import ALLOWED, KEY_POLICY, Access, decide
from regions.trail.json_shape import json_text, to_json
from regions.trail.record import AuditRecord

REGION, ACCOUNT = "us-east-1", "111122223333"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}'


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """Return the best of several rounds: the rest is what the machine did meanwhile."""
    return min(timeit.repeat(work, number=rounds, repeat=7)) / rounds * 1e6


def a_call() -> ApiCall:
    user = Principal(
        kind="IAMUser",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/bench",
        user_name="bench",
        policies=(ALLOW,),
    )
    return ApiCall(
        service="kms",
        region=REGION,
        action="Encrypt",
        parameters={"KeyId": KEY_ID, "Plaintext": b"x" * 100, "EncryptionContext": {"a": "b"}},
        principal=user,
        source_ip="198.51.100.17",
        user_agent="bench",
        request_id="b5b3ac9c-4a0a-4d1c-a5a6-0a8a3b9e8d11",
    )


def wire_figures(parameters: dict[str, Any], rounds: int) -> dict[str, float]:
    """Return what our end of the wire costs, and what botocore's end does."""
    document = botocore.loaders.Loader().load_service_model("kms", "service-2")
    operation = botocore.model.ServiceModel(document).operation_model("Encrypt")
    serializer = botocore.serialize.create_serializer("json", include_validation=False)
    parser = botocore.parsers.create_parser("json")
    made = serializer.serialize_to_request(parameters, operation)
    credential = f"AKIDEXAMPLE/20260101/{REGION}/kms/aws4_request"
    fields = {
        "Host": "127.0.0.1:4599",
        "Accept-Encoding": "identity",
        **made["headers"],
        "User-Agent": "bench",
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
    }
    headers = tuple((name.lower(), value) for name, value in fields.items())
    request = HttpRequest("POST", "/", headers, made["body"], "127.0.0.1")
    kms = protocol_of("kms")
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
    body = {"CiphertextBlob": bytes(250), "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert kms.parse(request).parameters == parameters
    answer = kms.answer("Encrypt", body, KEY_ID)
    received = {
        "status_code": answer.status,
        "headers": {name.lower(): value for name, value in answer.headers},
        "body": answer.body,
    }
    theirs = parser.parse(received, operation.output_shape)
    assert {name: theirs[name] for name in body} == body
    return {
        "route_us": microseconds(lambda: route(request), rounds),
        "wire_us": microseconds(
            lambda: (kms.parse(request), kms.answer("Encrypt", body, KEY_ID)), rounds
        ),
        "botocore_wire_us": microseconds(
            lambda: (
                serializer.serialize_to_request(parameters, operation),
                parser.parse(received, operation.output_shape),
            ),
            rounds,
        ),
    }


def a_keyring() -> Keyring:
    keyring = Keyring(REGION)
    token = KeyToken(hbk_id=bytes(32), token=bytes(140), material_id="0" * 64)
    key = Key(key_id=KEY_ID, account=ACCOUNT, sequence=0, created_ns=1, tokens=(token.token,))
    keyring.apply(Command(change=KeyCreated(key=key), record=None))
    return keyring


def access_figures(call: ApiCall, rounds: int) -> dict[str, float]:
    """Return what it costs to authorize an Encrypt: by policies, and by one grant of a thousand."""
    bare, full = a_keyring(), a_keyring()
    for number in range(1_000):
        holder = "bench" if number == 500 else f"user-{number}"
        grant = Grant(
            grant_id=f"{number:064x}",
            key_id=KEY_ID,
            issuer=ACCOUNT,
            created_ns=1,
            operations=("Encrypt", "Decrypt"),
            grantee=f"arn:aws:iam::{ACCOUNT}:user/{holder}",
            constraint=SUBSET,
            pairs={"tenant": "1"},
        )
        full.apply(Command(change=GrantCreated(grant=grant), record=None))
    call = replace(call, parameters={**call.parameters, "EncryptionContext": {"tenant": "1"}})
    poor = replace(call, principal=replace(call.principal, policies=()))
    figures = {}
    for name, asked, keyring in (
        ("authorize_us", call, bare),
        ("authorize_beside_grants_us", call, full),
        ("authorize_by_grant_us", poor, full),
    ):
        turn, key = Turn(asked, keyring, now_ns=2, seed=""), keyring.key(KEY_ID)
        assert key is not None
        figures[name] = microseconds(lambda t=turn, k=key: authorize_on_key(t, "kms:Encrypt", k), rounds)
    return figures


def signature_figures(rounds: int) -> dict[str, float]:
    """Return what it costs to verify an Encrypt with 100 bytes, and to sign it."""
    request = AWSRequest(
        "POST",
        f"https://kms.{REGION}.amazonaws.com/",
        {
            "X-Amz-Target": "TrentService.Encrypt",
            "Content-Type": "application/x-amz-json-1.1",
            "User-Agent": "bench",
            "amz-sdk-invocation-id": "b5b3ac9c-4a0a-4d1c-a5a6-0a8a3b9e8d11",
            "amz-sdk-request": "attempt=1",
        },
        json.dumps({"KeyId": KEY_ID, "Plaintext": "x" * 136}).encode(),
    )
    key_id, key = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    signer = SigV4Auth(Credentials(key_id, key), "kms", REGION)
    signer.add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers |= {"host": f"kms.{REGION}.amazonaws.com", "content-length": str(len(request.data))}
    received = HttpRequest("POST", "/", tuple(headers.items()), request.data, "198.51.100.17")
    find, now_s = {key_id: Secret(key)}.get, int(time.time())
    figures = {
        "verify_us": microseconds(lambda: verify(received, "kms", REGION, find, now_s), rounds),
        "botocore_sign_us": microseconds(lambda: signer.add_auth(request), rounds),
    }
    figures["ratio_verify"] = figures["botocore_sign_us"] / figures["verify_us"]
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a few rounds only")
    options = parser.parse_args()
    rounds = 20 if options.quick else 2_000
    call, keyring = a_call(), a_keyring()
    key = keyring.key(KEY_ID)
    assert key is not None
    policy = compile_key_policy(key.policy_text(REGION))
    access = Access(call.principal, "kms:Encrypt", key.arn(REGION), ACCOUNT, policy, dict, KEY_POLICY)
    assert decide(access) == ALLOWED

    def encrypt() -> AuditRecord:
        run = perform(call, keyring, region=REGION, calendar_ns=1, event_id=call.request_id)
        next(run)
        try:
            run.send(HsmBlob(blob=b"x"))
        except StopIteration as stop:
            record: AuditRecord = stop.value.record
            return record
        raise AssertionError("one HSM command is all that Encrypt asks")

    record = encrypt()
    document = botocore.loaders.Loader().load_service_model("kms", "service-2")
    shape = botocore.model.ServiceModel(document).operation_model("Encrypt").input_shape
    theirs = botocore.validate.ParamValidator()
    figures: dict[str, Any] = signature_figures(rounds) | {
        "validate_us": microseconds(
            lambda: check_request("kms", "Encrypt", call.parameters), rounds
        ),
        "botocore_validate_us": microseconds(
            lambda: theirs.validate(call.parameters, shape), rounds
        ),
        "policy_us": microseconds(lambda: decide(access), rounds),
        "loop_us": microseconds(encrypt, rounds),
        "record_json_us": microseconds(lambda: json_text(record), rounds),
        "json_dumps_us": microseconds(lambda: json.dumps(to_json(record)), rounds),
        **wire_figures(call.parameters, rounds),
        **access_figures(call, rounds),
    }
    figures["ratio_wire"] = figures["botocore_wire_us"] / figures["wire_us"]
    figures["ratio_validate"] = figures["botocore_validate_us"] / figures["validate_us"]
    figures["ratio_json"] = figures["json_dumps_us"] / figures["record_json_us"]
    figures = {name: round(value, 2) for name, value in figures.items()}
    if options.json:
        print(json.dumps(figures))
        return 0
    rows = (
        ("read an Encrypt, write its answer", "wire_us", "botocore's", "botocore_wire_us", "ratio_wire"),
        ("verify a signed Encrypt", "verify_us", "botocore signs", "botocore_sign_us", "ratio_verify"),
        ("validate an Encrypt", "validate_us", "botocore's", "botocore_validate_us", "ratio_validate"),
        ("JSON of one record", "record_json_us", "json.dumps", "json_dumps_us", "ratio_json"),
    )
    for what, mine, peer, other, ratio in rows:
        print(f"{what:<34} {figures[mine]:>8} us   {peer} {figures[other]:>8} us   "
              f"ratio {figures[ratio]} x")
    print(f"{'find service and region':<34} {figures['route_us']:>8} us")
    print(f"{'key policy and one identity policy':<34} {figures['policy_us']:>8} us")
    print(f"{'authorize, by policies':<34} {figures['authorize_us']:>8} us   "
          f"beside 1,000 grants {figures['authorize_beside_grants_us']} us   "
          f"by one of them {figures['authorize_by_grant_us']} us")
    print(f"{'the loop of an Encrypt, HSM aside':<34} {figures['loop_us']:>8} us")
    return 0


if __name__ == "__main__":
    sys.exit(main())
