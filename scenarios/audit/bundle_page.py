"""The summary of an evidence bundle, once as Markdown and once as a page of HTML.

What does not belong here: the bundle's files (bundle.py).
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from scenarios.audit.detections.detection import Finding
from scenarios.audit.gaps import Gap
from scenarios.audit.reader import Tally
from scenarios.audit.uses import KeyUses, Question
from scenarios.layout import clean

_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:90em;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0}td,th{border-bottom:1px solid #ccc;padding:.2em"
    " .8em .2em 0;text-align:left;vertical-align:top;overflow-wrap:break-word}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, paragraphs, and a table below them."""

    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a summary speaks of."""

    source: str
    question: Question
    tally: Tally
    keys: Sequence[KeyUses]
    findings: Sequence[Finding]
    gaps: Sequence[Gap]
    verdicts: Sequence[str]  #: on digests and the files that they name, one line each
    check: str  #: the command that checks the bundle


def sections(of: Contents) -> list[Section]:
    """Return what the summary says."""
    tally, question = of.tally, of.question
    between = f"Uses are counted from {question.since or 'the first record'}"
    between += f" to {question.until or 'the last one'}."
    return [
        Section(
            "Evidence bundle",
            (
                (
                    f"Log files of {of.source}: {tally.records:,} records in {tally.files:,}"
                    f" files, {tally.first or '-'} to {tally.last or '-'}; {tally.repeated:,} came"
                    f" again and were counted once. {between}"
                ),
                f"manifest.json has the SHA-256 of every file here. To check it: {of.check}",
            ),
        ),
        Section(
            f"What could not be read: {len(tally.problems) or 'nothing'}",
            columns=("file", "what") if tally.problems else (),
            rows=tuple((one.file, one.what) for one in tally.problems),
        ),
        Section(
            f"What is not covered: {len(of.gaps) or 'nothing that these files tell of'}",
            columns=("from", "to", "where", "what") if of.gaps else (),
            rows=tuple((g.begin, g.end or "-", g.subject, g.text) for g in of.gaps),
        ),
        Section("Digests", tuple(of.verdicts)),
        Section(
            f"What deserves a look: {len(of.findings) or 'nothing'}",
            columns=("when", "how grave", "what", "who", "to what") if of.findings else (),
            rows=tuple(
                (f.first, f.severity, f"{f.detection}: {f.text}", f.who, f.subject or f.region)
                for f in of.findings
            ),
        ),
        *(_key(one) for one in of.keys),
    ]


def _key(one: KeyUses) -> Section:
    known = f"Known as {', '.join(one.aliases)}. " if one.aliases else ""
    total = one.total
    rows = [
        (actor, via or "-", operation, str(count.accepted), str(count.refused), count.first,
         count.last)
        for (actor, via, operation), count in sorted(one.by_whom.items())
    ]  # fmt: skip
    refused = tuple(
        f"Refused {count.refused} times: {operation} by {actor}, {error}, last {count.last}."
        for (actor, operation, error), count in sorted(one.failures.items())
    )
    text = f"{known}{total.accepted:,} accepted, {total.refused:,} refused."
    return Section(
        one.key,
        (text, *refused),
        ("who", "through", "operation", "accepted", "refused", "first", "last"),
        tuple(rows),
    )


def as_markdown(parts: Iterable[Section]) -> str:
    """Return sections as Markdown; whatever callers chose is shown and never read as markup."""
    lines: list[str] = []
    for number, part in enumerate(parts):
        lines += [f"{'#' if number == 0 else '##'} {_plain(part.title)}", ""]
        for paragraph in part.paragraphs:
            lines += [_plain(paragraph), ""]
        if part.columns:
            lines.append(_row(part.columns))
            lines.append(_row(["---"] * len(part.columns)))
            lines += [_row([_plain(cell) for cell in row]) for row in part.rows]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)
    return clean(escaped)


def as_html(parts: Sequence[Section]) -> str:
    """Return sections as one page that needs nothing else."""
    body: list[str] = []
    for number, part in enumerate(parts):
        level = "h1" if number == 0 else "h2"
        body.append(f"<{level}>{_safe(part.title)}</{level}>")
        body += [f"<p>{_safe(paragraph)}</p>" for paragraph in part.paragraphs]
        if part.columns:
            head = "".join(f"<th>{_safe(column)}</th>" for column in part.columns)
            body.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
            for row in part.rows:
                cells = "".join(f"<td>{_safe(cell)}</td>" for cell in row)
                body.append(f"<tr>{cells}</tr>")
            body.append("</tbody></table>")
    title = _safe(parts[0].title) if parts else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _safe(text: str) -> str:
    return html.escape(clean(text))
