"""Regions whose object stores are behind the S3 API, in simulated worlds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from regional import CODEC
from shop import REGION, ROOT

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.latency import latency
from regions.topology import Topology, build, default_azs
from regions.trail.messages import ReadHistory
from scenarios.arena import Arena
from sim.world import SimWorld

EAST, WEST = REGION, "eu-west-1"
STORE = f"{EAST}/bucket"


@contextmanager
def small(*regions: str, seed: int = 7) -> Iterator[Arena]:
    """Yield regions that were not waited for: enough for what needs no KMS."""
    names = regions or (EAST,)
    topology = Topology(regions={name: default_azs(name) for name in names}, s3=True)
    with SimWorld(seed=seed, codec=CODEC, latency=latency) as world:
        yield Arena(world, build(world, topology))


def call(
    arena: Arena, action: str, who: Principal = ROOT, region: str = EAST, **parameters: Any
) -> dict[str, Any]:
    asked = ApiCall(
        service="s3", region=region, action=action, parameters=parameters,
        principal=who, source_ip="192.0.2.1", user_agent="test", request_id="",
    )  # fmt: skip
    answer: ApiAnswer = arena.world.ask(f"{region}/s3", asked)
    return answer.body


def get(arena: Arena, key: str, **more: Any) -> bytes:
    body: bytes = call(arena, "GetObject", Bucket="logs", Key=key, **more)["Body"]
    return body


def bodies(arena: Arena) -> list[str]:
    return [file for file in arena.world.disk(STORE).files() if file.startswith("body:")]


def records(arena: Arena, region: str = EAST) -> list[Any]:
    found = arena.world.ask(f"{region}/trail", ReadHistory()).records
    return [record for record in found if record.source == "s3.amazonaws.com"]


def restart(arena: Arena) -> None:
    arena.world.crash(STORE)
    arena.world.restart(STORE)


def cloudtrail(arena: Arena, action: str, region: str = EAST, **parameters: Any) -> dict[str, Any]:
    asked = ApiCall(
        service="cloudtrail", region=region, action=action, parameters=parameters, principal=ROOT,
        source_ip="192.0.2.1", user_agent="test", request_id="",
    )  # fmt: skip
    answer: ApiAnswer = arena.world.ask(f"{region}/trail", asked)
    return answer.body
