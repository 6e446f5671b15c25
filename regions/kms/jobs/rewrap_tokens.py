"""Wrapping of every key token under the active domain key, in batches.

A token that is not wrapped again before its domain key falls out of the ring is lost, so this is
due as soon as a rotation has left tokens behind.
Source: AWS KMS Cryptographic Details, "Domain keys".
"""

from typing import Any, Final

from regions.hsm import keytoken
from regions.hsm.commands import Rewrap
from regions.kms.changes import Command, TokensRewrapped
from regions.kms.job import Job
from regions.kms.keyring import Keyring

#: Tokens per HSM command; chosen: some 14 kB a message, and other calls get their turn between.
BATCH_TOKENS: Final = 100


class RewrapTokens(Job):
    """Bring the tokens of the longest-waiting keys under the active domain key."""

    name = "rewrap-tokens"

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the time of the rotation while tokens wait."""
        return keyring.domain_rotated_ns if keyring.stale_keys(1) else None

    def step(self, keyring: Keyring, now_ns: int) -> Rewrap:  # noqa: ARG002 - contract of jobs
        """Ask for one batch."""
        assert keyring.domain is not None, "due_ns() has looked"
        waiting = [
            material.token
            for key in keyring.stale_keys(BATCH_TOKENS)
            for material in key.materials
            if material.token and material.domain_key < keyring.domain.active_key
        ]
        return Rewrap(tokens=tuple(waiting))

    def change(
        self,
        keyring: Keyring,  # noqa: ARG002 - tokens say themselves whose they are
        now_ns: int,  # noqa: ARG002 - contract of jobs
        reply: Any,
        event_id: str,  # noqa: ARG002 - not an event of any account
    ) -> Command:
        """Store the batch, but for tokens that did not open."""
        opened = tuple(t for t in reply.tokens if keytoken.number_of(t) == reply.active_key)
        return Command(change=TokensRewrapped(tokens=opened), record=None)

    def tried(self, keyring: Keyring, command: Any) -> int:
        """Leave keys whose tokens do not open until the next rotation: others wait behind them."""
        asked = set(command.tokens)
        waiting = keyring.stale_keys(BATCH_TOKENS)
        found = [key.key_id for key in waiting if not asked.isdisjoint(key.tokens)]
        keyring.stale.set_aside(found)
        return len(found)
