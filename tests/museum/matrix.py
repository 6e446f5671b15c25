"""Prints which checker catches which planted bug, and how many seeds it takes.

    python tests/museum/matrix.py [--seeds N] [--jobs J] [--bug NAME ...] [--write]

With --write the matrix is kept in catches.json and shown in tests/README.md.
What does not belong here: running one bug (hunt.py).
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The root first: its packages have the names of folders of tests.
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from museum.collection import BUGS  # noqa: E402 - found beside this file
from museum.hunt import ASSERTION, SEEDS_MAX, Catch, hunt  # noqa: E402 - the same

KEPT = ROOT / "tests" / "museum" / "catches.json"
PAGE = ROOT / "tests" / "README.md"
BEGIN, END = "<!-- museum: begin -->", "<!-- museum: end -->"


def one(name: str, seeds: int) -> Catch:
    """Hunt one bug by its name; a process of a pool does this."""
    return hunt(BUGS[name], seeds=seeds)


def load() -> dict[str, Catch]:
    """Return the kept catches, by bug."""
    values = json.loads(KEPT.read_text(encoding="utf-8"))
    return {
        v["bug"]: Catch(bug=v["bug"], seed=v["seed"], checkers=tuple(v["checkers"])) for v in values
    }


def to_markdown(catches: Iterable[Catch]) -> str:
    """Return the matrix as a table."""
    found = list(catches)
    caught = sum(1 for catch in found if catch.seed)
    lines = [
        f"{caught} of {len(found)} planted bugs are caught within {SEEDS_MAX} seeds.",
        "",
        "| bug | what it does | planted in | world | seeds | caught by |",
        "|---|---|---|---|---|---|",
    ]
    for catch in found:
        bug = BUGS[catch.bug]
        where = bug.function.partition(":")[2]
        seeds = str(catch.seed) if catch.seed else f"none of {SEEDS_MAX}"
        by = ", ".join(catch.checkers) or "nobody"
        if ASSERTION in catch.checkers:
            by = by.replace(ASSERTION, f'{ASSERTION} "... {bug.says}"')
        row = (f"`{bug.name}`", bug.summary, f"`{where}`", bug.world, seeds, by)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def page_with(text: str, matrix: str) -> str:
    """Return a page whose part between the marks is the matrix."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{matrix}{END}{tail}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Hunt, print, and keep if asked; the status is 1 when fewer than 95 % are caught."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--bug", action="append", choices=sorted(BUGS), default=[])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    names = options.bug or list(BUGS)
    catches: dict[str, Catch] = {}
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for catch in pool.map(one, names, [options.seeds] * len(names)):
            catches[catch.bug] = catch
            by = ", ".join(catch.checkers) or "nobody"
            sys.stdout.write(f"{catch.bug:<40} {catch.seed or '-':>4}  {by}\n")
            sys.stdout.flush()
    caught = sum(1 for catch in catches.values() if catch.seed)
    sys.stdout.write(f"{caught} of {len(catches)} planted bugs are caught\n")
    if options.write:
        kept = (load() if KEPT.exists() else {}) | catches
        ordered = [kept[name] for name in BUGS if name in kept]
        values = [{k: v for k, v in asdict(c).items() if k != "detail"} for c in ordered]
        KEPT.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page_with(PAGE.read_text("utf-8"), to_markdown(ordered)), "utf-8")
    return 0 if caught * 100 >= len(catches) * 95 else 1


if __name__ == "__main__":
    sys.exit(main())
