"""``nines lint``: advice on the trails of an account.

What does not belong here: the advice (scenarios/audit/advice.py), and finding the trails
(scenarios/audit/setup.py).
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    PROMISE_BROKEN,
    PROMISES_HOLD,
    InputError,
    Load,
    write,
)


@click.command("lint", short_help="Give advice on the trails of an account.")
@click.argument("source", metavar="[SOURCE]", default="")
@click.option("--endpoint", metavar="URL", default="",
              help="Ask the server there, such as `nines serve`; by default the environment's"
                   " AWS_ENDPOINT_URL, or AWS.")
@click.option("--region", "regions", multiple=True, metavar="REGION",
              help="Ask this region; may be repeated. By default the environment's.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.pass_obj
def command(
    load: Load,
    /,
    source: str,
    endpoint: str,
    regions: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """Say what a careful operator would set otherwise: coverage, validation, keys, buckets.

    SOURCE is a file with what `aws cloudtrail describe-trails` prints, a kept run, or a folder of
    CloudTrail files, whose events tell of trails. Without one a server is asked: the one of
    --endpoint, or of the environment. The exit status is 1 if there is advice of level `should`.
    """
    from scenarios.audit.advice import SHOULD, advice  # noqa: PLC0415 - `nines --help`
    from scenarios.audit.setup import SetupError  # noqa: PLC0415 - need not wait

    try:
        setup = _setup(load, source, endpoint, regions, quiet=quiet)
    except SetupError as error:
        raise InputError(str(error)) from error
    found = advice(setup)
    if as_json:
        values = {
            "trails": [dataclasses.asdict(one) for one in setup.trails],
            "buckets": [dataclasses.asdict(one) for one in setup.buckets],
            "advice": [dataclasses.asdict(one) for one in found],
        }
        write(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    else:
        write(_told(setup, found))
    return PROMISE_BROKEN if any(one.level == SHOULD for one in found) else PROMISES_HOLD


def _setup(
    load: Load, source: str, endpoint: str, regions: tuple[str, ...], *, quiet: bool
) -> Any:
    """Return the trails that a source, or an endpoint, tells of."""
    from scenarios.audit import setup  # noqa: PLC0415

    if source and (endpoint or regions):
        raise InputError("SOURCE needs no server; expected no --endpoint and no --region")
    if not source:
        from scenarios.audit.asking import Endpoint  # noqa: PLC0415

        server = Endpoint(endpoint)
        asked = regions or tuple(one for one in [server.region] if one)
        if not asked:
            raise InputError("no region is named; expected --region or AWS_REGION")
        return setup.of_endpoint(server.ask, asked)
    if Path(source).is_file():
        return setup.of_file(Path(source))
    from scenarios import log_sources  # noqa: PLC0415

    return log_sources.trails_of(load, source, quiet=quiet)


def _told(setup: Any, found: list[Any]) -> str:
    lines = []
    for trail in setup.trails:
        words = {True: "all regions", False: f"{trail.home or 'one region'} alone", None: "?"}
        state = {True: ", logging", False: ", not logging", None: ""}[trail.logging]
        lines.append(f"trail {trail.name}: {words[trail.multi_region]}{state}")
    if not setup.trails:
        lines.append("no trail")
    lines.append("")
    for one in found:
        subject = f"{one.subject}: " if one.subject else ""
        lines.append(f"{one.level:6}  {one.name}: {subject}{one.text}")
    if not found:
        lines.append("nothing to advise")
    return "\n".join(lines) + "\n"
