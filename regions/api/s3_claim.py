"""Reads the signature of an S3 request, and refuses it as S3 does.

What does not belong here: whether the signature is right (sigv4.py), and the body (s3_payload.py).
Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)"; texts,
members and statuses as observed from S3.
"""

import re
from collections.abc import Mapping
from typing import Final

from regions.api.canonical import LAST_S, basic_format, extended_format, seconds
from regions.api.coral_claim import rfc_time
from regions.api.edge_errors import EdgeError, Members
from regions.api.s3_edge_errors import (
    AccessDenied,
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    InvalidArgument,
    InvalidRequest,
    RequestTimeTooSkewed,
)
from regions.api.sigv4_values import ALGORITHM, SKEW_S, TERMINATOR, Claim

#: The longest that a presigned URL may live: a week.
EXPIRES_S_MAX: Final = 604_800

_well_formed = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^ ,=]+), ?SignedHeaders=([^ ,=]+), ?Signature=([^ ,=]+)"
).fullmatch
_is_date = re.compile(r"\d{8}", re.ASCII).fullmatch
_is_number = re.compile(r"[+-]?\d{1,18}", re.ASCII).fullmatch
_IN_HEADER: Final = ("Credential", "SignedHeaders", "Signature")
_IN_QUERY: Final = (
    *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date"),
    *("X-Amz-SignedHeaders", "X-Amz-Expires"),
)


def is_presigned(parameters: Mapping[str, str]) -> bool:
    """Say whether the decoded query parameters are those of a presigned URL."""
    return "X-Amz-Algorithm" in parameters or "X-Amz-Signature" in parameters


def is_presigned_as_before(parameters: Mapping[str, str]) -> bool:
    """Say whether the decoded query parameters are of Signature Version 2."""
    return "Signature" in parameters and "AWSAccessKeyId" in parameters


def _unsupported() -> InvalidRequest:
    return InvalidRequest(
        f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}."
    )


def s3_claim(
    headers: Mapping[str, str], parameters: Mapping[str, str], region: str, now_s: int
) -> Claim:
    """Return what an S3 request claims to be signed with.

    Args:
      headers: folded.
      parameters: of the query, decoded.
      now_s: the wire clock's.
    Raises:
      AccessDenied: it is unsigned, undated, has expired or is not yet valid.
      EdgeError: it is malformed, skewed or meant for another region or service.
    """
    authorization = headers.get("authorization")
    if is_presigned(parameters):
        if authorization is not None:
            raise _argument(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter,"
                " Signature query string parameter or the Authorization header should be"
                " specified",
                authorization,
            )
        return _from_query(headers, parameters, region, now_s)
    if authorization is None and is_presigned_as_before(parameters):
        raise _unsupported()
    if authorization is None:
        raise AccessDenied("Access Denied")
    return _from_header(authorization, headers, region, now_s)


def _argument(text: str, value: str, name: str = "Authorization") -> InvalidArgument:
    return InvalidArgument(text, "", (("ArgumentName", name), ("ArgumentValue", value)))


def _from_header(authorization: str, headers: Mapping[str, str], region: str, now_s: int) -> Claim:
    credential, signed_headers, signature = _components(authorization)
    key_id, date = _scope(credential, region, presigned=False)
    timestamp = headers.get("x-amz-date") or headers.get("date") or ""
    time_s = seconds(timestamp)
    if time_s is None:
        time_s = rfc_time(timestamp)
        if time_s is None:
            raise AccessDenied("AWS authentication requires a valid Date or x-amz-date header")
        timestamp = basic_format(time_s)
    if date != timestamp[:8]:
        raise AuthorizationHeaderMalformed(
            f'The authorization header is malformed; Invalid credential date "{date}". This date'
            f' is not the same as X-Amz-Date: "{timestamp[:8]}".'
        )
    if abs(now_s - time_s) > SKEW_S:
        raise RequestTimeTooSkewed(
            "The difference between the request time and the current time is too large.",
            "",
            (
                ("RequestTime", timestamp),
                ("ServerTime", extended_format(now_s)),
                ("MaxAllowedSkewMilliseconds", str(SKEW_S * 1000)),
            ),
        )
    token = headers.get("x-amz-security-token", "")
    return Claim(key_id, date, region, "s3", signed_headers, signature, timestamp, False, token)


def _components(authorization: str) -> tuple[str, str, str]:
    """Return Credential, SignedHeaders and Signature of an Authorization header."""
    match = _well_formed(authorization)
    if match is not None:
        credential, signed_headers, signature = match.groups()
        return credential, signed_headers, signature
    scheme, space, rest = authorization.partition(" ")
    if not space:
        raise _argument(
            "Authorization header is invalid -- one and only one ' ' (space) required",
            authorization,
        )
    if scheme == "AWS" or scheme.startswith("AWS4-ECDSA"):
        raise _unsupported()
    if scheme != ALGORITHM:
        raise _argument("Unsupported Authorization Type", authorization)
    found: dict[str, str] = {}
    for component in rest.split(","):
        name, equals, value = component.strip(" ").partition("=")
        if not equals or name not in _IN_HEADER or name in found:
            raise _header(f'the authorization component "{component.strip(" ")}" is malformed.')
        found[name] = value
    for name in _IN_HEADER:
        if not found.get(name):
            raise _header(f"missing {name}.")
    return found["Credential"], found["SignedHeaders"], found["Signature"]


def _header(text: str, members: Members = ()) -> EdgeError:
    return AuthorizationHeaderMalformed(
        f"The authorization header is malformed; {text}", "", members
    )


def _parameter(text: str, members: Members = ()) -> EdgeError:
    return AuthorizationQueryParametersError(
        f"Error parsing the X-Amz-Credential parameter; {text}", "", members
    )


def _scope(credential: str, region: str, *, presigned: bool) -> tuple[str, str]:
    """Return key id and date of a credential that is meant for S3 in this region."""
    malformed = _parameter if presigned else _header
    parts = credential.split("/")
    if len(parts) != 5 or not parts[0]:
        raise malformed(
            "the Credential is mal-formed; expecting"
            f' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/{TERMINATOR}".'
        )
    key_id, date, scoped_region, service, terminator = parts
    if terminator != TERMINATOR:
        raise malformed(f'incorrect terminal "{terminator}". This endpoint uses "{TERMINATOR}".')
    if service != "s3":
        raise malformed(f'incorrect service "{service}". This endpoint belongs to "s3".')
    if not _is_date(date):
        raise malformed(
            f'incorrect date format "{date}". This date in the credential must be in the format'
            ' "yyyyMMdd".'
        )
    if scoped_region != region:
        raise malformed(
            f"the region '{scoped_region}' is wrong; expecting '{region}'",
            (("Region", region),),
        )
    return key_id, date


def _from_query(
    headers: Mapping[str, str], parameters: Mapping[str, str], region: str, now_s: int
) -> Claim:
    if not all(parameters.get(name) for name in _IN_QUERY):
        raise AuthorizationQueryParametersError(
            "Query-string authentication version 4 requires the X-Amz-Algorithm,"
            " X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and"
            " X-Amz-Expires parameters."
        )
    if parameters["X-Amz-Algorithm"] != ALGORITHM:
        raise AuthorizationQueryParametersError(
            'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"'
        )
    key_id, date = _scope(parameters["X-Amz-Credential"], region, presigned=True)
    timestamp = parameters["X-Amz-Date"]
    time_s = seconds(timestamp)
    if time_s is None:
        raise AuthorizationQueryParametersError(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        )
    if date != timestamp[:8]:
        raise AuthorizationQueryParametersError(
            f'Invalid credential date "{date}". This date is not the same as X-Amz-Date:'
            f' "{timestamp[:8]}".'
        )
    _check_validity(time_s, parameters["X-Amz-Expires"], now_s)
    return Claim(
        key_id,
        date,
        region,
        "s3",
        parameters["X-Amz-SignedHeaders"],
        parameters["X-Amz-Signature"],
        timestamp,
        True,
        parameters.get("X-Amz-Security-Token") or headers.get("x-amz-security-token", ""),
    )


def _check_validity(time_s: int, expires: str, now_s: int) -> None:
    """Refuse a presigned URL outside its time, or one that asks for too long a time."""
    if not _is_number(expires):
        raise AuthorizationQueryParametersError("X-Amz-Expires should be a number")
    expires_s = int(expires)
    if expires_s < 0:
        raise AuthorizationQueryParametersError("X-Amz-Expires must be non-negative")
    if expires_s > EXPIRES_S_MAX:
        raise AuthorizationQueryParametersError(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given"
            f" X-Amz-Expires must be less than {EXPIRES_S_MAX} seconds"
        )
    end = extended_format(min(time_s + expires_s, LAST_S))
    server_time = extended_format(now_s)
    if time_s > now_s + SKEW_S:
        raise AccessDenied(
            "Request is not yet valid",
            "",
            (("X-Amz-Date", str(time_s * 1000)), ("Expires", end), ("ServerTime", server_time)),
        )
    if now_s > time_s + expires_s:
        raise AccessDenied(
            "Request has expired",
            "",
            (("X-Amz-Expires", expires), ("Expires", end), ("ServerTime", server_time)),
        )
