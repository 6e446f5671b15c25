"""What was found of log files and digests, as lines for people and as an object for programs.

What does not belong here: finding it (log_chain.py).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from scenarios.log_chain import Answer, Report, Verdict

#: So many lines of one kind in a row are shown; then it is said how many more there are. Chosen.
ROW_MAX: Final = 24


def moment(second: int) -> str:
    """Return seconds since 1970 as ``2026-01-01T00:00:00Z``."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_lines(answer: Answer, *, verbose: bool) -> Iterator[str]:
    """Yield lines for people.

    Args:
      verbose: show valid files too.
    """
    for report in answer.reports:
        yield str(report.chain)
        yield from _lines(report, verbose=verbose)
        yield ""
    for place in answer.unvouched[:ROW_MAX]:
        yield f"Log file\t{place}\tunvouched: no digest names it"
    if len(answer.unvouched) > ROW_MAX:
        yield f"... and {len(answer.unvouched) - ROW_MAX} more that no digest names"
    yield _closing(answer)


def _lines(report: Report, *, verbose: bool) -> Iterator[str]:
    if report.covered is not None:
        yield f"  from {moment(report.covered[0])} to {moment(report.covered[1])}"
    for begin, end in sorted(report.gaps):
        yield f"  no digests between {moment(begin)} and {moment(end)}: the chain began anew"
    for begin, end in sorted(report.unknown):
        yield f"  no digest can be followed between {moment(begin)} and {moment(end)}"
    shown = [v for v in report.verdicts if verbose or v.invalid]
    for _, row in groupby(shown, key=lambda verdict: (verdict.kind, verdict.text)):
        alike = list(row)
        yield from map(str, alike if verbose else alike[:ROW_MAX])
        if len(alike) > ROW_MAX and not verbose:
            yield f"... and {len(alike) - ROW_MAX} more like this, to {alike[-1].place}"
    yield "  " + ", ".join(part for kind in ("digest", "log") for part in _ratios(report, kind))


def _ratios(report: Report, kind: str) -> Iterator[str]:
    files = [verdict for verdict in report.verdicts if verdict.kind == kind]
    yield f"{sum(v.valid for v in files)}/{len(files)} {kind} files valid"
    unchecked = [v for v in files if not v.valid and not v.invalid]
    if invalid := sum(v.invalid for v in files):
        yield f"{invalid}/{len(files)} {kind} files INVALID"
    for text in sorted({verdict.text for verdict in unchecked}):
        count = sum(verdict.text == text for verdict in unchecked)
        yield f"{count}/{len(files)} {kind} files {text}"


def _closing(answer: Answer) -> str:
    invalid = sum(v.invalid for report in answer.reports for v in report.verdicts)
    files = sum(len(report.verdicts) for report in answer.reports)
    chains = len(answer.reports)
    whole = f"{files} files of {chains} chain{'s' * (chains != 1)}"
    if invalid:
        return f"INVALID: {invalid} of {whole}"
    return f"nothing is invalid: {whole}"


def as_object(answer: Answer) -> dict[str, Any]:
    """Return what was found for programs; times are in ISO 8601."""
    return {
        "valid": answer.valid,
        "chains": [_chain(report) for report in answer.reports],
        "unvouched": [{"bucket": p.bucket, "key": p.key} for p in answer.unvouched],
    }


def _chain(report: Report) -> dict[str, Any]:
    def spans(pairs: list[tuple[int, int]]) -> list[dict[str, str]]:
        return [{"from": moment(begin), "to": moment(end)} for begin, end in sorted(pairs)]

    chain, covered = report.chain, report.covered
    return {
        "account": chain.account,
        "trail": chain.trail,
        "home_region": chain.home,
        "region": chain.region,
        "backfill": chain.backfill,
        "valid": report.valid,
        "covered": spans([covered])[0] if covered else None,
        "gaps": spans(report.gaps),
        "unknown": spans(report.unknown),
        "digests": _counts(report.verdicts, "digest"),
        "logs": _counts(report.verdicts, "log"),
        "files": [
            {"kind": v.kind, "bucket": v.place.bucket, "key": v.place.key, "verdict": v.text}
            for v in report.verdicts
        ],
    }


def _counts(verdicts: list[Verdict], kind: str) -> dict[str, int]:
    files = [verdict for verdict in verdicts if verdict.kind == kind]
    valid, invalid = sum(v.valid for v in files), sum(v.invalid for v in files)
    return {"valid": valid, "invalid": invalid, "unchecked": len(files) - valid - invalid}
