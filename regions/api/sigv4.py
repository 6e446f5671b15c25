"""Verifies who signed a request, by AWS Signature Version 4.

Pure: a request, the wire clock's seconds and a look-up of secrets go in; a Verified comes out, or
the error that the service of that protocol answers with. What does not belong here: reading a
signature (coral_claim.py, s3_claim.py), the canonical form (canonical.py), chunked bodies
(chunked.py) and what the caller may do (regions/policy).
Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests"; Amazon S3 API Reference,
"Authenticating Requests (AWS Signature Version 4)"; texts and statuses as observed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import unquote

from regions.api.canonical import (
    canonical_path,
    canonical_query,
    canonical_request,
    fold_headers,
    octets,
    query_pairs,
    same,
    sign,
    signing_key,
    string_to_sign,
)
from regions.api.checksums import check_headers
from regions.api.coral_claim import coral_claim
from regions.api.edge_errors import FAMILIES, JSON, EdgeError, Family
from regions.api.http_values import HttpRequest
from regions.api.s3_claim import is_presigned, is_presigned_as_before, s3_claim
from regions.api.s3_edge_errors import (
    AccessDenied,
    ExpiredToken,
    InvalidAccessKeyId,
    InvalidArgument,
    InvalidRequest,
    InvalidToken,
    SignatureDoesNotMatch,
    XAmzContentSHA256Mismatch,
)
from regions.api.sigv4_values import (
    STREAMING,
    STREAMING_UNSIGNED_TRAILER,
    UNSIGNED_PAYLOAD,
    ChunkSeal,
    Claim,
    Secret,
    Verified,
)
from sim.quick import hastened

#: Answers with the secret of an access key id, or None where there is no such key.
Find = Callable[[str], Secret | None]

_is_sha256 = re.compile(r"[0-9a-fA-F]{64}").fullmatch
_MISMATCH: Final = "The request signature we calculated does not match the signature you provided. "
_CORAL_MISMATCH: Final = (
    f"{_MISMATCH}Check your AWS Secret Access Key and signing method. Consult the service"
    " documentation for details."
)
_S3_MISMATCH: Final = f"{_MISMATCH}Check your key and signing method."
#: Methods whose body S3 does not read, so that a wrong hash of nothing is not noticed.
_BODILESS: Final = ("GET", "HEAD", "DELETE")


@hastened
@dataclass(frozen=True, slots=True)
class Scope:
    """What a request says of where it belongs, unverified."""

    access_key_id: str
    region: str
    service: str


def verify(
    request: HttpRequest, service: str, region: str, find: Find, wire_now_s: int
) -> Verified:
    """Return who signed a request.

    The signature covers the body: of s3 as x-amz-content-sha256 says, else by the SHA-256 of what
    was received. It does not tell a request from its own repetition within the clock's window.

    Args:
      service: signing name, such as ``kms``.
      region: that the credential must be scoped to; ``us-east-1`` for the global services.
      find: is called at most once.
      wire_now_s: seconds since 1970 of the wall clock.
    Raises:
      EdgeError: of the service's protocol: the signature is missing, malformed, too old or too
        new, meant for another region or service, of an unknown key or session, or wrong.
    """
    headers = fold_headers(request.headers)
    path, _, query = request.target.partition("?")
    pairs = query_pairs(query)
    parameters = {name: unquote(value) for name, value in pairs}
    if service == "s3":
        claim = s3_claim(headers, parameters, region, wire_now_s)
        payload = _s3_payload(headers, parameters, presigned=claim.presigned)
        _check_signed_headers(claim.signed_headers.split(";"), headers)
        secret = _s3_secret(claim, find(claim.access_key_id), wire_now_s)
    else:
        family = FAMILIES.get(service, JSON)
        claim = coral_claim(headers, parameters, family, service, region, wire_now_s)
        payload = sha256(request.body).hexdigest()
        secret = _secret(claim, find(claim.access_key_id), family, wire_now_s)
    canonical = canonical_request(
        request.method,
        canonical_path(path, service),
        canonical_query(pairs),
        headers,
        claim.signed_headers,
        payload,
    )
    text = string_to_sign(claim.timestamp, claim.scope, canonical)
    key = signing_key(secret.secret_access_key, claim.date, region, service)
    if not same(claim.signature, sign(key, text)):
        if service == "s3":
            raise signature_mismatch(claim.access_key_id, claim.signature, text, canonical)
        raise FAMILIES.get(service, JSON).invalid(_CORAL_MISMATCH)
    seal = None
    if service == "s3":
        _check_body(request, headers, payload)
        if payload in STREAMING and payload != STREAMING_UNSIGNED_TRAILER:
            seal = ChunkSeal(
                key,
                claim.signature,
                claim.timestamp,
                claim.scope,
                claim.access_key_id,
                canonical,
            )
    return Verified(
        claim.access_key_id, claim.presigned, tuple(claim.signed_headers.split(";")), payload, seal
    )


def scope_of(request: HttpRequest) -> Scope | None:
    """Return the credential scope that a request names, or None where it names none.

    Nothing is checked: it is for routing, and for a server that believes everybody.
    """
    credential = re.search(r"\bCredential=([^ ,]+)", request.header("authorization"))
    if credential is not None:
        parts = credential[1].split("/")
    else:
        query = request.target.partition("?")[2]
        parameters = {name: unquote(value) for name, value in query_pairs(query)}
        parts = parameters.get("X-Amz-Credential", "").split("/")
    return Scope(parts[0], parts[2], parts[3]) if len(parts) == 5 else None


def is_signed(request: HttpRequest) -> bool:
    """Say whether a request carries any signature; S3 takes one that has none as anonymous."""
    if request.header("authorization"):
        return True
    query = request.target.partition("?")[2]
    parameters = dict(query_pairs(query))
    return is_presigned(parameters) or is_presigned_as_before(parameters)


def _secret(claim: Claim, secret: Secret | None, family: Family, now_s: int) -> Secret:
    """Return the secret of a claim, if its session token is right and lives."""
    if secret is None or (secret.session_token and not claim.session_token):
        raise family.unknown("The security token included in the request is invalid.")
    if not same(claim.session_token, secret.session_token):
        raise family.unknown("The security token included in the request is invalid")
    if secret.expires_s is not None and now_s >= secret.expires_s:
        raise family.expired("The security token included in the request is expired")
    return secret


def _s3_secret(claim: Claim, secret: Secret | None, now_s: int) -> Secret:
    """Return the secret of a claim, if its session token is right and lives."""
    if secret is None or (secret.session_token and not claim.session_token):
        raise InvalidAccessKeyId(
            "The AWS Access Key Id you provided does not exist in our records.",
            "",
            (("AWSAccessKeyId", claim.access_key_id),),
        )
    token = (("Token-0", claim.session_token),)
    if not same(claim.session_token, secret.session_token):
        raise InvalidToken("The provided token is malformed or otherwise invalid.", "", token)
    if secret.expires_s is not None and now_s >= secret.expires_s:
        raise ExpiredToken("The provided token has expired.", "", token)
    return secret


def signature_mismatch(access_key_id: str, given: str, text: str, canonical: bytes) -> EdgeError:
    """Return S3's error for a wrong signature: it shows all that S3 itself has signed."""
    return SignatureDoesNotMatch(
        _S3_MISMATCH,
        "",
        (
            ("AWSAccessKeyId", access_key_id),
            ("StringToSign", text),
            ("SignatureProvided", given),
            ("StringToSignBytes", octets(text).hex(" ")),
            ("CanonicalRequest", canonical.decode("utf-8", "replace")),
            ("CanonicalRequestBytes", canonical.hex(" ")),
        ),
    )


def _s3_payload(
    headers: Mapping[str, str], parameters: Mapping[str, str], *, presigned: bool
) -> str:
    """Return what stands for the body in the canonical request, if it is allowed to."""
    payload = headers.get("x-amz-content-sha256")
    if presigned:
        return payload or parameters.get("X-Amz-Content-Sha256") or UNSIGNED_PAYLOAD
    if payload is None:
        raise InvalidRequest("Missing required header for this request: x-amz-content-sha256")
    if payload == UNSIGNED_PAYLOAD or payload in STREAMING or _is_sha256(payload):
        return payload
    raise InvalidArgument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER,"
        " STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER,"
        " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD,"
        " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        "",
        (("ArgumentName", "x-amz-content-sha256"), ("ArgumentValue", payload)),
    )


def _check_signed_headers(signed: list[str], headers: Mapping[str, str]) -> None:
    """Refuse headers that mean something to S3 but are not signed."""
    unsigned = [
        name
        for name in headers
        if name not in signed and (name == "host" or name.startswith("x-amz-"))
    ]
    if "host" not in signed and "host" not in headers:
        unsigned.insert(0, "host")
    if unsigned:
        raise AccessDenied(
            "There were headers present in the request which were not signed",
            "",
            (("HeadersNotSigned", ", ".join(unsigned)),),
        )


def _check_body(request: HttpRequest, headers: Mapping[str, str], payload: str) -> None:
    """Compare the body with the hash that was signed, if one was."""
    if payload == UNSIGNED_PAYLOAD or payload in STREAMING:
        return
    if not request.body and request.method in _BODILESS:
        return
    computed = sha256(request.body).hexdigest()
    if payload.lower() != computed:
        check_headers(headers)  # A malformed checksum header is noticed first, as S3 does.
        raise XAmzContentSHA256Mismatch(
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            "",
            (
                ("ClientComputedContentSHA256", payload),
                ("S3ComputedContentSHA256", computed),
            ),
        )
