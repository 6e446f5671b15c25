"""What CloudTrail costs: records taken in, delivered and compressed per second, and how that grows.

Ours takes records of KMS calls from recorders into a region's event history, selects them for each
trail, and puts log files into a bucket: durable at every step, deduplicated, in the true shape. The
peer is what nobody can do without: json.dumps of the same records, as dictionaries, and gzip of
the same files. Then the same number of records comes from more regions, and is wanted by more
trails; and one region lives for three months at one call in ten seconds, with hourly digests.

    python tests/bench/trail.py [--json] [--quick] [--days N]
"""

import argparse
import gzip
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from regions.bucket import Bucket, CreateBucket, GetObject, ListObjects
from regions.calls import ApiCall, Principal
from regions.frames import FRAMES
from regions.names import REGIONS
from regions.topology import Topology, default_azs
from regions.trail.json_shape import to_json
from regions.trail.messages import Publish, RegionJoined
from regions.trail.record import AuditRecord, Resource
from regions.trail.trail import Trail, TrailConfig
from scenarios.catalogue import SCENARIOS
from scenarios.run import run
from sim.rng import stream
from sim.units import days, minutes, seconds
from sim.wire import Codec
from sim.world import SimWorld

ACCOUNT: Final = "111122223333"
USER: Final = Principal(
    kind="IAMUser",
    account=ACCOUNT,
    arn=f"arn:aws:iam::{ACCOUNT}:user/Alice",
    principal_id="AIDAEXAMPLE",
    user_name="Alice",
    access_key_id="AKIAEXAMPLE",
)
ROOT: Final = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
#: Records that are handed over at a time, and how often: some hundreds a second, as a busy region.
BATCH: Final = 200
PAUSE_NS: Final = seconds(0.5)


def records(region: str, count: int, now_ns: int) -> Iterator[AuditRecord]:
    """Yield records of calls that differ as real ones do."""
    dice = stream(1, region, str(now_ns))
    for number in range(count):
        key = f"arn:aws:kms:{region}:{ACCOUNT}:key/{number % 50:08x}-1111-4000-8000-000000000000"
        yield AuditRecord(
            event_id=dice.uuid(),
            request_id=dice.uuid(),
            time_ns=now_ns,
            source="kms.amazonaws.com",
            name=("Decrypt", "Encrypt", "GenerateDataKey")[number % 3],
            region=region,
            principal=USER,
            source_ip=f"192.0.2.{number % 250}",
            user_agent="Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1 lang/python#3.11.7",
            request_parameters={
                "keyId": key,
                "encryptionContext": {"tenant": f"t-{number % 200}"},
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            },
            resources=(Resource(arn=key, account=ACCOUNT),),
        )


class Audit:
    """The audit plane of some regions, without anybody who calls."""

    def __init__(self, regions: int, trails: int) -> None:
        self.world = SimWorld(seed=1, codec=Codec(FRAMES), keep="none")
        self.regions = list(REGIONS)[:regions]
        self.home = self.regions[0]
        sites = tuple(
            RegionJoined(region=r, trail=f"{r}/trail", bucket=f"{r}/bucket") for r in self.regions
        )
        for region in self.regions:
            self.world.start(Bucket, None, name=f"{region}/bucket")
            config = TrailConfig(region=region, regions=sites)
            self.world.start(Trail, config, name=f"{region}/trail")
        for number in range(trails):
            name = f"trail-{number}"
            bucket = CreateBucket(bucket=name, owner=ACCOUNT)
            self.world.ask(f"{self.home}/bucket", bucket)
            self._api("CreateTrail", Name=name, S3BucketName=name, IsMultiRegionTrail=True)
            self._api("StartLogging", Name=name)
        self.world.run_for(seconds(10))

    def _api(self, action: str, **parameters: Any) -> None:
        call = ApiCall(
            service="cloudtrail",
            region=self.home,
            action=action,
            parameters=parameters,
            principal=ROOT,
            source_ip="192.0.2.7",
            user_agent="aws-cli/2",
        )
        self.world.ask(f"{self.home}/trail", call)

    def feed(self, count: int) -> tuple[float, float]:
        """Hand in so many records, evenly; return the seconds until all are in, and delivered."""
        begin = time.perf_counter()
        for place in range(0, count, BATCH):
            region = self.regions[place // BATCH % len(self.regions)]
            made = tuple(records(region, min(BATCH, count - place), self.world.calendar_ns))
            self.world.ask(f"{region}/trail", Publish(records=made))
            self.world.run_for(PAUSE_NS)
        taken = time.perf_counter()
        self.world.run_for(minutes(30))
        return taken - begin, time.perf_counter() - begin

    def files(self, bucket: str) -> Iterator[bytes]:
        """Yield the uncompressed log files of a trail."""
        store, after = f"{self.home}/bucket", ""
        while True:
            listed = self.world.ask(store, ListObjects(bucket=bucket, after=after))
            for entry in listed.objects:
                yield self.world.ask(store, GetObject(bucket=bucket, key=entry.key)).body
            if not listed.truncated:
                return
            after = listed.objects[-1].key


def flow(count: int) -> dict[str, Any]:
    """Measure one region with one trail, and the peer on the same records."""
    audit = Audit(1, 1)
    making = time.perf_counter()
    for _ in records(audit.home, count, audit.world.calendar_ns):
        pass
    made_s = time.perf_counter() - making
    taken_s, done_s = audit.feed(count)
    files = list(audit.files("trail-0"))
    delivered = [event for file in files for event in json.loads(file)["Records"]]
    kms = [event for event in delivered if event["eventSource"] == "kms.amazonaws.com"]
    assert len(kms) == count, f"{len(kms)} of {count} records were delivered"
    begin = time.perf_counter()
    packed = sum(len(gzip.compress(file, mtime=0)) for file in files)
    gzip_s = time.perf_counter() - begin
    shapes = [to_json(record) for record in records(audit.home, count, 0)]
    begin = time.perf_counter()
    texts = [json.dumps(shape) for shape in shapes]
    peer_s = time.perf_counter() - begin + gzip_s
    audit.world.close()
    taken_s, done_s = taken_s - made_s, done_s - made_s + gzip_s
    return {
        "records": count,
        "taken_per_s": round(count / taken_s),
        "delivered_per_s": round(count / done_s),
        "compressed_per_s": round(count / gzip_s),
        "compressed_share": round(packed / sum(map(len, files)), 3),
        "bytes_per_record": round(sum(map(len, texts)) / count),
        "peer_per_s": round(count / peer_s),
        "ratio": round(peer_s / done_s, 3),
    }


def growth(count: int, regions: int, trails: int) -> float:
    """Return the microseconds that one record costs until it is delivered by every trail."""
    audit = Audit(regions, trails)
    _, done_s = audit.feed(count)
    audit.world.close()
    return round(done_s / count * 1e6, 1)


def quarter(length_days: float) -> dict[str, Any]:
    """Let one region live; measured in a process of its own, whose memory nothing else has used."""
    scenario = replace(
        SCENARIOS["ninety-days"],
        topology=Topology(regions={"us-east-1": default_azs("us-east-1")}),
        length_ns=days(1) * round(length_days * 100) // 100,
    )
    begin = time.perf_counter()
    result = run(scenario, seed=1)
    return {
        "days": length_days,
        "calls": sum(sum(outcomes.values()) for outcomes in result.calls.values()),
        "wall_s": round(time.perf_counter() - begin, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "verdicts": {verdict.name: verdict.holds for verdict in result.promises},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="few records, and some hours")
    parser.add_argument("--days", type=float, default=90, help="how long the region lives")
    parser.add_argument("--only-days", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_days:
        print(json.dumps(quarter(options.days)))
        return 0
    count = 2_000 if options.quick else 50_000
    result: dict[str, Any] = flow(count)
    many = (1, 10, 30)
    result["us_per_record_by_regions"] = {n: growth(count, n, 1) for n in many}
    result["us_per_record_by_trails"] = {n: growth(count, 1, n) for n in range(1, 6)}
    command = [sys.executable, __file__, "--only-days"]
    command += ["--days", str(0.1 if options.quick else options.days)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    result["quarter"] = json.loads(done.stdout)
    if options.json:
        print(json.dumps(result))
        return 0
    show(result)
    return 0


def show(result: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(f"{result['records']:,} records of {result['bytes_per_record']:,} bytes, one region")
    print(f"  taken in                    {result['taken_per_s']:>9,} records/s")
    print(f"  taken in and delivered      {result['delivered_per_s']:>9,} records/s")
    share = f"to {result['compressed_share']:.1%}"
    print(f"  gzip alone                  {result['compressed_per_s']:>9,} records/s, {share}")
    print(f"  json.dumps and gzip, peer   {result['peer_per_s']:>9,} records/s")
    print(f"  ratio                       {result['ratio']:>9.3f}")
    print("  one record until it is delivered by every trail, us")
    for title, key in (("regions", "regions"), ("trails of one region", "trails")):
        row = result[f"us_per_record_by_{key}"]
        print(f"    {title:<21} " + "  ".join(f"{n}: {us}" for n, us in row.items()))
    lived = result["quarter"]
    print(
        f"  {lived['days']:g} days of one region: {lived['calls']:,} calls in {lived['wall_s']} s, "
        f"{lived['peak_mib']} MiB"
    )
    broken = [name for name, holds in lived["verdicts"].items() if not holds]
    print(f"  promises                    {'broken: ' + ', '.join(broken) if broken else 'hold'}")


if __name__ == "__main__":
    sys.exit(main())
