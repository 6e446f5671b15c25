"""No acknowledged key is lost: every AZ still describes it and opens what it once sealed.

What does not belong here: faults beyond the budget, here any one AZ of a region at a time; a
scenario that exceeds it and still keeps its keys is welcome to claim this promise too.
"""

from typing import ClassVar

from regions.calls import Principal
from regions.errors import ServiceError
from scenarios.arena import Arena
from scenarios.invariants.promise import Promise
from scenarios.witness import Keepsake, digest
from sim.actor import Expired
from sim.wire import Refusal


class KeySurvival(Promise):
    """An acknowledged key survives every fault within budget, in every AZ of its region."""

    name: ClassVar[str] = "key-survival"
    compared: ClassVar[str] = "every AZ described every key and opened its first blob"

    def examine(self, arena: Arena) -> None:
        """Ask each AZ itself for every key, and have it open the first blob of each."""
        owners = {keepsake.key_id: keepsake.principal for keepsake in arena.witness.keepsakes}
        for region, key_id in arena.witness.keys:
            for az in arena.deployment.azs[region]:
                self.checked += 1
                self._describe(arena, region, az, key_id, owners.get(key_id))
        for keepsake in arena.witness.keepsakes:
            for az in arena.deployment.azs[keepsake.region]:
                self.checked += 1
                self._open(arena, az, keepsake)

    def _describe(
        self, arena: Arena, region: str, az: str, key_id: str, owner: Principal | None
    ) -> None:
        try:
            arena.api(region, "DescribeKey", {"KeyId": key_id}, owner, to=az)
        except (ServiceError, Expired, Refusal) as error:
            self.fail(arena.world.now_ns, f"{az} does not describe key {key_id}: {_short(error)}")

    def _open(self, arena: Arena, az: str, keepsake: Keepsake) -> None:
        parameters = {"CiphertextBlob": keepsake.blob, "EncryptionContext": keepsake.context}
        try:
            answer = arena.api(keepsake.region, "Decrypt", parameters, keepsake.principal, to=az)
        except (ServiceError, Expired, Refusal) as error:
            if getattr(error, "code", "") in ("DisabledException", "KMSInvalidStateException"):
                return  # Its owner disabled it or scheduled its deletion: the key is there.
            text = f"{az} does not open the first blob of {keepsake.key_id}: {_short(error)}"
            self.fail(arena.world.now_ns, text)
            return
        what = f"Decrypt of the first blob of {keepsake.key_id} at {az}"
        expected, opened = keepsake.plaintext_digest, answer["Plaintext"]
        arena.witness.compare(arena.world.now_ns, what, expected, opened)
        if digest(opened) != expected:
            text = f"{az} opens the first blob of {keepsake.key_id} to other bytes"
            self.fail(arena.world.now_ns, text)


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0]
