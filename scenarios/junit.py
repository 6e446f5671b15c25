"""A campaign's outcomes as a JUnit XML file, which build servers show.

What does not belong here: deciding what failed (swarm.py).
Source: the common subset of JUnit XML as read by Jenkins and GitLab: testsuites, testsuite,
testcase, failure, error, properties.
"""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scenarios.swarm_worker import BROKEN, Outcome


def to_xml(outcomes: Iterable[Outcome], *, missed: Iterable[str] = ()) -> str:
    """Return the XML text: one test case for each seed, and one for each probe that was missed."""
    found, probes = list(outcomes), list(missed)
    broken = sum(outcome.verdict == BROKEN for outcome in found)
    errors = sum(not outcome.holds for outcome in found) - broken
    root = Element("testsuites")
    suite = SubElement(
        root,
        "testsuite",
        name="nines swarm",
        tests=str(len(found) + len(probes)),
        failures=str(broken + len(probes)),
        errors=str(errors),
        time=f"{sum(outcome.wall_s for outcome in found):.3f}",
    )
    for outcome in found:
        case = SubElement(
            suite,
            "testcase",
            classname="nines.swarm",
            name=f"seed {outcome.task.key}",
            time=f"{outcome.wall_s:.3f}",
        )
        if outcome.holds:
            continue
        kind = "failure" if outcome.verdict == BROKEN else "error"
        what = ", ".join(outcome.broken) or outcome.verdict
        mark = SubElement(case, kind, message=_clean(what), type=outcome.verdict)
        mark.text = _clean(f"{outcome.detail}\nagain: nines run {outcome.folder}")
    for name in probes:
        case = SubElement(suite, "testcase", classname="nines.probe", name=name)
        SubElement(case, "failure", message="no run of the campaign got there", type="missed")
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Return a text without characters that XML forbids."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)
