"""Why a call to a running world is allowed or denied, by what an AZ and IAM know now.

An inquiry is a JSON object; what it leaves out is as for a caller who says nothing of it.

==============  ==================================================================================
member          what it says
==============  ==================================================================================
principal       ARN of a user, a role, a role's session or an account's root, or a service
action          such as ``kms:Decrypt``
key             id, ARN or alias; may be missing of actions that need none
region          by default the key's, or the first one that is served
context         encryption context, an object of texts
parameters      of the action, as the service model names them
conditions      condition keys over those of the call: texts or lists of texts
via             a service that calls for the principal, such as ``s3``
source_ip       the caller's address
source_arn      the resource on whose behalf a service calls
tokens          list of grant tokens
==============  ==================================================================================

What does not belong here: the engine (policy/), and HTTP (admin.py).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from regions.calls import Principal
from regions.errors import InvalidGrantTokenException, ServiceError
from regions.iam.messages import FindPrincipal, FoundPrincipal, NoSuchPrincipal
from regions.kms.explained import Inquiry, explain_call
from regions.kms.grant_tokens import grant_of_token
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.sketches import unfolded
from regions.live.callers import DEFAULT_ACCOUNT
from regions.live.instance import Instance
from regions.messages import KeySketch, SketchKey
from regions.policy.callers import caller_named
from regions.policy.explained import Explanation, shown
from sim.actor import Expired
from sim.quick import changed
from sim.units import seconds
from sim.wire import Refusal

_TIMEOUT_NS: Final = seconds(2)
_MAPS: Final = ("context", "parameters", "conditions")
_TEXTS: Final = ("principal", "action", "key", "region", "via", "source_ip", "source_arn")


class InquiryError(ValueError):
    """A question that cannot be answered; the text says what was expected."""


async def explain_live(instance: Instance, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return why a call is allowed or denied.

    Raises:
      InquiryError: there is no such key or principal, or the question is malformed.
    """
    _check(given)
    region = _region(instance, given)
    principal = await _principal(instance, given)
    place, keyring, key = await _key(instance, region, given, principal.account)
    linearizable = instance.topology.consistency == "linearizable"
    inquiry = inquiry_of(given, principal, region)
    now_ns = instance.world.calendar_ns
    found = answered(inquiry, keyring, key, now_ns=now_ns, place="" if linearizable else place)
    resource = "*" if key is None else key.arn(region)
    return {"principal": principal.arn or principal.invoked_by, "resource": resource} | shown(found)


def answered(
    inquiry: Inquiry, keyring: Keyring, key: Key | None, *, now_ns: int, place: str = ""
) -> Explanation:
    """Return why a call is allowed or denied, as ``explain_call`` does.

    Raises:
      InquiryError: the parameters are none that the action takes, or a policy cannot be read.
    """
    try:
        return explain_call(inquiry, keyring, key, now_ns=now_ns, place=place)
    except (TypeError, KeyError, AttributeError, ValueError):
        raise InquiryError(
            f"parameters {json.dumps(dict(inquiry.parameters), default=str)}: expected what"
            f" {inquiry.permission} takes"
        ) from None
    except ServiceError as error:
        raise InquiryError(str(error)) from error


def inquiry_of(given: Mapping[str, Any], principal: Principal, region: str) -> Inquiry:
    """Return the question that an object asks.

    Raises:
      InquiryError: a grant token is none.
    """
    action = given["action"]
    key = given.get("key", "")
    alias = key if key.startswith("alias/") else key.partition(":alias/")[2]
    try:
        tokens = frozenset(grant_of_token(region, one) for one in given.get("tokens", ()))
    except InvalidGrantTokenException:
        raise InquiryError(f"tokens: expected grant tokens of {region}") from None
    return Inquiry(
        principal=changed(
            principal,
            via_service=given.get("via", ""),
            source_arn=given.get("source_arn", ""),
        ),
        permission=action if action.startswith("kms:") else f"kms:{action}",
        parameters=given.get("parameters", {}),
        context=given.get("context", {}),
        conditions={
            name: tuple(value) if isinstance(value, list) else value
            for name, value in given.get("conditions", {}).items()
        },
        source_ip=given.get("source_ip", ""),
        alias=f"alias/{alias.removeprefix('alias/')}" if alias else "",
        tokens=tokens,
    )


def _check(given: Mapping[str, Any]) -> None:
    known = {*_MAPS, *_TEXTS, "tokens"}
    for name, value in given.items():
        if name not in known:
            raise InquiryError(f"{name!r} is not known; expected {', '.join(sorted(known))}")
        if name in _TEXTS and not isinstance(value, str):
            raise InquiryError(f"{name} {value!r}: expected a text")
        if name in _MAPS and not isinstance(value, dict):
            raise InquiryError(f"{name} {value!r}: expected an object")
    if not given.get("principal") or not given.get("action"):
        raise InquiryError('expected {"principal": ARN, "action": "kms:...", ...}')
    for name in ("context", "conditions"):
        for key, value in given.get(name, {}).items():
            texts = value if isinstance(value, list) and name == "conditions" else [value]
            if not all(isinstance(text, str) for text in texts):
                raise InquiryError(f"{name} {key!r}: expected a text, not {value!r}")
    tokens = given.get("tokens", [])
    if not isinstance(tokens, list) or not all(isinstance(one, str) for one in tokens):
        raise InquiryError(f"tokens {tokens!r}: expected a list of grant tokens")


def _region(instance: Instance, given: Mapping[str, Any]) -> str:
    served = instance.topology.regions
    key = given.get("key", "")
    named = key.split(":")[3] if key.startswith("arn:") and key.count(":") > 4 else ""
    region: str = given.get("region") or named or next(iter(served))
    if region not in served:
        raise InquiryError(f"region {region!r} is not served; expected {', '.join(served)}")
    return region


async def _principal(instance: Instance, given: Mapping[str, Any]) -> Principal:
    try:
        named = caller_named(given["principal"], DEFAULT_ACCOUNT)
    except ValueError as error:
        raise InquiryError(str(error)) from None
    if named.kind not in ("IAMUser", "AssumedRole"):
        return named
    asked = FindPrincipal(arn=named.arn if named.kind == "IAMUser" else given["principal"])
    try:
        found: FoundPrincipal = await instance.world.ask(
            instance.iam, asked, timeout_ns=_TIMEOUT_NS
        )
    except NoSuchPrincipal:
        raise InquiryError(f"principal {asked.arn!r}: IAM knows no such user or role") from None
    except (Expired, Refusal) as error:
        raise InquiryError(f"IAM does not answer ({type(error).__name__})") from error
    return found.principal


async def _key(
    instance: Instance, region: str, given: Mapping[str, Any], account: str
) -> tuple[str, Keyring, Key | None]:
    """Return the AZ that was asked, and what it has of the key."""
    name = given.get("key", "")
    if not name:
        return "", Keyring(region), None
    assert instance.deployment is not None, "built before anybody asks"
    for az in instance.deployment.azs[region]:
        asked = SketchKey(name=name, account=account)
        try:
            found: KeySketch = await instance.world.ask(az, asked, timeout_ns=_TIMEOUT_NS)
        except (Expired, Refusal):
            continue
        keyring, key = unfolded(region, found)
        if key is not None:
            return az, keyring, key
        raise InquiryError(f"key {name!r}: there is none in {region}")
    raise InquiryError(f"no AZ of {region} answers")
