"""Full simulated Encrypt calls per second, where their time goes, and a peer beside them.

Ours is the whole way: router, endpoint, AZ, validation, policy, HSM crypto, audit flushed in two
AZs, real frames, trace hash. The peer is moto's in-process mock behind boto3, which has none of
the rest but the API; and the bare vault shows what the cryptography alone takes.

    python tests/bench/encrypt.py [--json] [--quick]
"""

import argparse
import json
import os
import signal
import statistics
import sys
import time
from collections import Counter
from types import FrameType
from typing import Any, Self

from regions.calls import ApiCall
from regions.crypto.drbg import CtrDrbg
from regions.frames import FRAMES
from regions.hsm.commands import CreateDomain, GenerateKey, HsmEncrypt, InstallDomain, Introduce
from regions.hsm.vault import Vault
from regions.latency import latency
from regions.topology import Topology, build, default_azs
from scenarios.arena import Arena
from sim.actor import Actor
from sim.rng import stream
from sim.units import ms
from sim.wire import Codec
from sim.world import SimWorld

CLIENTS = 200
PLAINTEXT = b"4111 1111 1111 1111, 12/29"
CONTEXT = {"tenant": "one"}


class Caller(Actor):
    """Encrypts again and again, one call at a time."""

    kind = "client"

    def __init__(self, config: tuple[str, ApiCall, list[int]]) -> None:
        self._router, self._call, self._latencies = config

    def start(self) -> None:
        self.spawn(self._loop)

    async def _loop(self) -> None:
        await self.sleep(self.rng("start").randrange(ms(5)))
        while True:
            begin_ns = self.now_ns
            await self.ask(self._router, self._call)
            self._latencies.append(self.now_ns - begin_ns)


#: Part of the program by the folder of the innermost of our frames.
PARTS = (
    ("regions/crypto", "cryptography"),
    ("regions/hsm", "HSM"),
    ("regions/policy", "policy"),
    ("regions/api", "validation"),
    ("regions/trail", "audit"),
    ("regions/kms", "KMS loop"),
    ("regions/", "router, endpoint, AZ"),
    ("sim/wire", "frames"),
    ("sim/trace", "trace hash"),
    ("sim/", "kernel"),
    ("trio/", "Trio"),
)


class Sampler:
    """Says once per millisecond of CPU which part of the program runs."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _tick(self, _: int, frame: FrameType | None) -> None:
        while frame is not None:
            name = frame.f_code.co_filename
            for path, part in PARTS:
                if path in name:
                    self.seen[part] += 1
                    return
            frame = frame.f_back


def ours(span_ns: int, sampler: Sampler | None) -> dict[str, Any]:
    topology = Topology(regions={"us-east-1": default_azs("us-east-1")})
    with SimWorld(seed=1, codec=Codec(FRAMES), latency=latency, keep="none") as world:
        arena = Arena(world, build(world, topology))
        arena.boot()
        made = arena.api("us-east-1", "CreateKey", {})
        call = ApiCall(
            service="kms",
            region="us-east-1",
            action="Encrypt",
            parameters={
                "KeyId": made["KeyMetadata"]["KeyId"],
                "Plaintext": PLAINTEXT,
                "EncryptionContext": CONTEXT,
            },
            principal=arena.administrator(),
            source_ip="198.51.100.17",
            user_agent="bench",
        )
        world.run_for(ms(2000))
        latencies: list[int] = []
        for number in range(CLIENTS):
            config = ("us-east-1/router", call, latencies)
            world.start(Caller, config, name=f"us-east-1/clients/{number}")
        world.run_for(ms(20))
        latencies.clear()
        begin = time.perf_counter()
        if sampler is None:
            world.run_for(span_ns)
        else:
            with sampler:
                world.run_for(span_ns)
        took = time.perf_counter() - begin
        latencies.sort()
        return {
            "calls": len(latencies),
            "calls_per_s": len(latencies) / took,
            "virtual_p50_ms": latencies[len(latencies) // 2] / 1e6,
            "virtual_p99_ms": latencies[len(latencies) * 99 // 100] / 1e6,
        }


def vault(calls: int) -> float:
    """Return calls per second of the cryptography alone."""
    one = Vault(
        serial="bench",
        drbg=CtrDrbg(stream(1, "bench").randbytes, personalization=bytes(48)),
        announce=lambda _kind, _secret: None,
    )
    identity = one.execute(Introduce())
    issued = one.execute(CreateDomain(name="bench", members=(identity,)))
    one.execute(InstallDomain(token=issued.token))
    key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    key = one.execute(GenerateKey(key_id=key_id))
    command = HsmEncrypt(
        region="us-east-1", key_id=key_id, token=key.token, plaintext=PLAINTEXT, context=b"tenant"
    )
    begin = time.perf_counter()
    for _ in range(calls):
        one.execute(command)
    return calls / (time.perf_counter() - begin)


def peer(calls: int) -> float | None:
    """Return calls per second of moto's in-process mock behind boto3; None if not installed."""
    try:
        import boto3
        from moto import mock_aws
    except ImportError:
        return None
    fake = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1", **fake)
        key = client.create_key()["KeyMetadata"]["KeyId"]
        wanted = {"KeyId": key, "Plaintext": PLAINTEXT, "EncryptionContext": CONTEXT}
        client.encrypt(**wanted)
        begin = time.perf_counter()
        for _ in range(calls):
            client.encrypt(**wanted)
        return calls / (time.perf_counter() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a few hundred calls only")
    options = parser.parse_args()
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    rounds, span_ns = (1, ms(10)) if options.quick else (3, ms(500))
    runs, peers = [], []
    for _ in range(rounds):
        runs.append(ours(span_ns, None))
        peers.append(peer(20 if options.quick else 1_000))
    sampler = Sampler()
    ours(span_ns, sampler)
    total = sum(sampler.seen.values()) or 1
    figure = statistics.median(run["calls_per_s"] for run in runs)
    theirs = None if None in peers else statistics.median(p for p in peers if p is not None)
    result = {
        "calls_per_s": round(figure),
        "peer_calls_per_s": None if theirs is None else round(theirs),
        "ratio": None if theirs is None else round(figure / theirs, 2),
        "vault_calls_per_s": round(vault(200 if options.quick else 20_000)),
        "clients": CLIENTS,
        "calls": runs[0]["calls"],
        "virtual_p50_ms": round(runs[0]["virtual_p50_ms"], 2),
        "virtual_p99_ms": round(runs[0]["virtual_p99_ms"], 2),
        "time_share_percent": {
            part: round(100 * count / total) for part, count in sampler.seen.most_common()
        },
    }
    if options.json:
        print(json.dumps(result))
        return 0
    print(f"simulated Encrypt calls, {CLIENTS} clients of one region, quorum audit")
    print(f"  ours                     {result['calls_per_s']:>8,} calls/s")
    if theirs is None:
        print("  moto in process          not installed: pip install -e '.[bench]'")
    else:
        print(f"  moto in process          {result['peer_calls_per_s']:>8,} calls/s")
        print(f"  ratio                    {result['ratio']:>8} x")
    print(f"  cryptography alone       {result['vault_calls_per_s']:>8,} calls/s")
    print(
        f"  virtual latency          p50 {result['virtual_p50_ms']} ms, "
        f"p99 {result['virtual_p99_ms']} ms"
    )
    print("where the time goes")
    for part, percent in result["time_share_percent"].items():
        print(f"  {part:<24} {percent:>7} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
