"""The condition keys that every request carries, whatever service it is for.

What does not belong here: the keys of a service (``kms:``, ``s3:`` and the like), which it adds
itself.
Source: IAM User Guide, "AWS global condition context keys" and "IAM policy elements: Variables and
tags", "Principal key values". Not modelled, so never present: keys of organisations, of VPCs and
VPC endpoints, of EC2 instances, and aws:referer.
"""

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from regions.calls import ApiCall, Principal
from sim.units import seconds

_NS_PER_SECOND: Final = seconds(1)

#: userIdentity.type to aws:PrincipalType; a service has none.
_TYPES: Final = {
    "Root": "Account",
    "IAMUser": "User",
    "AssumedRole": "AssumedRole",
    "FederatedUser": "FederatedUser",
    "Anonymous": "Anonymous",
}

Values = dict[str, str | tuple[str, ...]]


def request_context(
    call: ApiCall,
    calendar_ns: int,
    *,
    resource_account: str = "",
    resource_tags: Mapping[str, str] | None = None,
    request_tags: Mapping[str, str] | None = None,
) -> Values:
    """Return the global condition keys of a call, lower-cased, with their values.

    Args:
      call: the request.
      calendar_ns: now, by the calendar of the host that asks.
      resource_account: the owner of the resource; "" leaves aws:ResourceAccount out.
      resource_tags: of the resource, aws:ResourceTag; None leaves them out.
      request_tags: that the request sets, aws:RequestTag and aws:TagKeys; None leaves them out.
    """
    principal = call.principal
    seen: Values = {
        "aws:currenttime": _iso(calendar_ns),
        "aws:epochtime": str(calendar_ns // _NS_PER_SECOND),
        "aws:securetransport": _truth(call.secure),
        "aws:requestedregion": call.region,
        "aws:viaawsservice": _truth(principal.via_service),
        "aws:principalisawsservice": _truth(principal.kind == "AWSService"),
    }
    if call.user_agent:
        seen["aws:useragent"] = call.user_agent
    if _is_address(call.source_ip):
        seen["aws:sourceip"] = call.source_ip
    if principal.via_service:
        name = principal.invoked_by or f"{principal.via_service}.amazonaws.com"
        seen["aws:calledvia"] = (name,)
        seen["aws:calledviafirst"] = seen["aws:calledvialast"] = name
    if principal.kind == "AWSService":
        _add_service(seen, principal)
    else:
        _add_principal(seen, principal)
        _add_session(seen, principal, calendar_ns)
    if resource_account:
        seen["aws:resourceaccount"] = resource_account
    for tag, value in (resource_tags or {}).items():
        seen[f"aws:resourcetag/{tag.lower()}"] = value
    if request_tags:
        seen["aws:tagkeys"] = tuple(request_tags)
        for tag, value in request_tags.items():
            seen[f"aws:requesttag/{tag.lower()}"] = value
    return seen


def _add_service(seen: Values, principal: Principal) -> None:
    seen["aws:principalservicename"] = principal.invoked_by
    if principal.account:
        seen["aws:sourceaccount"] = principal.account
    if principal.source_arn:
        seen["aws:sourcearn"] = principal.source_arn


def _add_principal(seen: Values, principal: Principal) -> None:
    if principal.kind in _TYPES:
        seen["aws:principaltype"] = _TYPES[principal.kind]
    if principal.account:
        seen["aws:principalaccount"] = principal.account
    # Of a role's session the role's own ARN; of a federated user the session's.
    is_role = principal.kind == "AssumedRole"
    named = principal.issuer_arn if is_role and principal.issuer_arn else principal.arn
    if named:
        seen["aws:principalarn"] = named
    user_id = principal.principal_id or (principal.account if principal.kind == "Root" else "")
    if user_id:
        seen["aws:userid"] = user_id
    if principal.user_name and principal.kind == "IAMUser":
        seen["aws:username"] = principal.user_name
    for tag, value in principal.tags:
        seen[f"aws:principaltag/{tag.lower()}"] = value


def _add_session(seen: Values, principal: Principal, calendar_ns: int) -> None:
    if principal.source_identity:
        seen["aws:sourceidentity"] = principal.source_identity
    if principal.session_ns:
        seen["aws:tokenissuetime"] = _iso(principal.session_ns)
    # Long-term credentials say nothing of a second factor, not even that there was none.
    if principal.session_ns or principal.kind == "AssumedRole":
        seen["aws:multifactorauthpresent"] = _truth(principal.mfa_ns)
    if principal.mfa_ns:
        age_ns = max(0, calendar_ns - principal.mfa_ns)
        seen["aws:multifactorauthage"] = str(age_ns // _NS_PER_SECOND)


def _truth(value: object) -> str:
    return "true" if value else "false"


def _iso(calendar_ns: int) -> str:
    when = datetime.fromtimestamp(calendar_ns // _NS_PER_SECOND, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}Z"


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    """Tell an address from the name of a service, which stands in its place at times."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
