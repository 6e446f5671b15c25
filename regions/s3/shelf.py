"""Where a store's bodies stand: written in turns with others, and not removed under a reader.

What does not belong here: how a body is sealed (bodies.py), and which files are in use (state.py).
"""

import hashlib
from collections.abc import Callable, Iterable

from regions import armour
from regions.errors import ServiceUnavailableException
from regions.s3 import bodies
from regions.s3.changes import Piece
from regions.s3.errors import StoreFailure
from regions.s3.operation import Read, Written
from sim.actor import Actor
from sim.promise import Promise

Then = Callable[[], None]


class Shelf:
    """Files of bodies on one store's disk.

    Args:
      actor: the store.
      draw: returns so many bytes that nobody can guess.
      durable: calls a function once everything written so far is durable.
    """

    def __init__(
        self, actor: Actor, draw: Callable[[int], bytes], durable: Callable[[Then], None]
    ) -> None:
        self._actor = actor
        self._draw = draw
        self._durable = durable
        self._number = 0  #: of the last file
        self._readers: dict[int, int] = {}  #: file -> how many are reading it
        self._doomed: list[int] = []  #: files that go when nobody reads them any more

    def sort_out(self, uses: Callable[[int], bool]) -> None:
        """Remove files that nothing uses: nobody was told of them."""
        disk = self._actor.disk
        for file in disk.files():
            if file.startswith(bodies.PREFIX):
                number = int(file.removeprefix(bodies.PREFIX))
                self._number = max(self._number, number)
                if not uses(number):
                    disk.remove(file)

    async def write(self, body: bytes, master: bytes, begun: list[int]) -> Written:
        """Put a body on the disk; it is durable then.

        Args:
          body: whatever.
          master: 32 bytes, the key of its keys.
          begun: the file's number is put here before anything is written.

        Raises:
          ServiceUnavailableException: there is no room.
        """
        md5 = hashlib.md5(usedforsecurity=False)
        if not body:
            return Written((), md5.digest())
        actor = self._actor
        if actor.disk.short or actor.disk.full:
            raise ServiceUnavailableException("There is no room left for objects.")
        self._number += 1
        number, salt = self._number, self._draw(bodies.SALT_BYTES)
        begun.append(number)
        whole, at = memoryview(body), 0
        for sealed in bodies.seal_chunks(master, salt, body):
            if at:
                await actor.sleep(0)  # Others have their turn between chunks.
            armour.append(actor.disk, bodies.file_of(number), sealed)
            md5.update(whole[at : at + bodies.CHUNK_BYTES])
            at += bodies.CHUNK_BYTES
        durable = Promise(actor)
        self._durable(lambda: durable.set(None))
        await durable.wait()
        return Written((Piece(file=number, size=len(body), salt=salt),), md5.digest())

    async def read(self, wanted: Read, master: bytes) -> bytes:
        """Return bytes of a body.

        Raises:
          StoreFailure: they are damaged.
        """
        actor = self._actor
        numbers = [piece.file for piece in wanted.pieces]
        for number in numbers:
            self._readers[number] = self._readers.get(number, 0) + 1
        found: list[memoryview] = []
        try:
            for span in bodies.spans(wanted.pieces, wanted.first, wanted.last):
                for chunk in bodies.read_chunks(
                    actor.disk, master, span.piece, span.first, span.last
                ):
                    if found:
                        await actor.sleep(0)  # Others have their turn between chunks.
                    found.append(chunk)
        except bodies.Damaged as error:
            actor.note("disk", found=str(error))
            raise StoreFailure from None
        finally:
            for number in numbers:
                self._readers[number] -= 1
                if not self._readers[number]:
                    del self._readers[number]
        doomed, self._doomed = self._doomed, []
        self.remove(doomed)
        return b"".join(found)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove files, those that are being read when their readers are done."""
        for number in numbers:
            if number in self._readers:
                self._doomed.append(number)
            else:
                self._actor.disk.remove(bodies.file_of(number))
