"""Regions tell each other of themselves and of their trails, and no more often than needed."""

from types import ModuleType

from regions.names import REGIONS
from regions.trail.messages import RegionJoined, TrailShadow
from regions.trail.trail import Trail, TrailConfig
from sim.units import seconds
from sim.world import SimWorld


def test_thirty_regions_that_start_together_greet_each_other_once(made: ModuleType) -> None:
    # Each greets all others, and each greeting is answered with what its host owes to that one.
    names = list(REGIONS)[:30]
    sites = tuple(
        RegionJoined(region=name, trail=f"{name}/trail", bucket=f"{name}/bucket") for name in names
    )
    with SimWorld(seed=1, codec=made.CODEC) as world:
        told: list[type] = []
        world.tap_frames(lambda _from, _to, frame: told.append(type(made.CODEC.decode(frame))))
        for name in names:
            world.start(Trail, TrailConfig(region=name, regions=sites), name=f"{name}/trail")
        world.run_for(seconds(5))
        assert told.count(RegionJoined) == 30 * 29
        assert told.count(TrailShadow) == 0
        archives = [world.kernel.cells[f"{name}/trail"].actor.archive for name in names]
        assert [sorted(archive.regions) for archive in archives] == [sorted(names)] * 30
        assert all(not world.kernel.cells[f"{n}/trail"].actor._gossip._owed for n in names)
