"""The catalogue of scenarios, workloads, faults and promises, as text or JSON.

What does not belong here: the tables; each lives in the folder of its kind.
"""

import dataclasses
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scenarios.options import key_of, settable, show, spell
from scenarios.parts import Parts
from sim.registry import PluginError, Registry

_WIDTH: Final = 100
#: A summary shares a line with a name of up to this length; longer names stand alone. Chosen.
_NAME_MAX: Final = 28
#: What may follow a place in a target, to see which forms a fault takes.
_FURTHER: Final = ("<->B", "->B", ",B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One part of runs."""

    summary: str
    source: str = ""  #: of a scenario
    target: str = ""  #: of a fault: the forms that its target may have
    options: Mapping[str, str] = field(default_factory=dict)  #: name -> default and meaning
    package: str = ""  #: of which other package it is, with its version; "" of ours


#: kind -> name -> entry.
Catalogue = Mapping[str, Mapping[str, Entry]]


def catalogue(parts: Parts) -> Catalogue:
    """Return what there is to know of every part that can be used, by kind and name."""
    tables: tuple[tuple[str, Mapping[str, Any], Callable[[Any], Entry]], ...] = (
        ("scenarios", parts.scenarios, _scenario),
        ("workloads", parts.workloads, _workload),
        ("faults", parts.faults, _fault),
        ("promises", parts.promises, lambda part: Entry(summary=summary_of(part))),
    )
    return {kind: dict(_entries(table, describe)) for kind, table, describe in tables}


def _entries(
    table: Mapping[str, Any], describe: Callable[[Any], Entry]
) -> Iterator[tuple[str, Entry]]:
    for name in sorted(table):
        try:
            entry = describe(table[name])
        except PluginError:
            continue  # It is among the problems.
        package = table.package(name) if isinstance(table, Registry) else ""
        yield name, replace(entry, package=package)


def problems(parts: Parts) -> list[str]:
    """Return one line for each part of another package that cannot be used."""
    tables = (parts.scenarios, parts.workloads, parts.faults, parts.promises)
    found = (table.problems() for table in tables if isinstance(table, Registry))
    return [line for lines in found for line in lines]


def summary_of(part: Any) -> str:
    """Return the part's ``summary``, or else the first line of its docstring."""
    summary = getattr(part, "summary", None)
    text = summary if isinstance(summary, str) else (part.__doc__ or "")
    return text.strip().partition("\n")[0]


def _scenario(part: Any) -> Entry:
    return Entry(summary=summary_of(part), source=getattr(part, "source", ""))


def _workload(part: Any) -> Entry:
    settings = getattr(part, "Settings", None)
    if settings is None:
        return Entry(summary=summary_of(part))
    defaults = spell(settings())
    keys = [key_of(each.name) for each, _ in settable(settings)]
    return Entry(
        summary=summary_of(part),
        options={key: f"by default {show(defaults[key])}" for key in keys if key in defaults},
    )


def _fault(part: Any) -> Entry:
    options = {
        name: f"{option.doc}; by default {option.default}"
        + (f", or {', '.join(option.words)}" if option.words else "")
        for name, option in getattr(part, "options", {}).items()
    }
    return Entry(summary=summary_of(part), target=forms_of(part), options=options)


def forms_of(fault: Any) -> str:
    """Return the forms that a fault's target may have, such as ``A[<->B|->B]``."""
    found = [more for more in _FURTHER if _takes(fault, f"A{more}")]
    if not _takes(fault, "A"):
        return " or ".join(f"A{more}" for more in found)
    return f"A[{'|'.join(found)}]" if found else "A"


def _takes(fault: Any, target: str) -> bool:
    check = getattr(fault, "check", None)
    if check is None:
        return False
    try:
        check(target)
    except ValueError:
        return False
    return True


def to_text(entries: Catalogue, *, columns: int = 0) -> str:
    """Return the catalogue as aligned lines, with what can be set below each part.

    Args:
      columns: a summary that is longer goes on below itself; 0: none is broken.
    """
    lines = []
    for kind, parts in entries.items():
        names = {name: f"{name} {part.target}".rstrip() for name, part in parts.items()}
        width = max((len(name) for name in names.values() if len(name) <= _NAME_MAX), default=0)
        lines.append(f"{kind}:")
        for name, part in parts.items():
            lines += _lines(names[name], part, width, columns)
    return "\n".join(lines) + "\n"


def _lines(name: str, part: Entry, width: int, columns: int) -> list[str]:
    head = f"  {name:{width}}  "
    summary = f"{part.summary} [{part.package}]".lstrip() if part.package else part.summary
    lines = [f"{head}{summary}".rstrip()]
    if columns and summary:
        lines = textwrap.wrap(
            summary,
            columns,
            initial_indent=head,
            subsequent_indent=" " * (width + 4),
            break_long_words=False,
            break_on_hyphens=False,
        )
    for option, text in part.options.items():
        lines += textwrap.wrap(
            f"{option}: {text}",
            min(columns or _WIDTH, _WIDTH),
            initial_indent=" " * 6,
            subsequent_indent=" " * 8,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def to_json(entries: Catalogue) -> str:
    """Return the catalogue as one JSON object: kind -> name -> what there is to know."""
    values = {
        kind: {name: dataclasses.asdict(part) for name, part in parts.items()}
        for kind, parts in entries.items()
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
