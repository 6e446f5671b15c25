"""Virtual years per wall second of a region in which nobody calls.

Ours is one region with daily domain-key rotation, every token wrapped anew, and replication that
sleeps when it is quiet. The peer is the same region with sleep switched off: heartbeats and
election timers run, as they do in a log that polls; its figure is scaled up from minutes. Both
are judged by the same promises, and the verdicts must be the same.

    python tests/bench/quiet.py [--json] [--quick]
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from typing import Any

from regions.topology import Topology, default_azs
from scenarios.catalogue import SCENARIOS
from scenarios.run import run
from sim.units import hours, minutes, years

YEAR_NS = years(1)


def measure(length_ns: int, settle_ns: int, *, may_sleep: bool) -> dict[str, Any]:
    topology = Topology(regions={"us-east-1": default_azs("us-east-1")}, may_sleep=may_sleep)
    scenario = replace(
        SCENARIOS["quiet-decade"],
        topology=topology,
        length_ns=length_ns,
        recovery_ns=minutes(1),
        settle_ns=settle_ns,
    )
    begin = time.perf_counter()
    result = run(scenario, seed=1)
    took = time.perf_counter() - begin
    return {
        "virtual_ns": result.statistics["now_ns"],
        "wall_s": took,
        "years_per_s": result.statistics["now_ns"] / YEAR_NS / took,
        "events": result.statistics["events"],
        "verdicts": {verdict.name: verdict.holds for verdict in result.promises},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a year and a minute only")
    options = parser.parse_args()
    rounds, length_ns = (1, years(1)) if options.quick else (3, years(10))
    awake_ns = minutes(1) if options.quick else hours(1)
    runs, peers = [], []
    for _ in range(rounds):  # Taken in turn, because the machine's speed drifts.
        runs.append(measure(length_ns, minutes(20), may_sleep=True))
        peers.append(measure(awake_ns, minutes(20), may_sleep=False))
    ours = sorted(runs, key=lambda run: run["wall_s"])[rounds // 2]
    awake = sorted(peers, key=lambda run: run["years_per_s"])[rounds // 2]
    result = {
        "years": round(ours["virtual_ns"] / YEAR_NS, 2),
        "wall_s": round(ours["wall_s"], 2),
        "wall_s_best": round(min(run["wall_s"] for run in runs), 2),
        "years_per_s": round(ours["years_per_s"], 2),
        "events": ours["events"],
        "peer_years_per_s": awake["years_per_s"],
        "peer_ten_years_hours": round(10 / awake["years_per_s"] / 3600, 2),
        "ratio": round(ours["years_per_s"] / awake["years_per_s"]),
        "same_verdicts": ours["verdicts"] == awake["verdicts"],
        "verdicts": ours["verdicts"],
    }
    if options.json:
        print(json.dumps(result))
        return 0
    print("a quiet region, daily domain-key rotation, all promises judged")
    print(
        f"  ours, asleep when quiet   {result['years_per_s']:>12} virtual years per second "
        f"({result['years']} years in {result['wall_s']} s, best {result['wall_s_best']} s; "
        f"{result['events']:,} events)"
    )
    print(
        f"  the same, never asleep    {result['peer_years_per_s']:>12.7f} virtual years per "
        f"second (ten years: {result['peer_ten_years_hours']} hours)"
    )
    print(f"  ratio                     {result['ratio']:>12,} x")
    print(f"  same verdicts             {'yes' if result['same_verdicts'] else 'NO':>12}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
