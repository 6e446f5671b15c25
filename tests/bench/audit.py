"""Records per second of an audit, loaded and queried, and read by the report; beside two peers.

A simulated day is multiplied into log files of 5,000 records; ids and times are fresh, so nothing
repeats. Each contestant is a process of its own, so its peak of resident memory is its own: ours
loads the files into a database and answers three queries; the report reads them once; the first
peer is what one writes in a minute, json.loads and a Counter; the second is duckdb's own
read_json_auto over the same files, which looks for a schema itself.

    python tests/bench/audit.py [--json] [--quick] [--records N]
"""

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scenarios import sample_logs
from scenarios.audit.collect import collect, span_of
from scenarios.audit.database import Database
from scenarios.audit.detections.detection import Period
from scenarios.audit.event import moment_of, seconds_of
from scenarios.audit.source import files_below
from scenarios.audit.uses import Question, UseBook
from scenarios.audit.watch import Watch, half_way

RECORDS, RECORDS_QUICK = 1_000_000, 2_000
#: Records in a file; chosen: files of a busy account have some thousand.
IN_A_FILE: Final = 5_000
SAMPLE_HOURS: Final = 2

#: What an auditor asks first: what happens most, who is refused, which keys one principal opened.
QUERIES: Final = (
    "SELECT eventName, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC",
    "SELECT actor, errorCode, count(*) FROM events WHERE errorCode IS NOT NULL GROUP BY ALL",
    """SELECT keyArn, requestParameters->>'$.encryptionContext.tenant', min(eventTime), count(*)
       FROM events WHERE eventName = 'Decrypt' GROUP BY ALL""",
)


def sample() -> list[tuple[int, str]]:
    """Return the records of a simulated day as (second, JSON text with gaps for what is fresh)."""
    logs = sample_logs.simulate(seed=3, length_hours=SAMPLE_HOURS)
    found = []
    for body in logs.files.values():
        for record in json.loads(gzip.decompress(body))["Records"]:
            second = seconds_of(record["eventTime"])
            gaps = {"eventTime": "@time@", "eventID": "@event@", "requestID": "@request@"}
            found.append((second, json.dumps(record | gaps, separators=(",", ":"))))
    return found


def generate(folder: Path, records: int) -> int:
    """Write so many records below a folder, and return their bytes before compression."""
    texts, made, size = sample(), 0, 0
    while made < records:
        rows = []
        for number in range(made, min(made + IN_A_FILE, records)):
            turn, place = divmod(number, len(texts))
            second, text = texts[place]
            moment = moment_of(second + turn * SAMPLE_HOURS * 3_600)
            event = f"{number:08x}-0000-4000-8000-{number:012x}"
            text = text.replace("@time@", moment).replace("@event@", event)
            rows.append(text.replace("@request@", event[::-1]))
        body = ('{"Records":[' + ",".join(rows) + "]}").encode()
        name = f"111122223333_CloudTrail_us-east-1_{made:012}.json.gz"
        (folder / name).write_bytes(gzip.compress(body, compresslevel=1, mtime=0))
        made, size = made + len(rows), size + len(body)
    return size


def ours(folder: Path) -> dict[str, Any]:
    """Load everything into a database and ask the queries."""
    with Database() as database:
        begin = time.perf_counter()
        tally = database.load(files_below(folder))
        loaded = time.perf_counter()
        rows = [len(list(database.ask(query).rows)) for query in QUERIES]
        asked = time.perf_counter()
    assert not tally.problems, tally.problems
    assert all(rows), rows
    return {"records": tally.records, "load_s": loaded - begin, "query_s": asked - loaded}


def report(folder: Path) -> dict[str, Any]:
    """Read everything once for the default report: uses of keys, and detections."""
    begin = time.perf_counter()
    files = files_below(folder)
    book = UseBook(Question())
    watch = Watch(Period(watch_from=half_way(*span_of(files))))
    tally = collect(files, [book, watch])
    assert book.keys()
    watch.findings()
    return {"records": tally.records, "seconds": time.perf_counter() - begin}


def loop(folder: Path) -> dict[str, Any]:
    """Count who did what, as a script of ten lines does."""
    begin = time.perf_counter()
    seen: set[str] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    for path in sorted(folder.iterdir()):
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            if record["eventID"] not in seen:
                seen.add(record["eventID"])
                who = record["userIdentity"].get("arn", "")
                counts[record["eventName"], who, record.get("errorCode", "")] += 1
    return {"records": counts.total(), "seconds": time.perf_counter() - begin}


def automatic(folder: Path) -> dict[str, Any]:
    """Load and count by duckdb's read_json_auto, with as much memory as ours has."""
    import duckdb

    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        found = duckdb.connect(f"{place}/peer.duckdb")
        found.execute("SET memory_limit = '1GB'; SET preserve_insertion_order = false")
        found.execute(
            """CREATE TABLE events AS SELECT DISTINCT ON (r.eventID) r FROM (
               SELECT unnest("Records") AS r FROM read_json_auto(?, union_by_name = true))""",
            [f"{folder}/*.json.gz"],
        )
        loaded = time.perf_counter()
        rows = found.execute("SELECT r.eventName, count(*) FROM events GROUP BY ALL").fetchall()
        asked = time.perf_counter()
    records = sum(row[1] for row in rows)
    return {"records": records, "load_s": loaded - begin, "query_s": asked - loaded}


CONTESTANTS: Final[dict[str, Callable[[Path], dict[str, Any]]]] = {
    "ours": ours,
    "report": report,
    "loop": loop,
    "auto": automatic,
}


def measured(folder: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Run each contestant in a process of its own; None for one that did not get through."""
    for name in CONTESTANTS:
        command = [sys.executable, __file__, "--contestant", name, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        yield name, json.loads(done.stdout) if done.returncode == 0 else None


def figures_of(folder: Path, records: int) -> dict[str, Any]:
    """Return all that is measured."""
    begin = time.perf_counter()
    size = generate(folder, records)
    found: dict[str, Any] = {
        "records": records,
        "megabytes": size / 1e6,
        "generate_s": time.perf_counter() - begin,
    }
    rates = {}
    for name, result in measured(folder):
        taken = None
        if result is not None:
            assert result["records"] == records, (name, result)
            taken = result.get("seconds") or result["load_s"] + result["query_s"]
            rates[name] = records / taken
        found[f"{name}_s"] = taken
        found[f"{name}_records_per_s"] = rates.get(name)
        found[f"{name}_cpu_s"] = result and result["cpu_s"]
        found[f"{name}_peak_mib"] = result and result["peak_mib"]
        if name == "ours":
            assert result is not None, "ours did not get through"
            found |= {"load_s": result["load_s"], "query_s": result["query_s"]}
    found["ratio_loop"] = rates["ours"] / rates["loop"] if "loop" in rates else None
    found["ratio_auto"] = rates["ours"] / rates["auto"] if "auto" in rates else None
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--quick", action="store_true", help="a few records, to see that it runs")
    parser.add_argument("--records", type=int, default=0, help=f"by default {RECORDS:,}")
    parser.add_argument("--contestant", nargs=2, metavar=("NAME", "DIR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        name, folder = options.contestant
        found = CONTESTANTS[name](Path(folder))
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = usage.ru_utime + usage.ru_stime
        print(json.dumps(found | {"peak_mib": usage.ru_maxrss / 1024, "cpu_s": cpu_s}))
        return 0
    records = options.records or (RECORDS_QUICK if options.quick else RECORDS)
    with tempfile.TemporaryDirectory(prefix="bench-audit-") as folder:
        found = figures_of(Path(folder), records)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    print(f"{records:,} records, {found['megabytes']:,.0f} MB, made in {found['generate_s']:.1f} s")
    print(f"  ours: loaded in {found['load_s']:.1f} s, {len(QUERIES)} queries in"
          f" {found['query_s']:.2f} s")
    for name in CONTESTANTS:
        taken = found[f"{name}_s"]
        if taken is None:
            print(f"  {name:8} did not get through")
            continue
        print(f"  {name:8}{taken:8.1f} s ({found[f'{name}_cpu_s']:.1f} s of processor time)"
              f" {found[f'{name}_records_per_s']:10,.0f} records/s"
              f" {found[f'{name}_peak_mib']:8,.0f} MiB at most")
    for name in ("loop", "auto"):
        ratio = found[f"ratio_{name}"]
        print(f"  ours to {name}: {'-' if ratio is None else f'{ratio:.2f}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
