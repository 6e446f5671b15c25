"""Applications that are ready for the loss of a region: multi-Region keys, and a second endpoint.

Steady callers, each with a key that is primary at home and has a replica elsewhere. A call that
fails for good at home is made elsewhere, and so are all others for a while, before home is tried
again. What was sealed at home is opened elsewhere: with material that only such a key may send.
What does not belong here: work in several regions at once (multi_region.py), the steady part
(steady.py), retries of one call (sdk.py).
Limits: nobody moves the primary; keys whose material their owner imports in both regions.
Source: AWS KMS Developer Guide, "Multi-Region keys"; how long callers stay away is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import ServiceError
from regions.names import REGIONS
from scenarios.options import OptionError
from scenarios.witness import Keepsake, digest
from scenarios.workloads.sdk import Unavailable
from scenarios.workloads.steady import SECRET, SteadyClient, SteadySettings
from sim.units import ms, seconds

#: A replica that is being made is asked for again after this; chosen.
_REPLICA_RETRY_NS: Final = ms(500)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverSettings(SteadySettings):
    """Where the replicas are, and how long callers stay there."""

    elsewhere: str = ""  #: region of the replicas; no file can leave it out
    stay_ns: int = seconds(30)  #: how long a caller stays elsewhere before it tries home again


class FailoverClient(SteadyClient):
    """Applications that call another region, where their key has a replica, when home fails."""

    Settings: ClassVar[type[Any] | None] = FailoverSettings
    label: ClassVar[str] = "roamer"

    @classmethod
    def settings(cls, options: Mapping[str, Any]) -> Any:
        """Return the settings that a scenario file's options stand for.

        Raises:
          OptionError: a key is unknown, or its value is none; the error knows which.
        """
        found = super().settings(options)
        if found.elsewhere not in REGIONS:
            said = repr(found.elsewhere) if found.elsewhere else "nothing"
            problem = f"expected the region of the replicas, such as 'us-west-2', not {said}"
            raise OptionError(("elsewhere",), problem)
        return found

    def start(self) -> None:
        """Begin at home."""
        self._home_again_ns = 0
        self._replicated = False
        super().start()

    async def prepare(self) -> None:
        """Make the key and its replica, and the blob that is decrypted all day.

        Raises:
          ServiceError: the service refused, and a retry would not help.
          Unavailable: every attempt failed.
        """
        elsewhere = self.config.settings.elsewhere
        if not self.key_id:
            given = {"MultiRegion": True, "Description": f"work of {self.name}"}
            self.key_id = (await self.api("CreateKey", given))["KeyMetadata"]["KeyId"]
            self.key_made(self.key_id)
        if not self._replicated:
            await self.api("ReplicateKey", {"KeyId": self.key_id, "ReplicaRegion": elsewhere})
            self._replicated = True
        while await self._replica_state() != "Enabled":
            await self.sleep(_REPLICA_RETRY_NS)
        sealed = await self.api("Encrypt", {"KeyId": self.key_id, "Plaintext": SECRET})
        self.blob = sealed["CiphertextBlob"]
        self.must_open(self.key_id, self.blob, SECRET)
        witness = self.config.witness
        witness.key_acknowledged(elsewhere, self.key_id, self.world_ns)
        witness.keepsakes.append(
            Keepsake(
                region=elsewhere,
                key_id=self.key_id,
                principal=self.config.principal,
                blob=self.blob,
                context={},
                plaintext_digest=digest(SECRET),
            )
        )

    async def _replica_state(self) -> str:
        asked = {"KeyId": self.key_id}
        shown = await self.api("DescribeKey", asked, region=self.config.settings.elsewhere)
        return str(shown["KeyMetadata"]["KeyState"])

    async def perform(self, action: str, region: str = "") -> None:
        """Make one call at home, or elsewhere when home does not answer it.

        Raises:
          ServiceError: the other region refused too, and a retry would not help.
          Unavailable: every attempt failed, in both regions.
        """
        settings: FailoverSettings = self.config.settings
        if self.now_ns >= self._home_again_ns:
            try:
                await super().perform(action, region)
            except (Unavailable, ServiceError):
                self._home_again_ns = self.now_ns + settings.stay_ns
            else:
                return
        await super().perform(action, settings.elsewhere)
