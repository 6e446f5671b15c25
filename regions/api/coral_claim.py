"""Reads the signature of a JSON or query request, and refuses it as those services do.

All of them share one framework, so the texts and the order in which parts are judged are the same;
only the error codes differ. What does not belong here: S3's wording (s3_claim.py), and whether
the signature is right (sigv4.py).
Source: texts as observed from DynamoDB, STS, IAM and API Gateway; order as observed from DynamoDB.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Final, NamedTuple

from regions.api.canonical import LAST_S, basic_format, octets, seconds
from regions.api.edge_errors import Family
from regions.api.sigv4_values import ALGORITHM, SKEW_S, TERMINATOR, Claim

_SKEW_MINUTES: Final = SKEW_S // 60

#: What every current SDK writes; anything else is taken apart slowly, to say what is wrong.
_well_formed = re.compile(
    r"(AWS4-[^ ,=]*) Credential=([^ ,=]+), ?SignedHeaders=([^ ,=]+), ?Signature=([^ ,=]+)"
).fullmatch
_IN_HEADER: Final = ("Credential", "Signature", "SignedHeaders")
_IN_QUERY: Final = (
    *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders"),
    "X-Amz-Date",
)


class Parts(NamedTuple):
    """The parts of a signature as they were written."""

    algorithm: str
    credential: str
    signed_headers: str
    signature: str
    date: str


def coral_claim(
    headers: Mapping[str, str],
    parameters: Mapping[str, str],
    family: Family,
    service: str,
    region: str,
    now_s: int,
) -> Claim:
    """Return what a JSON or query request claims to be signed with.

    X-Amz-Expires is not looked at: these services take a presigned URL for 15 minutes, whatever
    it says (STS as observed).

    Args:
      headers: folded.
      parameters: of the query, decoded.
      now_s: the wire clock's.
    Raises:
      EdgeError: of the family: it is missing, malformed, too old or too new, or meant for
        another region or service.
    """
    authorization = headers.get("authorization")
    presigned = "X-Amz-Algorithm" in parameters
    if presigned:
        if authorization is not None:
            raise family.invalid(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP"
                " header."
            )
        parts, token = _from_query(parameters, family), parameters.get("X-Amz-Security-Token", "")
    elif authorization is None or not authorization.startswith("AWS4-"):
        raise family.missing(family.missing_text)
    else:
        parts, token = _from_header(authorization, headers, family), ""
    timestamp = _timestamp(parts.date, family)
    _check_clock(timestamp, family, now_s)
    if "host" not in parts.signed_headers.split(";"):
        raise family.invalid(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    if parts.algorithm != ALGORITHM:
        raise family.incomplete(
            f"Unsupported AWS 'algorithm': '{parts.algorithm}' (only {ALGORITHM} for now). "
        )
    scope = parts.credential.split("/")
    if len(scope) != 5:
        raise family.incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g."
            f" keyid/date/region/service/term, got '{parts.credential}'"
        )
    _check_scope(scope, timestamp, family, service, region)
    return Claim(
        scope[0],
        scope[1],
        region,
        service,
        parts.signed_headers,
        parts.signature,
        timestamp,
        presigned,
        token or headers.get("x-amz-security-token", ""),
    )


def _from_header(authorization: str, headers: Mapping[str, str], family: Family) -> Parts:
    date = headers.get("x-amz-date") or headers.get("date") or ""
    match = _well_formed(authorization)
    if match is not None and date:
        algorithm, credential, signed_headers, signature = match.groups()
        return Parts(algorithm, credential, signed_headers, signature, date)
    algorithm, _, rest = authorization.partition(" ")
    found: dict[str, str] = {}
    for pair in rest.split(","):
        name, equals, value = pair.strip(" ").partition("=")
        if name and not equals:
            raise family.incomplete(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with"
                f" SHA-256 and encoded with Base64): '{_fingerprint(authorization)}'."
            )
        found[name] = value
    missing = [
        f"Authorization header requires '{name}' parameter. "
        for name in _IN_HEADER
        if not found.get(name)
    ]
    if not date:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        )
    if missing:
        raise family.incomplete(
            f"{''.join(missing)}(Hashed with SHA-256 and encoded with Base64)"
            f" Authorization={_fingerprint(authorization)}"
        )
    return Parts(algorithm, found["Credential"], found["SignedHeaders"], found["Signature"], date)


def _fingerprint(authorization: str) -> str:
    return b64encode(sha256(octets(authorization)).digest()).decode()


def _from_query(parameters: Mapping[str, str], family: Family) -> Parts:
    missing = [
        f"AWS query-string parameters must include '{name}'. "
        for name in _IN_QUERY
        if not parameters.get(name)
    ]
    if missing:
        raise family.incomplete(f"{''.join(missing)}Re-examine the query-string parameters.")
    return Parts(
        parameters["X-Amz-Algorithm"],
        parameters["X-Amz-Credential"],
        parameters["X-Amz-SignedHeaders"],
        parameters["X-Amz-Signature"],
        parameters["X-Amz-Date"],
    )


def rfc_time(text: str) -> int | None:
    """Return the seconds since 1970 of a Date header as HTTP has it, or None.

    Times before 1970 and after the year 9999 are none: they cannot be written as signatures need.
    """
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date with the zone -0000, as botocore writes it, comes back without one.
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    time_s = int(aware.timestamp())
    return time_s if 0 <= time_s <= LAST_S else None


def _timestamp(text: str, family: Family) -> str:
    if seconds(text) is not None:
        return text
    time_s = rfc_time(text)
    if time_s is None:
        raise family.incomplete(
            f"Date must be in ISO-8601 'basic format'. Got '{text}'."
            " See http://en.wikipedia.org/wiki/ISO_8601"
        )
    return basic_format(time_s)


def _check_clock(timestamp: str, family: Family, now_s: int) -> None:
    time_s = seconds(timestamp)
    assert time_s is not None, f"{timestamp} was found to be a time"
    if time_s < now_s - SKEW_S:
        raise family.invalid(
            f"Signature expired: {timestamp} is now earlier than {basic_format(now_s - SKEW_S)}"
            f" ({basic_format(now_s)} - {_SKEW_MINUTES} min.)"
        )
    if time_s > now_s + SKEW_S:
        raise family.invalid(
            f"Signature not yet current: {timestamp} is still later than"
            f" {basic_format(now_s + SKEW_S)} ({basic_format(now_s)} + {_SKEW_MINUTES} min.)"
        )


def _check_scope(
    scope: list[str], timestamp: str, family: Family, service: str, region: str
) -> None:
    """Compare the scope with what this endpoint is, and list every difference at once."""
    _, date, scoped_region, scoped_service, terminator = scope
    if (scoped_region, scoped_service, terminator) == (region, service, TERMINATOR) and (
        timestamp.startswith(date) and len(date) == 8
    ):
        return
    wrong = ""
    if scoped_region != region:
        wrong += "Credential should be scoped to a valid region. "
    if scoped_service != service:
        wrong += f"Credential should be scoped to correct service: '{service}'. "
    if terminator != TERMINATOR:
        wrong += (
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}',"
            f" not '{terminator}'. "
        )
    if date != timestamp[:8]:
        wrong += (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from"
            f" HTTP: '{date}' != '{timestamp[:8]}', from '{timestamp}'."
        )
    raise family.invalid(wrong)
