"""Decodes aws-chunked bodies: chunks, their signatures, and the trailing headers.

Sans-IO: bytes in any portions go in, decoded bytes come out as soon as their chunk is whole and,
where chunks are signed, proven. ::

    body     = chunk* last trailers
    chunk    = size-hex [";chunk-signature=" 64HEX] CRLF data CRLF
    last     = "0" [";chunk-signature=" 64HEX] CRLF
    trailers = *(name ":" value CRLF) ["x-amz-trailer-signature:" 64HEX CRLF] [CRLF]

What does not belong here: whether a checksum is right (checksums.py), and the chunks of HTTP
itself, which were taken off before.
Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header:
Transferring Payload in Multiple Chunks" and "... Including Trailing Headers"; how strictly S3
reads all that, as observed.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final

from regions.api.canonical import same, sign
from regions.api.s3_edge_errors import IncompleteBody, InvalidChunkSizeError, MalformedTrailerError
from regions.api.sigv4 import signature_mismatch
from regions.api.sigv4_values import (
    STREAMING,
    STREAMING_SIGNED_TRAILER,
    STREAMING_UNSIGNED_TRAILER,
    ChunkSeal,
)

#: Every chunk but the last one has at least so many bytes.
CHUNK_BYTES_MIN: Final = 8192
#: A chunk's header and all trailing headers are far shorter. Both chosen.
HEADER_BYTES_MAX: Final = 1024
TRAILER_BYTES_MAX: Final = 16 * 1024
TRAILER_SIGNATURE: Final = "x-amz-trailer-signature"

_EMPTY_SHA256: Final = sha256(b"").hexdigest()
_size = re.compile(rb"[0-9a-fA-F]{1,16}").fullmatch


class ChunkDecoder:
    """Takes one aws-chunked body apart.

    Args:
      mode: value of x-amz-content-sha256, one of STREAMING.
      decoded_length: bytes that all chunks hold together, of x-amz-decoded-content-length.
      trailer: the trailing header that was announced, in lower case, or "".
      seal: what the signatures are made with; None believes them, as a server without
        authentication does.
    """

    def __init__(
        self, mode: str, decoded_length: int, trailer: str, seal: ChunkSeal | None
    ) -> None:
        assert mode in STREAMING, f"{mode} is no chunked payload"
        self._decoded_length = decoded_length
        self._is_signed = mode != STREAMING_UNSIGNED_TRAILER
        self._trailers = {trailer} if trailer else set()
        if mode == STREAMING_SIGNED_TRAILER:
            self._trailers.add(TRAILER_SIGNATURE)
        self._seal = seal
        self._previous = seal.seed_signature if seal is not None else ""
        self._buffer = bytearray()
        self._received = 0  #: decoded bytes of whole chunks
        self._chunk = 0  #: number of the current chunk, from 1
        self._size: int | None = None  #: of the current chunk, once its header was read
        self._signature = ""  #: of the current chunk
        self._step: Callable[[], bytes | None] = self._header

    def feed(self, data: bytes) -> bytes:
        """Return the decoded bytes of every chunk that is now whole.

        Raises:
          IncompleteBody: it cannot be read, or has more bytes than were announced.
          InvalidChunkSizeError: a chunk before this one was too small.
          SignatureDoesNotMatch: a chunk is not the one that was signed.
        """
        self._buffer += data
        decoded = []
        while (part := self._step()) is not None:
            decoded.append(part)
        return b"".join(decoded)

    def finish(self) -> Mapping[str, str]:
        """Return the trailing headers, by lower-case name, once the whole body was fed.

        Raises:
          IncompleteBody: the body ended too early, or its trailer's signature is missing.
          MalformedTrailerError: the trailing headers are not those that were announced.
          SignatureDoesNotMatch: they are not those that were signed.
        """
        if self._step != self._tail:
            raise _terminated()
        rest = bytes(self._buffer)
        if not self._trailers:
            if rest and not rest.startswith(b"\r\n"):
                raise _terminated()
            return {}
        found = _read_trailers(rest, self._trailers)
        signature = found.pop(TRAILER_SIGNATURE, None)
        if TRAILER_SIGNATURE in self._trailers:
            if signature is None:
                raise _terminated()
            self._check_trailers(found, signature)
            if not found:
                raise _terminated()  # S3 wants a trailer where it was told of one.
        if found.keys() != self._trailers - {TRAILER_SIGNATURE}:
            raise malformed_trailer()
        return found

    def _header(self) -> bytes | None:
        """Read the header of a chunk."""
        end = self._buffer.find(b"\r\n", 0, HEADER_BYTES_MAX)
        if end < 0:
            if len(self._buffer) >= HEADER_BYTES_MAX:
                raise _terminated()
            return None
        size_text, _, extension = bytes(self._buffer[:end]).partition(b";")
        del self._buffer[: end + 2]
        if not _size(size_text.strip(b" ")):
            raise _terminated()
        size, last_size = int(size_text, 16), self._size
        self._chunk += 1
        if size and last_size is not None and last_size < CHUNK_BYTES_MIN:
            raise InvalidChunkSizeError(
                f"Only the last chunk is allowed to have a size less than {CHUNK_BYTES_MIN} bytes",
                "",
                (("Chunk", str(self._chunk)), ("BadChunkSize", str(last_size))),
            )
        if self._received + size > self._decoded_length:
            raise self._wrong_length(self._received + size)
        self._size = size
        self._signature = _chunk_signature(extension) if self._is_signed else ""
        self._step = self._data if size else self._last
        return b""

    def _data(self) -> bytes | None:
        """Read the bytes of a chunk."""
        size = self._size
        assert size is not None, "a chunk's header comes before its bytes"
        if len(self._buffer) < size + 2:
            return None
        if self._buffer[size : size + 2] != b"\r\n":
            raise _terminated()
        data = bytes(memoryview(self._buffer)[:size])
        del self._buffer[: size + 2]
        self._check_chunk(data)
        self._received += size
        self._step = self._header
        return data

    def _last(self) -> bytes | None:
        """Judge the last chunk, which is empty."""
        self._check_chunk(b"")
        if self._received != self._decoded_length:
            raise self._wrong_length(self._received)
        self._step = self._tail
        return b""

    def _tail(self) -> bytes | None:
        """Keep what follows the last chunk until the body ends."""
        if len(self._buffer) > TRAILER_BYTES_MAX:
            raise malformed_trailer()
        return None

    def _check_chunk(self, data: bytes) -> None:
        if not self._is_signed or self._seal is None:
            return
        self._check(
            f"AWS4-HMAC-SHA256-PAYLOAD\n{self._seal.timestamp}\n{self._seal.scope}\n"
            f"{self._previous}\n{_EMPTY_SHA256}\n{sha256(data).hexdigest()}",
            self._signature,
        )
        self._previous = self._signature

    def _check_trailers(self, trailers: Mapping[str, str], signature: str) -> None:
        if self._seal is None:
            return
        text = "".join(f"{name}:{value}\n" for name, value in sorted(trailers.items())) or "\n"
        self._check(
            f"AWS4-HMAC-SHA256-TRAILER\n{self._seal.timestamp}\n{self._seal.scope}\n"
            f"{self._previous}\n{sha256(text.encode('latin-1')).hexdigest()}",
            signature,
        )

    def _check(self, text: str, signature: str) -> None:
        seal = self._seal
        assert seal is not None, "only sealed bodies have signatures to check"
        if not same(signature, sign(seal.signing_key, text)):
            raise signature_mismatch(seal.access_key_id, signature, text, seal.canonical_request)

    def _wrong_length(self, provided: int) -> IncompleteBody:
        return IncompleteBody(
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
            "",
            (
                ("NumberBytesExpected", str(self._decoded_length)),
                ("NumberBytesProvided", str(provided)),
            ),
        )


def _chunk_signature(extension: bytes) -> str:
    """Return the signature in a chunk's header; "", which no chunk has, under another name."""
    name, _, value = extension.decode("latin-1").partition("=")
    if not name.strip(" "):
        raise _terminated()
    if name.strip(" ") != "chunk-signature":
        return ""
    signature = value.strip(" ")
    if not signature or ";" in signature:
        raise _terminated()
    return signature


def _read_trailers(rest: bytes, expected: set[str]) -> dict[str, str]:
    """Return the trailing headers up to an empty line; the last of a name counts."""
    found: dict[str, str] = {}
    while rest and not rest.startswith(b"\r\n"):
        line, end, rest = rest.partition(b"\r\n")
        if not end:
            raise _terminated()
        name, _, value = line.decode("latin-1").partition(":")
        name = name.strip(" ").lower()
        if name not in expected:
            raise malformed_trailer()
        found[name] = value.strip(" ")
    return found


def _terminated() -> IncompleteBody:
    return IncompleteBody("The request body terminated unexpectedly")


def malformed_trailer() -> MalformedTrailerError:
    """Return S3's error for trailing headers that are not those that were announced."""
    return MalformedTrailerError(
        "The request contained trailing data that was not well-formed or did not conform to our"
        " published schema."
    )
