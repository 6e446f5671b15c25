"""The README of the domain's faults is what their classes and modules say.

NINES_REWRITE=1 writes it again; read what changed.
"""

import inspect
import os
import re
import sys
from pathlib import Path
from textwrap import fill
from typing import Final

import pytest

import regions.faults
from regions.faults import DOMAIN_FAULTS
from regions.faults.affliction import DomainFault

README = Path(regions.faults.__file__).with_name("README.md")
MARK: Final = "<!-- From here on this file is made by tests/regions/faults/test_readme.py. -->\n"


def module_text(fault: type[DomainFault]) -> str:
    return inspect.getdoc(sys.modules[fault.__module__]) or ""


def section(fault: type[DomainFault]) -> str:
    _, _, body = module_text(fault).partition("\n\n")
    model, _, limits = body.partition("Limits:")
    paragraphs = [fill(re.sub(r"\s+", " ", part), 118, break_on_hyphens=False)
                  for part in (model.strip(), f"Limits: {limits.strip()}")]  # fmt: skip
    lines = [f"- `{name}` (default `{option.default}`): {option.doc}"
             for name, option in fault.options.items()]  # fmt: skip
    options = "\n\nOptions:\n\n" + "\n".join(lines) if lines else ""
    summary = (fault.__doc__ or "").splitlines()[0]
    text = f"### {fault.name}\n\n{summary}\n\n" + "\n\n".join(paragraphs) + options
    return text.replace("``", "`")


def generated() -> str:
    rows = [
        "| fault | target | options and defaults | may stop | may forget |",
        "|---|---|---|---|---|",
    ]
    for name, fault in sorted(DOMAIN_FAULTS.items()):
        options = " ".join(f"`{key}={option.default}`" for key, option in fault.options.items())
        stops, forgets = ("yes" if flag else "" for flag in (fault.stops, fault.forgets))
        rows.append(f"| [{name}](#{name}) | {fault.place} | {options} | {stops} | {forgets} |")
    sections = [section(fault) for _, fault in sorted(DOMAIN_FAULTS.items())]
    return "\n" + "\n".join(rows) + "\n\n" + "\n\n".join(sections) + "\n"


def test_the_readme_is_what_the_classes_say() -> None:
    head, mark, _ = README.read_text(encoding="utf-8").partition(MARK)
    assert mark
    if os.environ.get("NINES_REWRITE"):
        README.write_text(head + MARK + generated(), encoding="utf-8")
    assert README.read_text(encoding="utf-8") == head + MARK + generated()


@pytest.mark.parametrize("name", DOMAIN_FAULTS)
def test_every_fault_says_what_it_models_and_what_not(name: str) -> None:
    text = module_text(DOMAIN_FAULTS[name])
    assert "\nModel: " in text
    assert "Limits: " in text.replace("\n", " ")
