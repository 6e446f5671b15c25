"""Replicas of a region converge: when all is quiet, every AZ holds the same key store.

What does not belong here: how replicas are compared inside an AZ; they state a digest.
"""

from typing import ClassVar

from scenarios.arena import Arena
from scenarios.invariants.promise import Promise


class ReplicaConvergence(Promise):
    """Replicas of a region converge once faults have healed."""

    name: ClassVar[str] = "replica-convergence"
    compared: ClassVar[str] = "digests of all replicas of each region, when all was quiet"

    def conclude(self, arena: Arena) -> None:
        """Ask every AZ that has power for its digest."""
        for region, azs in arena.deployment.azs.items():
            states = {az: arena.replica(az) for az in azs}
            digests = {az: state.digest for az, state in states.items() if state is not None}
            self.checked += len(digests)
            reference = next(iter(digests.values()), b"")
            for az, digest in digests.items():
                if digest != reference:
                    first = next(iter(digests))
                    text = f"{az} holds another key store than {first} in quiet {region}"
                    excuse = arena.allowance.keys(region)
                    self.fail(arena.world.now_ns, text, excuse=excuse)
