"""Bodies on disk: sealed in chunks, each chunk one block that mends itself.

One file holds one body, or one part of an upload. Its key follows from a master key (the store's
own, or a data key of KMS) and from the file's salt, so no two files share one, and a chunk's
nonce is its number. A chunk is bound to its place and to the length of the whole, so that a
shortened or shuffled file does not open.

====================  ===========================================================================
file                  content
====================  ===========================================================================
body:NUMBER           chunk 0, 1, ...: blocks of armour.py, each AES-256-GCM of up to 1 MiB
====================  ===========================================================================

What does not belong here: when a body is durable (store.py), and which master key it has.
Source: layout chosen; NIST SP 800-38D and SP 800-108r1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from regions import armour
from regions.crypto.aead import IV_BYTES, TAG_BYTES, Aes256Gcm, Unauthentic
from regions.crypto.kdf import derive_key
from regions.s3.changes import Piece
from sim.disk import Disk

CHUNK_BYTES: Final = 1024 * 1024
SALT_BYTES: Final = 16
PREFIX: Final = "body:"
_LABEL: Final = b"s3 body"


class Damaged(Exception):
    """A body cannot be read any more; the text names its file."""


def file_of(number: int) -> str:
    """Return the name of a body's file."""
    return f"{PREFIX}{number}"


def _cipher(master: bytes, salt: bytes) -> Aes256Gcm:
    return Aes256Gcm(derive_key(master, _LABEL, salt))


def _bound(index: int, size: int) -> bytes:
    return b"%d of %d" % (index, size)


def seal_chunks(master: bytes, salt: bytes, body: bytes) -> Iterator[bytes]:
    """Yield the sealed chunks of a body, for a new file in this order.

    Args:
      master: 32 bytes.
      salt: 16 bytes, never used before under this master key.
      body: 1 byte or more.
    """
    cipher, whole, size = _cipher(master, salt), memoryview(body), len(body)
    for index, at in enumerate(range(0, size, CHUNK_BYTES)):
        chunk = bytes(whole[at : at + CHUNK_BYTES])
        yield cipher.seal(index.to_bytes(IV_BYTES, "big"), chunk, _bound(index, size))


def read_chunks(
    disk: Disk, master: bytes, piece: Piece, first: int, last: int
) -> Iterator[memoryview]:
    """Yield what lies from one byte of a piece to another, chunk by chunk, mending what it can.

    Args:
      first: 0 or more.
      last: below the size of the piece.

    Raises:
      Damaged: a chunk cannot be mended, or does not authenticate.
    """
    file, cipher = file_of(piece.file), _cipher(master, piece.salt)
    whole_bytes = armour.block_bytes(CHUNK_BYTES + TAG_BYTES)
    for index in range(first // CHUNK_BYTES, last // CHUNK_BYTES + 1):
        begin = index * CHUNK_BYTES
        length = min(CHUNK_BYTES, piece.size - begin)
        sealed = armour.read_block(disk, file, index * whole_bytes, length + TAG_BYTES)
        if sealed is None:
            raise Damaged(f"{file}: chunk {index} is lost")
        try:
            iv = index.to_bytes(IV_BYTES, "big")
            chunk = cipher.open(iv, sealed, _bound(index, piece.size))
        except Unauthentic as error:
            raise Damaged(f"{file}: chunk {index}: {error}") from None
        yield memoryview(chunk)[max(0, first - begin) : last - begin + 1]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of one piece."""

    piece: Piece
    first: int
    last: int


def spans(pieces: tuple[Piece, ...], first: int, last: int) -> Iterator[Span]:
    """Yield where bytes ``first`` to ``last`` of pieces that follow each other lie."""
    begin = 0
    for piece in pieces:
        end = begin + piece.size
        if first < end and last >= begin:
            yield Span(piece, max(0, first - begin), min(last, end - 1) - begin)
        begin = end
