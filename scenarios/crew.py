"""Hires the callers of a scenario: how many of which kind stand where, and who they are.

What does not belong here: what callers do (workloads/), and a replayed log's callers, who are
those of the log (workloads/replay.py).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from regions.calls import Principal
from scenarios.accounts import ACCOUNT, ALLOW_ALL
from scenarios.arena import Arena
from scenarios.scenario import Workload
from scenarios.workloads import WORKLOADS
from scenarios.workloads.sdk import ClientConfig


def start(arena: Arena, workloads: Sequence[Workload], stop_ns: int) -> None:
    """Start every caller of some workloads.

    Args:
      stop_ns: world time after which they begin nothing new.
    Raises:
      OptionError: a workload has an option that its kind does not know.
    """
    hired: Counter[tuple[str, str]] = Counter()
    for workload in workloads:
        kind = WORKLOADS[workload.kind]
        settings = kind.settings(workload.options)
        for region in workload.regions or arena.regions:
            for _ in range(workload.clients):
                # Two workloads of one kind share a count, so that their names differ.
                number = hired[kind.label, region]
                hired[kind.label, region] += 1
                name = f"{kind.label}-{number}"
                config = client(
                    arena,
                    region,
                    kind.equip(settings, user("intruder", allowed=False)),
                    user(name),
                    stop_ns,
                )
                arena.world.start(kind, config, name=f"{region}/clients/{name}")


def client(
    arena: Arena, region: str, settings: Any, principal: Principal, stop_ns: int
) -> ClientConfig:
    """Return the configuration of one caller in a region."""
    return ClientConfig(
        region=region,
        router=arena.deployment.routers[region],
        principal=principal,
        history=arena.history,
        witness=arena.witness,
        stop_ns=stop_ns,
        settings=settings,
    )


def user(name: str, *, allowed: bool = True) -> Principal:
    """Return an IAM user of the scenarios' account, with all permissions or none."""
    return Principal(
        kind="IAMUser",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/{name}",
        principal_id="AIDA" + name.upper().replace("-", "").ljust(17, "X")[:17],
        user_name=name,
        access_key_id="AKIA" + name.upper().replace("-", "").ljust(16, "X")[:16],
        policies=(ALLOW_ALL,) if allowed else (),
    )
