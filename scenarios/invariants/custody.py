"""No key in the clear where none may be: not in frames, not on disks.

A backing key or domain key in the clear exists only inside an HSM; a data key may travel to its
owner, but no disk of the service ever holds one. Frames are sampled, disk blocks are all read.
What does not belong here: which bytes are secret; the vault announces them to the registry.
Source: AWS KMS Cryptographic Details, "Design goals"; ARCHITECTURE, "Key custody".
"""

from typing import ClassVar, Final

from scenarios.arena import Arena
from scenarios.invariants.promise import Promise

_NEVER_ON_WIRES: Final = ("backing-key", "domain-key")
_NEVER_ON_DISKS: Final = ("backing-key", "domain-key", "data-key")
#: One frame in so many is read; a campaign reads them all.
SAMPLE: Final = 16


class Custody(Promise):
    """No frame and no disk block holds a backing or domain key in the clear, no disk a data key."""

    name: ClassVar[str] = "custody"
    compared: ClassVar[str] = "every disk block and one frame in sixteen, for secrets of every HSM"
    sample: ClassVar[int] = SAMPLE

    def __init__(self) -> None:
        super().__init__()
        self._frames = 0

    def attach(self, arena: Arena) -> None:
        """Tap every link and every disk."""
        world = arena.world
        find = world.kernel.secrets.find

        def frame(source: str, target: str, data: bytes) -> None:
            self._frames += 1
            if self._frames % self.sample == 0:
                self.checked += 1
                kind = find(data, _NEVER_ON_WIRES)
                if kind is not None:
                    self.fail(world.now_ns, f"a {kind} in the clear went from {source} to {target}")

        def block(disk: str, file: str, offset: int, data: bytes) -> None:
            self.checked += 1
            kind = find(data, _NEVER_ON_DISKS)
            if kind is not None:
                where = f"{disk}, file {file!r}, behind byte {offset}"
                self.fail(world.now_ns, f"a {kind} in the clear is on disk {where}")

        world.tap_frames(frame)
        world.tap_blocks(block)
