"""A small world for tests of whole regions: booted, with one key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from regions.frames import FRAMES
from regions.latency import latency
from regions.topology import Topology, build, default_azs
from scenarios.arena import Arena
from sim.wire import Codec
from sim.world import SimWorld

CODEC = Codec(FRAMES)
REGION = "us-east-1"
AZS = tuple(f"{REGION}/{az}" for az in default_azs(REGION))
SECRET = b"attack at dawn"


@contextmanager
def booted(*regions: str, seed: int = 7, **options: Any) -> Iterator[Arena]:
    """Yield an arena whose regions serve; by default us-east-1 alone."""
    names = regions or (REGION,)
    topology = Topology(regions={name: default_azs(name) for name in names}, **options)
    with SimWorld(seed=seed, codec=CODEC, latency=latency) as world:
        arena = Arena(world, build(world, topology))
        arena.boot()
        yield arena


def create_key(arena: Arena, region: str = REGION, **parameters: Any) -> str:
    key_id: str = arena.api(region, "CreateKey", parameters)["KeyMetadata"]["KeyId"]
    arena.world.run_for(10**9)  # Every AZ has heard of it.
    return key_id


def encrypt(arena: Arena, key_id: str, region: str = REGION, **options: Any) -> bytes:
    parameters = {"KeyId": key_id, "Plaintext": SECRET}
    blob: bytes = arena.api(region, "Encrypt", parameters, **options)["CiphertextBlob"]
    return blob


def decrypt(arena: Arena, blob: bytes, region: str = REGION, **options: Any) -> bytes:
    answer = arena.api(region, "Decrypt", {"CiphertextBlob": blob}, **options)
    plaintext: bytes = answer["Plaintext"]
    return plaintext
