"""Families of multi-Region keys in small worlds, with the regions' own residency promise attached."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kms_wrapping import bring
from regional import booted, create_key

from regions.az import Az
from regions.kms.key import Key
from scenarios.arena import Arena
from scenarios.invariants.residency import Residency
from sim.units import seconds

A, B, C = "us-east-1", "eu-west-1", "ap-northeast-1"


@contextmanager
def world(*regions: str, seed: int = 7) -> Iterator[tuple[Arena, Residency]]:
    with booted(*regions, seed=seed) as arena:
        promise = Residency()
        promise.attach(arena)
        yield arena, promise


def family(arena: Arena, *replicas: str, **parameters: Any) -> str:
    """Return a key that is primary in A and has replicas elsewhere."""
    key_id = create_key(arena, A, MultiRegion=True, **parameters)
    for region in replicas:
        arena.api(A, "ReplicateKey", {"KeyId": key_id, "ReplicaRegion": region})
    arena.world.run_for(seconds(5))
    return key_id


def seen(arena: Arena, region: str, key_id: str) -> Any:
    return arena.api(region, "DescribeKey", {"KeyId": key_id})["KeyMetadata"]


def arn(region: str, key_id: str) -> str:
    return f"arn:aws:kms:{region}:111122223333:key/{key_id}"


def kept(arena: Arena, region: str, key_id: str) -> Key | None:
    """Return the key as the region's furthest replica keeps it."""
    azs = [arena.world.kernel.cells[name].actor for name in arena.deployment.azs[region]]
    up = [az for az in azs if isinstance(az, Az)]
    return max(up, key=lambda az: az._applied).keyring.key(key_id)


def primaries(arena: Arena, key_id: str) -> list[str]:
    found = {region: kept(arena, region, key_id) for region in arena.deployment.azs}
    return [r for r, key in found.items() if key and key.family and key.family.primary == r]


class AtRegion:
    """An owner of key material at one region's endpoint."""

    def __init__(self, arena: Arena, region: str) -> None:
        self.arena, self.region = arena, region

    def call(self, action: str, **parameters: Any) -> Any:
        return self.arena.api(self.region, action, parameters)


def imported(arena: Arena, key_id: str, material: bytes, *regions: str, **more: Any) -> None:
    for region in regions:
        bring(AtRegion(arena, region), key_id, material, **more)
        arena.world.run_for(seconds(5))
