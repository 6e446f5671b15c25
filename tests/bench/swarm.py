"""Drawn worlds per second on one core, and where their time goes.

A world is what `nines swarm` runs for one seed: one or two regions, callers, a drawn fault plan,
every promise judged. No other simulator runs such a world, so what stands beside it is real time:
how much faster than the clock on the wall the same hours of regions, faults and recovery go by.

    python tests/bench/swarm.py [--json] [--quick]
"""

import argparse
import json
import signal
import statistics
import sys
import time
from collections import Counter
from types import FrameType

from scenarios.coverage import Coverage
from scenarios.run import run
from scenarios.swarm_worker import Task, scenario_of
from sim.units import seconds

#: Part of the program by the folder of the innermost of our frames.
PARTS = (
    ("scenarios/invariants", "promises"),
    ("sim/check", "promises"),
    ("scenarios/workloads", "callers"),
    ("scenarios/", "the run itself"),
    ("regions/crypto", "cryptography"),
    ("regions/hsm", "HSM"),
    ("regions/replication", "replication"),
    ("regions/trail", "audit"),
    ("regions/", "router, AZ, KMS loop"),
    ("sim/secrets", "promises"),
    ("sim/wire", "frames"),
    ("sim/trace", "trace hash"),
    ("sim/", "kernel"),
    ("trio/", "Trio"),
)


class Sampler:
    """Says once per millisecond of CPU which part of the program runs."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        signal.signal(signal.SIGPROF, self._tick)

    def start(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _tick(self, _: int, frame: FrameType | None) -> None:
        while frame is not None:
            for path, part in PARTS:
                if path in frame.f_code.co_filename:
                    self.seen[part] += 1
                    return
            frame = frame.f_back


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="three worlds only")
    options = parser.parse_args()
    count = 3 if options.quick else 100
    sampler, times, virtual_ns, calls, holds = Sampler(), [], 0, 0, 0
    for seed in range(1, count + 1):
        scenario = scenario_of(Task(seed=seed))
        began = time.perf_counter()
        sampler.start()
        result = run(scenario, seed=seed, observers=[Coverage()])
        sampler.stop()
        times.append(time.perf_counter() - began)
        virtual_ns += result.statistics["now_ns"]
        calls += sum(sum(counts.values()) for counts in result.calls.values())
        holds += result.holds
    total, seen = sum(times), sampler.seen.total() or 1
    result_ = {
        "seeds": count,
        "seeds_per_s": round(count / total, 2),
        "median_ms": round(1_000 * statistics.median(times), 1),
        "slowest_ms": round(1_000 * max(times), 1),
        "calls_per_s": round(calls / total),
        "faster_than_real_time": round(virtual_ns / seconds(1) / total),
        "holds": holds,
        "time_share_percent": {
            part: round(100 * n / seen) for part, n in sampler.seen.most_common()
        },
    }
    if options.json:
        print(json.dumps(result_))
        return 0
    print(f"{count} drawn worlds, one after the other on one core; {holds} hold")
    print(f"  worlds                 {result_['seeds_per_s']:>10} per second")
    print(f"  one world              {result_['median_ms']:>10} ms median, "
          f"{result_['slowest_ms']} ms slowest")
    print(f"  client calls           {result_['calls_per_s']:>10,} per second")
    print(f"  faster than real time  {result_['faster_than_real_time']:>10,} x")
    print("where the time goes")
    for part, percent in result_["time_share_percent"].items():
        print(f"  {part:<22} {percent:>10} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
