"""The catalogue of scenarios, workloads, faults and promises, as text or JSON.

What does not belong here: the tables; each lives in the folder of its kind.
"""

import json
from collections.abc import Mapping
from typing import Any

from scenarios.parts import Parts

#: kind -> name -> one line.
Catalogue = Mapping[str, Mapping[str, str]]


def catalogue(parts: Parts) -> Catalogue:
    """Return every part's one-line summary, by kind and name."""
    tables = {
        "scenarios": parts.scenarios,
        "workloads": parts.workloads,
        "faults": parts.faults,
        "promises": parts.promises,
    }
    return {
        kind: {name: summary_of(table[name]) for name in sorted(table)}
        for kind, table in tables.items()
    }


def summary_of(part: Any) -> str:
    """Return the part's ``summary``, or else the first line of its docstring."""
    summary = getattr(part, "summary", None)
    text = summary if isinstance(summary, str) else (part.__doc__ or "")
    return text.strip().partition("\n")[0]


def to_text(entries: Catalogue) -> str:
    """Return the catalogue as aligned lines, one part each."""
    lines = []
    for kind, summaries in entries.items():
        width = max((len(name) for name in summaries), default=0)
        lines.append(f"{kind}:")
        lines += [f"  {name:{width}}  {text}" for name, text in summaries.items()]
    return "\n".join(lines) + "\n"


def to_json(entries: Catalogue) -> str:
    """Return the catalogue as one JSON object: kind -> name -> summary."""
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
