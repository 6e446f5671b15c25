"""One more AZ for a region of a running world: its actors, each configured as its sibling.

What does not belong here: how a region begins (topology.py), and how it takes an AZ in
(membership.py).
Source: the AZ ids are AWS's own (names.py).
"""

from dataclasses import replace
from typing import Any

from regions.az import AzConfig
from regions.hsm.hsm import HsmConfig
from regions.names import REGIONS, beside, place_of
from regions.replication.node import NodeConfig
from regions.topology import TopologyError
from regions.trail.recorder import RecorderConfig
from sim.world import World


def places_of(world: World, region: str) -> tuple[str, ...]:
    """Return ``REGION/AZ`` of every AZ that a region has or ever had, in order of their start."""
    names = world.names(region)
    return tuple(place_of(name) for name in names if name.endswith("/node"))


def next_az(world: World, region: str) -> str:
    """Return the first AZ id of a region where nothing was ever launched.

    Raises:
      TopologyError: there is none.
    """
    used = places_of(world, region)
    for az in REGIONS[region]:
        if f"{region}/{az}" not in used:
            return az
    known = ", ".join(REGIONS[region])
    raise TopologyError(f"region {region!r} has no AZ left to launch; it had: {known}")


def launch_az(world: World, region: str, az: str) -> str:
    """Start the actors of an AZ, each configured as its sibling of another AZ; return its node.

    Raises:
      TopologyError: the AZ id is not of that region, or something was launched there before.
    """
    places = places_of(world, region)
    place = f"{region}/{az}"
    if az not in REGIONS[region]:
        known = ", ".join(REGIONS[region])
        raise TopologyError(f"AZ {az!r} of {region}: expected one of {known}")
    if place in places:
        raise TopologyError(f"AZ {az!r} of {region} was launched before; a name is used once")
    model = places[0]
    cells = [world.kernel.cells[name] for name in world.names(model)]
    for cell in cells:
        assert cell.cls is not None, f"{cell.name} is no actor"
        name = f"{place}/{cell.name.rpartition('/')[2]}"
        world.start(cell.cls, _moved(cell.config, name, place, places), name=name)
    return f"{place}/node"


def _moved(config: Any, name: str, place: str, others: tuple[str, ...]) -> Any:
    """Return a sibling's configuration as it is in another place."""
    if isinstance(config, HsmConfig):
        return replace(config, host=f"{place}/az")
    if isinstance(config, RecorderConfig):
        return replace(config, az=f"{place}/az", peers=beside(name, others))
    if isinstance(config, NodeConfig):
        return replace(config, az=f"{place}/az", peers=beside(name, others), joins=True)
    assert isinstance(config, AzConfig), f"{name} cannot be launched with {config!r}"
    own = tuple(f"{place}/{hsm.rpartition('/')[2]}" for hsm in config.fleet.own)
    hsms = tuple(hsm for mine in own for hsm in beside(mine, others))
    recorder = f"{place}/recorder"
    return replace(
        config,
        node=f"{place}/node",
        recorder=recorder,
        fleet=replace(config.fleet, own=own, others=hsms),
        witnesses=beside(recorder, others),
    )
