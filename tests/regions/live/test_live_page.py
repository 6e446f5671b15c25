"""The page of the live regions names every action that is built.

With ``NINES_REWRITE=1`` its table is written anew; the difference is read before it is committed.
"""

import os
from importlib import import_module
from pathlib import Path

import regions.live

PAGE = Path(regions.live.__file__).parent / "README.md"
BEGIN, END = "<!-- table: operations -->\n", "<!-- end -->\n"
#: Service -> the package with its table of operations.
SERVICES = {
    "kms": "regions.kms.operations",
    "cloudtrail": "regions.trail.operations",
    "cloudtrail, of event data stores": "regions.lake.operations",
    "s3": "regions.s3.operations",
    "iam": "regions.iam.operations",
    "sts": "regions.sts.operations",
    "sns": "regions.sns.operations",
    "logs": "regions.logs.operations",
    "events": "regions.events.operations",
}


def table() -> str:
    lines = ["| service | actions |", "|---|---|"]
    for service, package in SERVICES.items():
        names = sorted(import_module(package).OPERATIONS)
        lines.append(f"| {service} | {' '.join(f'`{name}`' for name in names)} |")
    return "\n".join(lines) + "\n"


def test_the_page_names_every_action_of_every_service() -> None:
    head, found, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert found, f"{PAGE} has no place for the table"
    old, _, tail = rest.partition(END)
    if os.environ.get("NINES_REWRITE"):
        PAGE.write_text(head + BEGIN + table() + END + tail, encoding="utf-8")
    else:
        assert old == table(), "NINES_REWRITE=1 writes it anew"
