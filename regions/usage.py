"""An AZ host's notes of which keys it used, on their way into the region's replicated state.

Notes gather for a while and are proposed together, so that the busiest key costs one entry in all
that time; nothing is proposed while nothing is used. Notes of a host that loses its power meanwhile
are lost, and what could not be agreed on is proposed with what is noted next.
What does not belong here: what a use is, and who asks for it (kms/usage.py).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from regions.kms.changes import Command
from regions.kms.keyring import Keyring
from regions.kms.usage import UsageNoted
from regions.replication.messages import NotCommitted
from regions.trail.record import AuditRecord
from sim.actor import Actor, Expired
from sim.units import minutes
from sim.wire import Overloaded, Unreachable

#: How long notes gather; chosen: the service itself promises no time.
GATHER_NS: Final = minutes(15)
#: Uses per entry of the log; chosen: some 15 kB, and other entries get their turn between.
BATCH_USES: Final = 100


class UsageNotes:
    """What one host has to tell of its own.

    Args:
      host: the AZ.
      keyring: its replica.
      commit: has a command agreed on.
    """

    def __init__(
        self, host: Actor, keyring: Keyring, commit: Callable[[Command], Awaitable[object]]
    ) -> None:
        self._host, self._keyring, self._commit = host, keyring, commit
        self._gathering = False

    def note(self, record: AuditRecord) -> None:
        """Note a call that was answered."""
        if self._keyring.uses.note(record) and not self._gathering:
            self._gathering = True
            self._host.after(GATHER_NS, self._host.spawn, self._tell)

    async def _tell(self) -> None:
        while uses := self._keyring.uses.noted(BATCH_USES):
            try:
                await self._commit(Command(change=UsageNoted(uses=uses), record=None))
            except (NotCommitted, Expired, Overloaded, Unreachable):
                break  # They are kept, and told with the next.
        self._gathering = False
