"""The body of an S3 request as it was meant: taken out of its chunks, its checksums compared.

What does not belong here: whose request it is (sigv4.py), the formats themselves (chunked.py,
checksums.py), and what is done with the body.
Source: Amazon S3 API Reference, PutObject; texts and statuses as observed.
"""

import re
from dataclasses import dataclass, field

from regions.api.canonical import fold_headers
from regions.api.checksums import Checksum, check_body, check_headers
from regions.api.chunked import ChunkDecoder, malformed_trailer
from regions.api.http_values import HttpRequest
from regions.api.s3_edge_errors import MissingContentLength
from regions.api.sigv4_values import STREAMING, STREAMING_SIGNED, Verified

_is_length = re.compile(r"\d{1,18}", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class S3Payload:
    """A body that is what its sender says it is."""

    body: bytes = field(repr=False)
    checksum: Checksum | None  #: as it came with the body, and was found to be right
    content_encoding: str  #: without ``aws-chunked``


def read_payload(request: HttpRequest, verified: Verified | None) -> S3Payload:
    """Return the body of an S3 request, decoded and checked.

    CompleteMultipartUpload is not for this function: its checksum headers speak of the object.

    Args:
      verified: of this request; None of an anonymous one, whose chunks' signatures nobody checks.
    Raises:
      EdgeError: the body is not what its headers, trailers and signatures promise.
    """
    headers = fold_headers(request.headers)
    declared = check_headers(headers)
    mode = headers.get("x-amz-content-sha256", "") if verified is None else verified.payload
    encoding = headers.get("content-encoding", "")
    if mode not in STREAMING:
        if declared.trailer:
            raise malformed_trailer()
        found = check_body(declared, request.method, request.body, {})
        return S3Payload(request.body, found, encoding)
    length = headers.get("x-amz-decoded-content-length", "")
    if not _is_length(length):
        raise MissingContentLength("You must provide the Content-Length HTTP header.")
    if mode == STREAMING_SIGNED and declared.trailer:
        raise malformed_trailer()
    seal = None if verified is None else verified.seal
    decoder = ChunkDecoder(mode, int(length), declared.trailer, seal)
    body = decoder.feed(request.body)
    found = check_body(declared, request.method, body, decoder.finish())
    kept = [part.strip() for part in encoding.split(",")]
    return S3Payload(body, found, ", ".join(part for part in kept if part != "aws-chunked"))
