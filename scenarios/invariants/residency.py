"""Key material stays in its region, wrapped or not.

Between regions only API calls and answers, trail settings and delivered log files travel. A frame
of any other kind (replication, HSM commands, key changes) that crosses a border breaks the
promise, and so does any frame that contains a wrapped token or a key.
What does not belong here: multi-region keys, which do not exist here yet.
Source: AWS KMS Developer Guide: keys never leave the region they were created in.
"""

from typing import ClassVar, Final

from regions.latency import region_of
from scenarios.arena import Arena
from scenarios.invariants.promise import Promise

_MATERIAL: Final = ("backing-key", "domain-key", "key-token", "domain-token")
#: Names of what may cross a border; everything else in the frame table may not.
_MAY_CROSS: Final = frozenset(
    {
        "ApiCall",
        "ApiAnswer",
        "Publish",
        "Published",
        "TrailShadow",
        "ShadowKept",
        "RegionJoined",
        "RegionWelcomed",
        "HeadBucket",
        "BucketReady",
        "CreateBucket",
        "PutObject",
        "ObjectStored",
        "NoSuchBucket",
        "NoSuchKey",
        "BucketAlreadyExists",
        "Overloaded",
        "Unreachable",
    }
)


class Residency(Promise):
    """No frame between regions holds key material, wrapped or not."""

    name: ClassVar[str] = "residency"
    compared: ClassVar[str] = "every frame that crossed a border, its kind and its bytes"

    def attach(self, arena: Arena) -> None:
        """Tap every frame that crosses a border."""
        world = arena.world
        codec = world.kernel.codec
        assert codec is not None
        find = world.kernel.secrets.find
        places: dict[str, str] = {}

        def region(name: str) -> str:
            found = places.get(name)
            if found is None:
                found = places[name] = region_of(name) if "/" in name else ""
            return found

        def frame(source: str, target: str, data: bytes) -> None:
            one, other = region(source), region(target)
            if one == other or not one or not other:
                return
            self.checked += 1
            what = codec.name(data)
            if what not in _MAY_CROSS and not what.endswith("Exception"):
                self.fail(world.now_ns, f"{what} crossed from {source} to {target}")
            kind = find(data, _MATERIAL)
            if kind is not None:
                self.fail(world.now_ns, f"a {kind} crossed in {what} from {source} to {target}")

        world.tap_frames(frame)
