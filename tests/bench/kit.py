"""One Encrypt of boto3 inside a cloud, beside the same call inside moto's in-process mock.

Ours is signed and verified, checked against policies, sealed by a simulated HSM, read linearizably,
and recorded on the disks of two AZs before it is answered; moto does none of that. Both take
botocore itself, which is printed too: the same call answered by a canned response. The three take
turns in one process, and the best turn of each counts, for other work disturbs them alike.

    python tests/bench/kit.py [--json] [--quick]
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from scenarios import Cloud
from scenarios.kit.wire import Raw

REGION = "us-east-1"
PLAINTEXT = b"4111 1111 1111 1111, 12/29"
CANNED = b'{"CiphertextBlob": "AQIDBA==", "KeyId": "k", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}'
NOBODY = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def canned_client() -> Any:
    """Return a client whose every call is answered by the same bytes."""
    client = boto3.client("kms", region_name=REGION, **NOBODY)

    def answer(request: Any, **_: Any) -> AWSResponse:
        kind = {"content-type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, 200, kind, Raw(CANNED))

    client.meta.events.register_first("before-send", answer)
    return client


def turn(call: Callable[[], Any], calls: int) -> float:
    """Return the microseconds of one call."""
    begin = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begin) / calls * 1e6


def set_up(turns: int) -> float:
    """Return the milliseconds that it takes to open and close a cloud."""
    best = float("inf")
    for _ in range(turns):
        begin = time.perf_counter()
        Cloud().close()
        best = min(best, time.perf_counter() - begin)
    return best * 1e3


def measure(*, quick: bool) -> dict[str, float]:
    turns, calls = (2, 20) if quick else (25, 100)
    canned = canned_client()
    best = dict.fromkeys(("ours", "moto", "botocore"), float("inf"))
    mock = mock_aws()
    with Cloud() as cloud:
        ours = cloud.boto3_client("kms", region_name=REGION)
        key = ours.create_key()["KeyMetadata"]["KeyId"]
        mock.start()
        peer = boto3.client("kms", region_name=REGION, **NOBODY)
        peer_key = peer.create_key()["KeyMetadata"]["KeyId"]
        mock.stop(remove_data=False)
        for number in range(turns + 1):
            took = {
                "ours": turn(lambda: ours.encrypt(KeyId=key, Plaintext=PLAINTEXT), calls),
                "botocore": turn(lambda: canned.encrypt(KeyId="k", Plaintext=PLAINTEXT), calls),
            }
            mock.start(reset=False)  # It answers every client of the process while it is on.
            took["moto"] = turn(lambda: peer.encrypt(KeyId=peer_key, Plaintext=PLAINTEXT), calls)
            mock.stop(remove_data=False)
            if number:  # The first turn warms up.
                best = {name: min(best[name], took[name]) for name in best}
    return {
        "call_us": round(best["ours"], 1),
        "moto_call_us": round(best["moto"], 1),
        "botocore_us": round(best["botocore"], 1),
        "ratio": round(best["moto"] / best["ours"], 2),
        "open_and_close_ms": round(set_up(turns), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="few calls: figures mean little")
    options = parser.parse_args()
    for name in tuple(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    figures = measure(quick=options.quick)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"Encrypt inside a cloud:    {figures['call_us']:7.1f} us a call")
    print(f"Encrypt inside mock_aws:   {figures['moto_call_us']:7.1f} us a call")
    print(f"botocore itself, of that:  {figures['botocore_us']:7.1f} us a call")
    print(f"moto's time to ours:       {figures['ratio']:7.2f} (above 1: ours is faster)")
    print(f"a cloud, opened and closed:{figures['open_and_close_ms']:7.1f} ms")


if __name__ == "__main__":
    main()
