"""Have we become slower, beside the peers? Ratios are compared with those that were recorded.

The machine decides how fast both are, so only ratios are kept, in baseline.json. A ratio may be at
most a tenth below the recorded one; one that is above is recorded with ``--write`` when it stays so.

    python tests/bench/baseline.py [--write] [durability] [encrypt] [serve]
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
FILE: Final = HERE / "baseline.json"
BENCHMARKS: Final = ("durability", "encrypt", "serve")
#: How much of a recorded ratio must be left.
SHARE: Final = 0.9


def ratios(figures: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    """Yield the ratios among the figures of a benchmark by name: ``ratio_always.raw_1``."""
    for name, value in figures.items():
        if path or name.startswith("ratio"):
            if isinstance(value, Mapping):
                yield from ratios(value, f"{path}{name}.")
            elif value is not None:
                yield f"{path}{name}", float(value)


def slower(recorded: Mapping[str, float], found: Mapping[str, float]) -> list[str]:
    """Return a line for each recorded ratio that is missing or more than a tenth lower."""
    lines = []
    for name, before in recorded.items():
        now = found.get(name)
        if now is None:
            lines.append(f"{name}: recorded {before:.2f}, not measured")
        elif now < SHARE * before:
            lines.append(f"{name}: recorded {before:.2f}, found {now:.2f}")
    return lines


def measured(name: str) -> dict[str, float]:
    """Run a benchmark and return its ratios."""
    command = [sys.executable, str(HERE / f"{name}.py"), "--json"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return dict(ratios(json.loads(done.stdout)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="record what is found")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    options = parser.parse_args()
    recorded: dict[str, dict[str, float]] = json.loads(FILE.read_text()) if FILE.exists() else {}
    worse = []
    for name in options.names or BENCHMARKS:
        found = measured(name)
        for ratio, value in found.items():
            before = recorded.get(name, {}).get(ratio)
            print(f"{name:<10}{ratio:<26}{value:>8.2f}  {'new' if before is None else before}")
        worse += [f"{name}: {line}" for line in slower(recorded.get(name, {}), found)]
        if options.write:
            recorded[name] = found
    if options.write:
        FILE.write_text(json.dumps(recorded, indent=2) + "\n")
        return 0
    for line in worse:
        print(f"slower: {line}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
