"""Daily rotation of the region's domain key.

What does not belong here: bringing the new token to the HSMs (the AZs do, once it is stored).
Source: AWS KMS Cryptographic Details, "Domain keys": rotated on a daily basis.
"""

from itertools import islice
from typing import Any, Final

from regions.hsm.commands import RotateDomainKey as Rotate
from regions.kms.changes import Command, DomainTokenStored
from regions.kms.job import Job
from regions.kms.keyring import Keyring
from sim.units import days

ROTATION_NS: Final = days(1)
#: As many tokens as one batch of the rewrap job; more are left to it.
TOKENS_MAX: Final = 100


class RotateDomainKey(Job):
    """Have an HSM issue a domain token with a fresh active key, and save a few tokens with it."""

    name = "rotate-domain-key"

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return a day after the last rotation."""
        return None if keyring.domain is None else keyring.domain_rotated_ns + ROTATION_NS

    def step(self, keyring: Keyring, now_ns: int) -> Rotate:  # noqa: ARG002 - contract of jobs
        """Ask for the new token; where keys are few, theirs come along in the same step."""
        assert keyring.domain is not None, "due_ns() has looked"
        found = islice((material.token for _, material in keyring.tokens()), TOKENS_MAX + 1)
        tokens = tuple(found)
        if len(tokens) > TOKENS_MAX:
            tokens = ()  # The job after this one brings them over in batches.
        return Rotate(token=keyring.domain.token, tokens=tokens)

    def change(
        self,
        keyring: Keyring,  # noqa: ARG002 - contract of jobs
        now_ns: int,
        reply: Any,
        event_id: str,  # noqa: ARG002 - not an event of any account
    ) -> Command:
        """Store the token."""
        stored = DomainTokenStored(
            token=reply.token,
            version=reply.version,
            active_key=reply.active_key,
            members=reply.members,
            time_ns=now_ns,
            tokens=reply.tokens,
        )
        return Command(change=stored, record=None)
