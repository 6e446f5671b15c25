"""The protocols of the AWS wire, and the one table of services that speak them.

Every action of a service's model can be read; a service refuses those it has not with
UnknownOperationException, which its protocol writes in the service's own words.
What does not belong here: signatures (SigV4) and HTTP itself.
Source: service models of botocore, "metadata"; AWS General Reference, "AWS service endpoints".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from regions.api.protocols.aws_json import AwsJson
from regions.api.protocols.protocol import Parsed, Protocol
from regions.api.protocols.query import AwsQuery
from regions.api.protocols.rest_json import RestJson
from regions.api.protocols.rest_xml import RestXml
from regions.api.protocols.unknown import UnknownService

__all__ = ["GLOBAL_REGION", "PROTOCOLS", "Parsed", "Protocol", "ServiceEntry", "protocol_of"]

#: Where services without regions are, and what a request that tells no region is for.
GLOBAL_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """How one service is spoken to."""

    protocol: str  #: ``json``, ``query``, ``rest-json`` or ``rest-xml``
    signing_name: str  #: the service in a credential scope
    target_prefixes: tuple[str, ...] = ()  #: before ``.Action`` in X-Amz-Target
    is_global: bool = False  #: one endpoint for all regions, in ``us-east-1``


PROTOCOLS: Final[Mapping[str, ServiceEntry]] = {
    "kms": ServiceEntry(protocol="json", signing_name="kms", target_prefixes=("TrentService",)),
    "cloudtrail": ServiceEntry(
        protocol="json",
        signing_name="cloudtrail",
        target_prefixes=(
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
            "CloudTrail_20131101",
        ),
    ),
    "cloudtrail-data": ServiceEntry(protocol="rest-json", signing_name="cloudtrail-data"),
    "logs": ServiceEntry(protocol="json", signing_name="logs", target_prefixes=("Logs_20140328",)),
    "events": ServiceEntry(protocol="json", signing_name="events", target_prefixes=("AWSEvents",)),
    "sts": ServiceEntry(protocol="query", signing_name="sts"),
    "sns": ServiceEntry(protocol="query", signing_name="sns"),
    "iam": ServiceEntry(protocol="query", signing_name="iam", is_global=True),
    "s3": ServiceEntry(protocol="rest-xml", signing_name="s3"),
}

_MAKERS: Final[Mapping[str, Callable[[str, ServiceEntry], Protocol]]] = {
    "json": lambda name, entry: AwsJson(name, entry.target_prefixes),
    "query": lambda name, _: AwsQuery(name),
    "rest-json": lambda name, _: RestJson(name),
    "rest-xml": lambda name, _: RestXml(name),
}


@lru_cache
def protocol_of(service: str) -> Protocol:
    """Return how a service is spoken to; one that is not modelled refuses every request."""
    entry = PROTOCOLS.get(service)
    return UnknownService(service) if entry is None else _MAKERS[entry.protocol](service, entry)
