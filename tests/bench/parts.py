"""What the parts of one call cost: validation, policy, the loop, the audit record's JSON.

Validation stands beside botocore's own ParamValidator on the same request, and the JSON text
beside json.dumps of the same record as a dict.

    python tests/bench/parts.py [--json] [--quick]
"""

import argparse
import json
import sys
import timeit
from collections.abc import Callable
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate

from regions.api.shapes import check_request
from regions.calls import ApiCall, Principal
from regions.hsm.commands import HsmBlob, KeyToken
from regions.kms.changes import Command, KeyCreated
from regions.kms.key import Key
from regions.kms.key_policy import compile_key_policy
from regions.kms.keyring import Keyring
from regions.kms.loop import perform
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


def a_keyring() -> Keyring:
    keyring = Keyring(REGION)
    token = KeyToken(hbk_id=bytes(32), token=bytes(140), material_id="0" * 64)
    key = Key(key_id=KEY_ID, account=ACCOUNT, sequence=0, created_ns=1, tokens=(token.token,))
    keyring.apply(Command(change=KeyCreated(key=key), record=None))
    return keyring


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
    figures: dict[str, Any] = {
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
    }
    figures["ratio_validate"] = figures["botocore_validate_us"] / figures["validate_us"]
    figures["ratio_json"] = figures["json_dumps_us"] / figures["record_json_us"]
    figures = {name: round(value, 2) for name, value in figures.items()}
    if options.json:
        print(json.dumps(figures))
        return 0
    rows = (
        ("validate an Encrypt", "validate_us", "botocore's", "botocore_validate_us", "ratio_validate"),
        ("JSON of one record", "record_json_us", "json.dumps", "json_dumps_us", "ratio_json"),
    )
    for what, mine, peer, other, ratio in rows:
        print(f"{what:<34} {figures[mine]:>8} us   {peer} {figures[other]:>8} us   "
              f"ratio {figures[ratio]} x")
    print(f"{'key policy and one identity policy':<34} {figures['policy_us']:>8} us")
    print(f"{'the loop of an Encrypt, HSM aside':<34} {figures['loop_us']:>8} us")
    return 0


if __name__ == "__main__":
    sys.exit(main())
