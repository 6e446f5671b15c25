"""Requests for every action that a service has here, right or slightly wrong by its model.

Source: botocore's service models; names that mean something are those that AWS's own examples use.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final

from hypothesis import strategies as st

from regions.api.models import model_of
from scenarios.accounts import ACCOUNT, ALLOW_ALL
from scenarios.kit.model_values import Flaw, Meanings, Values, flaws, shape_values
from scenarios.kit.request import ApiRequest
from scenarios.kit.strategies.encryption_contexts import encryption_contexts
from scenarios.kit.strategies.key_policies import key_policies

#: Service, as its client is called -> the package whose OPERATIONS are its actions.
SERVICES: Final = {
    "kms": "regions.kms.operations",
    "cloudtrail": "regions.trail.operations",
    "s3": "regions.s3.operations",
    "iam": "regions.iam.operations",
    "sts": "regions.sts.operations",
    "sns": "regions.sns.operations",
    "logs": "regions.logs.operations",
    "events": "regions.events.operations",
}
_KEY_ID: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
_KEYS: Final = st.sampled_from(
    (_KEY_ID, "alias/orders", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{_KEY_ID}")
)
_CONTEXTS: Final = encryption_contexts()
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_DOCUMENTS: Final = st.just(ALLOW_ALL)
#: Member name -> values with which a request has a chance to succeed, where its shape tells little.
_MEANINGS: Final[Mapping[str, Meanings]] = {
    "kms": {
        "KeyId": _KEYS,
        "TargetKeyId": st.just(_KEY_ID),
        "SourceKeyId": _KEYS,
        "DestinationKeyId": _KEYS,
        "AliasName": st.text(_LETTERS, min_size=1, max_size=12).map(lambda n: f"alias/{n}"),
        "EncryptionContext": _CONTEXTS,
        "SourceEncryptionContext": _CONTEXTS,
        "DestinationEncryptionContext": _CONTEXTS,
        "Policy": key_policies(),
        "PolicyName": st.just("default"),
        "PendingWindowInDays": st.integers(7, 30),
        "TagKey": st.text(_LETTERS, min_size=1, max_size=12),
    },
    "cloudtrail": {
        "Name": st.text(_LETTERS, min_size=3, max_size=12),
        "TrailName": st.text(_LETTERS, min_size=3, max_size=12),
        "S3BucketName": st.text(_LETTERS, min_size=3, max_size=12),
    },
    "s3": {
        "Bucket": st.text(_LETTERS, min_size=3, max_size=12),
        "Key": st.text(_LETTERS, min_size=1, max_size=12),
        "CopySource": st.text(_LETTERS, min_size=3, max_size=12).map(lambda b: f"{b}/key"),
        "Policy": _DOCUMENTS,
    },
    "iam": {
        "PolicyDocument": _DOCUMENTS,
        "AssumeRolePolicyDocument": key_policies(),
        "PolicyArn": st.just("arn:aws:iam::aws:policy/AdministratorAccess"),
    },
    "sts": {
        "RoleArn": st.just(f"arn:aws:iam::{ACCOUNT}:role/orders"),
        "Policy": _DOCUMENTS,
    },
    "sns": {"TopicArn": st.just(f"arn:aws:sns:us-east-1:{ACCOUNT}:orders")},
    "logs": {},
    "events": {},
}


def actions_of(service: str) -> tuple[str, ...]:
    """Return the actions that a service has here, in the order of their names.

    Raises:
      ValueError: it is no service of this world.
    """
    if service not in SERVICES:
        raise ValueError(f"service {service!r}: expected one of {', '.join(SERVICES)}")
    return tuple(sorted(import_module(SERVICES[service]).OPERATIONS))


def api_calls(
    service: str = "kms",
    *,
    actions: Sequence[str] = (),
    known: Mapping[str, Sequence[Any]] | None = None,
    flawed: bool = False,
) -> st.SearchStrategy[ApiRequest]:
    """Return requests that a service's model takes; whether they succeed is for the service to say.

    Args:
      service: as its client is called; one of SERVICES.
      actions: to choose from, the simplest first; by default all that the service has here.
      known: member name -> its values at any depth, such as ``{"KeyId": [key]}``.
      flawed: one member of each request is not as its model wants it, as its ``flaw`` says;
        actions with which nothing can be wrong are left out.
    Raises:
      ValueError: the service or an action is none, a member has no values, or nothing can be
        wrong with any of the actions.
    """
    there = actions_of(service)
    for action in actions:
        if action not in there:
            raise ValueError(f"{service} action {action!r}: expected one of {', '.join(there)}")
    meanings = {**_MEANINGS[service], **_sampled(known or {})}
    chosen = actions or there
    if flawed:
        chosen = [action for action in chosen if flaws(service, action)]
        if not chosen:
            raise ValueError(f"nothing can be wrong with {service} {', '.join(actions)}")
    make = _flawed if flawed else _right
    # Kept, since to make a strategy costs more than to draw from it.
    return st.sampled_from(chosen).flatmap(cache(lambda action: make(service, action, meanings)))


def _sampled(known: Mapping[str, Sequence[Any]]) -> dict[str, Values]:
    for member, values in known.items():
        if not values:
            raise ValueError(f"known {member!r}: expected at least one value")
    return {member: st.sampled_from(list(values)) for member, values in known.items()}


def _parameters(service: str, action: str, meanings: Meanings) -> Values:
    entry = model_of(service)["operations"][action]
    if "input" not in entry:
        return st.just({})
    return shape_values(service, entry["input"]["shape"], meanings)


def _right(service: str, action: str, meanings: Meanings) -> st.SearchStrategy[ApiRequest]:
    return _parameters(service, action, meanings).map(
        lambda given: ApiRequest(service=service, action=action, parameters=given)
    )


def _flawed(service: str, action: str, meanings: Meanings) -> st.SearchStrategy[ApiRequest]:
    right = _parameters(service, action, meanings)

    @cache
    def wrong(flaw: Flaw) -> st.SearchStrategy[ApiRequest]:
        instead = st.none() if flaw.values is None else flaw.values
        return st.builds(
            lambda given, value: ApiRequest(
                service=service,
                action=action,
                parameters=_put(given, flaw.path, value),
                flaw=f"{'.'.join(flaw.path)} {flaw.text}",
            ),
            right,
            instead,
        )

    return st.sampled_from(flaws(service, action)).flatmap(wrong)


def _put(given: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return parameters with another value in one place; None leaves the place empty."""
    name, rest = path[0], path[1:]
    if rest:
        return {**given, name: _put(given.get(name, {}), rest, value)}
    others = {member: each for member, each in given.items() if member != name}
    return others if value is None else {**others, name: value}
