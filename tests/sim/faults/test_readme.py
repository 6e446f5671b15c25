"""The README of the faults is what their classes and modules say.

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

import sim.faults
from sim.faults import FAULTS, Fault

README = Path(sim.faults.__file__).with_name("README.md")
MARK: Final = "<!-- From here on this file is made by tests/sim/faults/test_readme.py. -->\n"

#: How a target may look -> an example of it.
FORMS: Final = {"A": "r1/az1", "A<->B": "r1<->r2", "A->B": "r1->r2", "A,B,C": "r1,r2"}


def module_text(fault: type[Fault]) -> str:
    return inspect.getdoc(sys.modules[fault.__module__]) or ""


def takes(fault: type[Fault], target: str) -> bool:
    try:
        fault.check(target)
    except ValueError:
        return False
    return True


def forms(fault: type[Fault]) -> str:
    """Return the forms of a target that a fault takes, as it answers itself."""
    found = [form for form, target in FORMS.items() if takes(fault, target)]
    return ", ".join(f"`{form}`" for form in found) if takes(fault, "r1/az1") else "`REGION`"


def section(fault: type[Fault]) -> str:
    _, _, body = module_text(fault).partition("\n\n")
    broken = re.sub(r"\s+(Limits|Source):\s", r"\n\n\1: ", body)
    paragraphs = "\n\n".join(
        part if part.startswith("- ") else fill(part, 118, break_on_hyphens=False)
        for part in broken.split("\n\n")
    )
    options = "".join(
        f"- `{name}` (default `{option.default}`): {option.doc}\n"
        for name, option in fault.options.items()
    )
    summary = (fault.__doc__ or "").splitlines()[0]
    listed = f"\nOptions:\n\n{options}" if options else ""
    return f"### {fault.name}\n\n{summary}\n\n{paragraphs}\n{listed}".replace("``", "`")


def generated() -> str:
    rows = []
    for name in sorted(FAULTS):
        fault = FAULTS[name]
        options = " ".join(f"`{key}={option.default}`" for key, option in fault.options.items())
        stops, forgets = ("yes" if flag else "" for flag in (fault.stops, fault.forgets))
        rows.append(f"| [{name}](#{name}) | {forms(fault)} | {options} | {stops} | {forgets} |\n")
    table = (
        "| fault | target | options and defaults | may stop | may forget |\n|---|---|---|---|---|\n"
    )
    sections = "\n".join(section(FAULTS[name]) for name in sorted(FAULTS))
    return f"\n{table}{''.join(rows)}\n{sections}"


def test_the_readme_is_what_the_classes_say() -> None:
    head, mark, _ = README.read_text(encoding="utf-8").partition(MARK)
    assert mark
    if os.environ.get("NINES_REWRITE"):
        README.write_text(head + MARK + generated(), encoding="utf-8")
    assert README.read_text(encoding="utf-8") == head + MARK + generated()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_every_fault_tells_its_model_and_its_limits(fault: type[Fault]) -> None:
    text = " ".join(module_text(fault).split())
    assert text.count("Model: ") == 1
    assert text.count("Limits: ") == 1
    assert text.index("Model: ") < text.index("Limits: ")
