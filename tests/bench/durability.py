"""How fast exact answers and estimates of durability are, beside naive Monte Carlo.

The model is M5 of the answer key: two regions of three AZs with one copy each, disks, latent
errors, AZs and regions. Naive paths of the same chain run in the same kernel and process; how long
they would need for the same relative error follows from the loss, which is too rare to be met.

    python tests/bench/durability.py [--json] [--quick]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import arrays_of
from scenarios.durability.estimate.chain import balanced, natural, values, zero_variance
from scenarios.durability.estimate.chain_paths import ChainPaths
from scenarios.durability.estimate.clock_paths import ZERO_VARIANCE
from scenarios.durability.estimate.model_estimate import estimators
from scenarios.durability.estimate.tally import Tally
from scenarios.durability.exact import solve
from scenarios.durability.laws import Deterministic
from scenarios.durability.published import M5
from scenarios.durability.sweep import parse_axis, sweep

#: Relative error that all ways are asked for.
ERROR = 0.01
YEAR_S = 365.25 * 86_400


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return the best of several rounds in seconds: the rest is what the machine did meanwhile."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def walked(paths: ChainPaths, count: int) -> tuple[Tally, float]:
    """Return a tally and its CPU seconds; the kernels are compiled before."""
    paths.walk(0, 10, 1)
    began = time.process_time()
    tally = paths.walk(0, count, 1)
    return tally, time.process_time() - began


def seconds_for(tally: Tally, taken: float) -> float:
    """Return the core seconds after which an estimator has ERROR."""
    relative = tally.standard_error / tally.mean
    return taken * (relative / ERROR) ** 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="few paths and points only")
    options = parser.parse_args()
    rounds, count, points = (1, 5_000, 2) if options.quick else (5, 400_000, 20)
    named = build(M5)
    answer = solve(named).probability
    found = arrays_of(named).chain
    ways = {
        "led": ChainPaths(
            name="", chain=found, bias=zero_variance(found, values(found)), mission=1.0, stream=0
        ),
        "balanced": ChainPaths(name="", chain=found, bias=balanced(found), mission=1.0, stream=1),
    }
    naive = ChainPaths(
        name="", chain=found, bias=natural(found), mission=1.0, excursion=False, stream=2
    )
    _, naive_s = walked(naive, count)
    # n paths of chance p have a relative error of sqrt((1 - p) / (n p)).
    naive_total_s = naive_s / count * (1 - answer) / answer / ERROR**2
    figures: dict[str, float] = {
        "states": found.states,
        "exact_ms": 1_000 * timed(lambda: solve(build(M5)), rounds),
        "sweep_points": points**2,
        "sweep_s": timed(
            lambda: sweep(
                M5,
                [
                    parse_axis(f"repair=1h..10d,log,{points}"),
                    parse_axis(f"scrub=1d..90d,log,{points}"),
                ],
                jobs=2,
            ),
            1,
        ),
        "naive_paths_per_s": count / naive_s,
        "naive_years_for_1_percent": naive_total_s / YEAR_S,
    }
    for name, paths in ways.items():
        tally, taken = walked(paths, count)
        spread = tally.standard_error**2 * count
        figures |= {
            f"{name}_paths_per_s": count / taken,
            f"{name}_s_for_1_percent": seconds_for(tally, taken),
            f"{name}_errors_off": abs(tally.mean - answer) / tally.standard_error,
            f"ratio_variance_{name}": answer * (1 - answer) / spread,
            f"core_time_ratio_{name}": naive_total_s / seconds_for(tally, taken),
        }
    clocks = estimators(replace(M5, copy=replace(M5.copy, repaired=Deterministic(6 / 8_766)))).first
    assert clocks.way == ZERO_VARIANCE  # type: ignore[attr-defined]
    tally, taken = walked(clocks, max(count // 8, 1_000))  # type: ignore[arg-type]
    figures["any_law_paths_per_s"] = tally.paths / taken
    figures["any_law_s_for_1_percent"] = seconds_for(tally, taken)
    figures = {name: float(f"{value:.4g}") for name, value in figures.items()}
    if options.json:
        print(json.dumps(figures))
        return 0
    print(f"M5, {found.states} states, a loss of {answer:.4e} a year")
    print(f"  exact answer, with its chain      {figures['exact_ms']:>10} ms")
    print(
        f"  sweep of {figures['sweep_points']:.0f} points, 2 workers    {figures['sweep_s']:>10} s"
    )
    print(
        f"naive Monte Carlo                   {figures['naive_paths_per_s']:>10,.0f} paths/s, "
        f"1 % after {figures['naive_years_for_1_percent']:,.3g} core years"
    )
    for name, said in (("led", "led by a table"), ("balanced", "balanced failure biasing")):
        print(
            f"{said:<36}{figures[f'{name}_paths_per_s']:>10,.0f} paths/s, "
            f"1 % after {figures[f'{name}_s_for_1_percent']:.3g} core s; "
            f"variance {figures[f'ratio_variance_{name}']:.2g} x smaller, "
            f"core time {figures[f'core_time_ratio_{name}']:.2g} x less"
        )
    print(
        f"any law, led by a table             {figures['any_law_paths_per_s']:>10,.0f} paths/s, "
        f"1 % after {figures['any_law_s_for_1_percent']:.3g} core s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
