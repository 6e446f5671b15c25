"""No key in the clear where none may be: not in frames, not on disks.

A backing key or domain key in the clear exists only inside an HSM; a data key may travel to its
owner, but no disk of the service ever holds one. Frames are sampled, or all read in a thorough
run; disk blocks are all read, and no audit record has a member for a plaintext. An HSM that gets
its power back, or was tampered with, is asked for something at once: it must have nothing to do
it with, until a domain token has reached it.
What does not belong here: which bytes are secret; the vault announces them to the registry.
Source: AWS KMS Cryptographic Details, "Design goals"; ARCHITECTURE, "Key custody".
"""

from typing import Any, ClassVar, Final

from regions.hsm.commands import HsmPlaintext, HsmRandom
from scenarios.arena import Arena
from scenarios.invariants.promise import Promise
from sim.actor import Expired
from sim.trace import Event
from sim.units import ms

_NEVER_ON_WIRES: Final = ("backing-key", "domain-key", "imported-key", "digest-key")
_NEVER_ON_DISKS: Final = ("backing-key", "domain-key", "data-key", "imported-key", "digest-key")
#: One frame in so many is read; a campaign reads them all.
SAMPLE: Final = 16
#: An HSM takes longer than this to be asked in and to verify a domain token; chosen.
_EMPTY_NS: Final = ms(1)


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
            if self._frames % self.sample == 0 or arena.thorough:
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
        hsms = {name for names in arena.deployment.hsms.values() for name in names}

        def emptied(event: Event) -> None:
            started = event.kind == "start" or event.body.startswith(b"tampered=(")
            if started and event.subject in hsms:
                self._probe(arena, event.subject)

        for kind in ("start", "ail"):
            world.trace.watch(kind, emptied)

    def _probe(self, arena: Arena, hsm: str) -> None:
        """Ask an HSM that must be empty for random bytes, which only one with a domain makes."""
        world = arena.world

        def then(answer: Any) -> None:
            self.checked += not isinstance(answer, Expired)
            if isinstance(answer, HsmPlaintext):
                self.fail(world.now_ns, f"{hsm} works, though it must have forgotten its keys")

        world.call(hsm, HsmRandom(number_of_bytes=16), then, timeout_ns=_EMPTY_NS)

    def conclude(self, arena: Arena) -> None:
        """No record in history or in a delivered file shows a plaintext, in whatever coding."""
        records = [event for region in arena.regions for event in arena.event_history(region)]
        for trail in arena.trails.values():
            records += arena.delivered(trail)
        self.checked += len(records)
        for event in records:
            if event.reveals:
                text = f"the record of {event.name} in {event.region} shows {event.reveals!r}"
                self.fail(arena.world.now_ns, f"{text} (event {event.event_id})")
