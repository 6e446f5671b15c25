"""Hires the callers of a scenario: how many of which kind stand where, and who they are.

What does not belong here: what callers do (workloads/), and a replayed log's callers, who are
those of the log (workloads/replay.py).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from regions.calls import Principal
from regions.topology import LAUNCH_REGION
from scenarios.accounts import ACCOUNT, ALLOW_ALL
from scenarios.arena import Arena
from scenarios.scenario import Workload
from scenarios.workloads import WORKLOADS
from scenarios.workloads.sdk import ClientConfig
from sim.units import seconds

#: Callers of a region that is launched begin so long after it; chosen: no region takes longer to
#: boot, and whoever is earlier tries again.
MOVE_IN_NS: Final = seconds(10)


def start(
    arena: Arena, workloads: Sequence[Workload], stop_ns: int, regions: Sequence[str] = ()
) -> None:
    """Start every caller of some workloads.

    Args:
      stop_ns: world time after which they begin nothing new.
      regions: where workloads of all regions stand, if not in all that there are.
    Raises:
      OptionError: a workload has an option that its kind does not know.
    """
    hired: Counter[tuple[str, str]] = Counter()
    for workload in workloads:
        kind = WORKLOADS[workload.kind]
        settings = kind.settings(workload.options)
        for region in workload.regions or regions or arena.regions:
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


def move_in(arena: Arena, workloads: Sequence[Workload], stop_ns: int) -> None:
    """Have workloads of all regions stand in those too that are launched from now on."""
    world = arena.world
    launch = world.orders[LAUNCH_REGION]
    everywhere = [workload for workload in workloads if not workload.regions]

    def launch_and_move_in(region: str, azs: tuple[str, ...] = ()) -> None:
        launch(region, azs)
        begin_ns = world.now_ns + MOVE_IN_NS
        if begin_ns < stop_ns:
            world.at(begin_ns, start, arena, everywhere, stop_ns, (region,))

    world.orders[LAUNCH_REGION] = launch_and_move_in


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
