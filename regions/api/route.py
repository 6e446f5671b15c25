"""Which service and region a request is for: one port serves them all.

The credential scope of the signature tells, in the header or in a presigned query; without one the
Host, then the header X-Amz-Target, then the query's Action; what says nothing is for s3.
What does not belong here: whether the signature is right, or whether there is such a region.
Source: AWS General Reference, "AWS service endpoints"; Signature Version 4, "Credential scope";
Amazon S3 User Guide, "Virtual hosting of buckets".
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from regions.api.errors import MalformedQueryString
from regions.api.http_values import HttpRequest
from regions.api.models import model_of
from regions.api.protocols import GLOBAL_REGION, PROTOCOLS
from regions.api.protocols.query import FORM_TYPE, read_pairs
from regions.api.protocols.s3_actions import bucket_of_host, host_name, is_region
from sim.quick import hastened

_CREDENTIAL: Final = re.compile(r"Credential=([^,\s]+)")
_PRESIGNED: Final = re.compile(r"[?&]X-Amz-Credential=([^&]*)")
_SLASH: Final = re.compile("%2[fF]")
#: Domains below which services stand without a region.
_DOMAINS: Final = ("amazonaws.com", "amazonaws.com.cn", "localhost")
#: Parts of a credential scope: key id, day, region, service, terminator.
_SCOPE_PARTS: Final = 5


@hastened
@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes."""

    service: str  #: endpoint name such as ``kms``; of a signed request, whatever its scope says
    region: str  #: as claimed; there may be no such region
    bucket: str = ""  #: of an s3 request, when its Host names one


def route(request: HttpRequest, default_region: str = GLOBAL_REGION) -> Route:
    """Return service and region of a request; every request has some, if only ``s3``.

    Args:
      default_region: of a request that tells none.
    """
    host = request.header("host")
    service, region = _by_scope(request)
    if not service:
        service, region = _by_host(host_name(host))
    if not service:
        service = _by_target(request.header("x-amz-target")) or _by_action(request) or "s3"
    entry = PROTOCOLS.get(service)
    if (entry is not None and entry.is_global) or region == "aws-global":
        region = GLOBAL_REGION
    bucket = bucket_of_host(host) if service == "s3" else ""
    return Route(service, region or default_region, bucket)


def _by_scope(request: HttpRequest) -> tuple[str, str]:
    found = _CREDENTIAL.search(request.header("authorization"))
    if found is not None:
        scope = found.group(1)
    else:
        presigned = _PRESIGNED.search(request.target)
        if presigned is None:
            return "", ""
        scope = _SLASH.sub("/", presigned.group(1))
    parts = scope.rsplit("/", _SCOPE_PARTS - 1)
    if len(parts) != _SCOPE_PARTS:
        return "", ""
    return _SIGNING.get(parts[3], parts[3]), parts[2]


#: Name in a credential scope -> service.
_SIGNING: Final = {entry.signing_name: name for name, entry in PROTOCOLS.items()}


def _by_host(name: str) -> tuple[str, str]:
    """Return service and region of a host such as ``kms.us-east-1.amazonaws.com``."""
    labels = name.split(".")
    for index in range(len(labels) - 1, -1, -1):
        service = labels[index].removesuffix("-fips")
        region = ""
        if service.startswith("s3-") and is_region(service[3:]):
            service, region = "s3", service[3:]
        if service not in PROTOCOLS:
            continue
        rest = [label for label in labels[index + 1 :] if label != "dualstack"]
        if rest and is_region(rest[0]):
            return service, rest[0]
        if ".".join(rest) in _DOMAINS and (index == 0 or service == "s3"):
            return service, region
    return "", ""


def _by_target(target: str) -> str:
    prefix = target.rpartition(".")[0]
    for service, entry in PROTOCOLS.items():
        if prefix and prefix in entry.target_prefixes:
            return service
    return ""


def _by_action(request: HttpRequest) -> str:
    if not request.header("content-type").startswith(FORM_TYPE) and "Action=" not in request.target:
        return ""
    try:
        given = dict(reversed(read_pairs(request)))
    except MalformedQueryString:
        return ""
    by_version = _versions().get(given.get("Version", ""))
    if by_version is not None:
        return by_version
    action = given.get("Action", "")
    for service, entry in PROTOCOLS.items():
        if entry.protocol == "query" and action in model_of(service)["operations"]:
            return service
    return ""


@lru_cache
def _versions() -> dict[str, str]:
    return {
        model_of(service)["metadata"]["apiVersion"]: service
        for service, entry in PROTOCOLS.items()
        if entry.protocol == "query"
    }
