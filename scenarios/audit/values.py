"""Audits for programs: one JSON object, or CSV with one line for each use of a key.

What does not belong here: the text for people (show.py).
"""

import csv
import dataclasses
import io
import json
from collections.abc import Sequence
from typing import Any, Final

from scenarios.audit.detections.detection import Finding
from scenarios.audit.reader import Tally
from scenarios.audit.tabular import cell
from scenarios.audit.uses import Count, KeyUses, Question, Use

#: Columns of the CSV, in this order.
COLUMNS: Final = tuple(field.name for field in dataclasses.fields(Use))


def report(
    source: str,
    question: Question,
    tally: Tally,
    keys: Sequence[KeyUses],
    findings: Sequence[Finding],
) -> dict[str, Any]:
    """Return the default report as plain values."""
    return {
        "source": source,
        "from": question.since or None,
        "to": question.until or None,
        "read": read(tally),
        "keys": [_key(one) for one in keys],
        "findings": [dataclasses.asdict(one) for one in findings],
    }


def read(tally: Tally) -> dict[str, Any]:
    """Return what was read, and what could not be."""
    return dataclasses.asdict(tally)


def _key(one: KeyUses) -> dict[str, Any]:
    return {
        "key": one.key,
        "aliases": one.aliases,
        **_count(one.total),
        "principals": [
            {"principal": actor, "via": via, "operation": operation, **_count(count)}
            for (actor, via, operation), count in sorted(one.by_whom.items())
        ],
        "failures": [
            {
                "principal": actor,
                "operation": operation,
                "error": error,
                "message": count.message,
                **_count(count),
            }
            for (actor, operation, error), count in sorted(one.failures.items())
        ],
        "uses": [dataclasses.asdict(use) for use in one.uses],
    }


def _count(count: Count) -> dict[str, Any]:
    return {
        "accepted": count.accepted,
        "refused": count.refused,
        "first": count.first,
        "last": count.last,
    }


def uses_csv(keys: Sequence[KeyUses]) -> str:
    """Return one line for each use, by time, under a line of COLUMNS."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    uses = (use for one in keys for use in one.uses)
    for use in sorted(uses, key=lambda use: (use.time, use.event_id, use.key)):
        values = dataclasses.asdict(use)
        values["context"] = json.dumps(use.context, sort_keys=True) if use.context else ""
        writer.writerow([cell(str(values[name])) for name in COLUMNS])
    return page.getvalue()

