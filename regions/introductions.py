"""What actors know of other regions, and how they learn of one that is launched later.

Their configurations name every region; each of these functions returns one that names one more,
which a restart reads. Routers, AZs and S3 endpoints are told at once (RegionJoined), as the Trail
actors tell each other.
What does not belong here: starting the new region's actors (topology.py).
Source: ARCHITECTURE, "Residency": keys are regional, and only names are known everywhere.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from regions.az import AzConfig
from regions.lake.lake import LakeConfig
from regions.router import RouterConfig, with_region
from regions.s3.endpoint import S3Config, with_site
from regions.trail.messages import RegionJoined
from regions.trail.trail import TrailConfig


def _of_az(config: AzConfig, joined: RegionJoined) -> AzConfig:
    return replace(config, sites=(*config.sites, joined.region))


def _of_trail(config: TrailConfig, joined: RegionJoined) -> TrailConfig:
    lake = joined.services.get("lake", "")
    lakes = (*config.lakes, lake) if lake else config.lakes
    return replace(config, regions=(*config.regions, joined), lakes=lakes)


def _of_lake(config: LakeConfig, joined: RegionJoined) -> LakeConfig:
    return replace(
        config,
        trails={**config.trails, joined.region: joined.trail},
        buckets={**config.buckets, joined.region: joined.bucket},
    )


def _of_router(config: RouterConfig, joined: RegionJoined) -> RouterConfig:
    return replace(config, endpoints=with_region(config.endpoints, joined))


def _of_s3(config: S3Config, joined: RegionJoined) -> S3Config:
    return replace(config, sites=with_site(config.sites, joined))


_INTRODUCE: Final[dict[type[Any], Callable[[Any, RegionJoined], Any]]] = {
    AzConfig: _of_az,
    LakeConfig: _of_lake,
    RouterConfig: _of_router,
    S3Config: _of_s3,
    TrailConfig: _of_trail,
}
#: Those who are told at once; a lake reads its configuration when it starts again.
TOLD: Final = (AzConfig, RouterConfig, S3Config)


def introduced(config: Any, joined: RegionJoined) -> Any:
    """Return an actor's configuration as it is with one more region; itself if it names none."""
    introduce = _INTRODUCE.get(type(config))
    return config if introduce is None else introduce(config, joined)
