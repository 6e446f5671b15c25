"""Which S3 action a request is: by method, by bucket and key or not, by query keys and headers.

The rules are computed from the service model: the query part of an action's requestUri, and the
query keys and headers that its input must have. Of the rules that fit, the one with the most
demands counts. What does not belong here: parameters (rest_xml.py).
Source: service model s3/2006-03-01; Amazon S3 User Guide, "Virtual hosting of buckets".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regions.api.errors import InvalidURI
from regions.api.http_values import HttpRequest
from regions.api.models import Shape
from regions.api.protocols.values import percent_decoded, query_pairs, split_target

#: Shares its form with ListBuckets, on hosts of another kind of bucket.
_OTHER_HOSTS: Final = frozenset({"ListDirectoryBuckets", "WriteGetObjectResponse"})
#: Hosts below which every name is a bucket's.
_LOCAL: Final = "localhost"
#: Labels that may stand between ``s3`` and the region.
_BETWEEN: Final = "dualstack"
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+", re.ASCII)
_SERVICE_LABEL: Final = re.compile(r"s3(?:-fips)?(?:-[a-z]{2,}(?:-[a-z]+)+-[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a request must be to ask for one action."""

    action: str
    method: str
    has_bucket: bool
    has_key: bool
    query: frozenset[tuple[str, str]]  #: keys, with their values or ""
    headers: frozenset[str]  #: lower case

    @property
    def demands(self) -> int:
        """How special the rule is: of those that fit, the one with the most counts."""
        return len(self.query) + len(self.headers)


@dataclass(frozen=True, slots=True)
class Place:
    """What an S3 request is about."""

    bucket: str  #: "" for none
    key: str  #: "" for none
    query: Mapping[str, str]  #: decoded; the first of equal keys counts


def is_region(label: str) -> bool:
    """Return whether a text has the form of a region's name."""
    return _REGION.fullmatch(label) is not None


def host_name(host: str) -> str:
    """Return a Host field in lower case, without port."""
    name, colon, port = host.strip().lower().rpartition(":")
    return name if colon and (port.isdigit() or not port) else host.strip().lower()


def bucket_of_host(host: str) -> str:
    """Return the bucket of a virtual-host style Host field, "" where there is none.

    Known are ``BUCKET.s3.REGION.anything``, ``BUCKET.s3.amazonaws.com`` and, for local clients,
    ``BUCKET.s3.localhost`` and ``BUCKET.localhost``.
    """
    labels = host_name(host).split(".")
    for index in range(len(labels) - 1, -1, -1):
        if _SERVICE_LABEL.fullmatch(labels[index]) and _ends_like_s3(labels, index):
            return ".".join(labels[:index])
    return ".".join(labels[:-1]) if labels[-1] == _LOCAL else ""


def _ends_like_s3(labels: list[str], index: int) -> bool:
    rest = [label for label in labels[index + 1 :] if label != _BETWEEN]
    if not rest:
        return False
    return is_region(rest[0]) or rest[0] == "amazonaws" or rest == [_LOCAL]


def place_of(request: HttpRequest) -> Place:
    """Return bucket, key and query of a request, path style or virtual-host style.

    Raises:
      InvalidURI: path or query is not UTF-8 in percent-encoding.
    """
    raw_path, raw_query = split_target(request.target)
    try:
        path = percent_decoded(raw_path).removeprefix("/")
        query: dict[str, str] = {}
        for name, value in query_pairs(raw_query):
            query.setdefault(name, value)
    except ValueError:
        raise InvalidURI("Couldn't parse the specified URI.") from None
    bucket = bucket_of_host(request.header("host"))
    if bucket:
        return Place(bucket, path, query)
    bucket, _, key = path.partition("/")
    return Place(bucket, key, query)


def rules_of(model: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return the rules of all actions that are not deprecated, the most demanding first."""
    rules = [
        _rule(action, operation, model["shapes"])
        for action, operation in model["operations"].items()
        if not operation.get("deprecated") and action not in _OTHER_HOSTS
    ]
    return tuple(sorted(rules, key=lambda rule: (-rule.demands, rule.action)))


def _rule(action: str, operation: Mapping[str, Any], shapes: Mapping[str, Shape]) -> Rule:
    path, _, query = operation["http"]["requestUri"].partition("?")
    shape = shapes[operation["input"]["shape"]]
    required = [shape["members"][name] for name in shape.get("required", ())]
    keys = set(query_pairs(query))
    keys |= {(to["locationName"], "") for to in required if to.get("location") == "querystring"}
    return Rule(
        action=action,
        method=operation["http"]["method"],
        has_bucket="{Bucket}" in path,
        has_key="{Key+}" in path,
        query=frozenset(keys),
        headers=frozenset(
            to["locationName"].lower() for to in required if to.get("location") == "header"
        ),
    )


def find_rule(rules: Iterable[Rule], request: HttpRequest, place: Place) -> Rule | None:
    """Return the first rule that a request fits."""
    names = {name for name, _ in request.headers}
    for rule in rules:
        if (
            rule.method == request.method
            and rule.has_bucket == bool(place.bucket)
            and rule.has_key == bool(place.key)
            and rule.headers <= names
            and all(_fits(place.query.get(name), value) for name, value in rule.query)
        ):
            return rule
    return None


def _fits(given: str | None, demanded: str) -> bool:
    return given is not None and (not demanded or given == demanded)
