"""What was encrypted comes back, byte by byte, whenever decryption answers at all.

What does not belong here: that decryption answers (availability is measured, not promised).
"""

from typing import ClassVar

from scenarios.arena import Arena
from scenarios.invariants.promise import Promise


class PlaintextFidelity(Promise):
    """Decrypt returns what was encrypted, as the callers themselves compared it."""

    name: ClassVar[str] = "plaintext-fidelity"
    compared: ClassVar[str] = "callers compared what came back with what they had encrypted"

    def conclude(self, arena: Arena) -> None:
        """Take over what the callers saw."""
        self.checked = arena.witness.opened
        for time_ns, text in arena.witness.mismatches:
            self.fail(time_ns, text)
