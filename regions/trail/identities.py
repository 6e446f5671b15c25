"""The userIdentity of a record: who made a call, in the members and the order of real records.

=================  =================================================================================
type               members after ``type``, in this order; those in brackets where they apply
=================  =================================================================================
Root               principalId, arn, accountId, [accessKeyId, sessionContext, invokedBy]
IAMUser            the same, with userName before sessionContext
AssumedRole        the same as Root; sessionContext names the role
FederatedUser      the same as Root; sessionContext names who lent the session
AWSAccount         principalId, accountId, [invokedBy]; ``anonymous`` if nobody signed
AWSService         invokedBy
WebIdentityUser    principalId, userName, identityProvider
SAMLUser           the same
Unknown            [principalId, accountId, accessKeyId]
(the provider)     no type: accountId, invokedBy
=================  =================================================================================

What does not belong here: the rest of a record (json_shape.py).
Source: CloudTrail User Guide, "CloudTrail userIdentity element"; files that the service delivered
in July 2023 (of users, roles and services); IAM User Guide, "Logging IAM and AWS STS API calls"
(of other accounts and of federated users).
"""

from typing import Any, Final

from regions.calls import Principal
from regions.trail.record import AWS_INTERNAL, SERVICE_EVENT, timestamp
from sim.units import NS_PER_SECOND

#: Whoever does not say who he is, as an account. Source: S3's records of unsigned requests.
ANONYMOUS: Final = "anonymous"
#: Kind of the entity that lends a session -> what stands before its name in its ARN.
_ISSUERS: Final = {"Role": ":role/", "IAMUser": ":user/", "Root": ":root"}
#: A service that acts for one of these does so in a session that is made for the call.
_FORWARDED: Final = ("Root", "IAMUser")


def identity(principal: Principal, event_type: str, at: str) -> dict[str, Any]:
    """Return the userIdentity of a record.

    Args:
      principal: who called.
      event_type: the record's eventType.
      at: its eventTime; a session that nobody has asked for is as old as its call.
    """
    kind, by = principal.kind, principal.invoked_by
    if is_provider(principal, event_type):
        return {"accountId": principal.account, "invokedBy": by}
    found: dict[str, Any]
    if kind == "AWSService":
        found = {"type": kind}
    elif kind in ("AWSAccount", "Anonymous"):
        found = {
            "type": "AWSAccount",
            "principalId": principal.principal_id,
            "accountId": principal.account or ANONYMOUS,
        }
    elif kind in ("WebIdentityUser", "SAMLUser"):
        found = {
            "type": kind,
            "principalId": principal.principal_id,
            "userName": principal.user_name,
            "identityProvider": principal.principal_id.partition(":")[0],
        }
    elif kind == "Unknown":
        found = {"type": kind, **_given(principal, "principalId", "accountId", "accessKeyId")}
    else:
        found = _known(principal, at)
    if by:
        found["invokedBy"] = by
    return found


def is_provider(principal: Principal, event_type: str) -> bool:
    """Say whether nobody called: the provider acted within itself."""
    internal = principal.kind == "AWSService" and principal.invoked_by == AWS_INTERNAL
    return internal or event_type == SERVICE_EVENT


def begins_with_its_call(principal: Principal) -> bool:
    """Say whether an identity shows the time of its record."""
    return not principal.session_ns and _has_session(principal)


def _has_session(principal: Principal) -> bool:
    forwarded = principal.invoked_by and principal.kind in _FORWARDED
    return bool(principal.issuer_arn or principal.session_ns or forwarded)


def _given(principal: Principal, *members: str) -> dict[str, str]:
    values = {
        "principalId": principal.principal_id,
        "accountId": principal.account,
        "accessKeyId": principal.access_key_id,
    }
    return {member: values[member] for member in members if values[member]}


def _known(principal: Principal, at: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": principal.kind,
        "principalId": principal.principal_id,
        "arn": principal.arn,
        "accountId": principal.account,
        **_given(principal, "accessKeyId"),
    }
    if principal.user_name and principal.kind == "IAMUser":
        found["userName"] = principal.user_name
    if _has_session(principal):
        found["sessionContext"] = _session(principal, at)
    return found


def _session(principal: Principal, at: str) -> dict[str, Any]:
    begun_ns = principal.session_ns
    context: dict[str, Any] = {
        "sessionIssuer": _issuer(principal) if principal.issuer_arn else {},
        "webIdFederationData": {},
        "attributes": {
            "creationDate": timestamp(begun_ns // NS_PER_SECOND) if begun_ns else at,
            "mfaAuthenticated": "true" if principal.mfa_ns else "false",
        },
    }
    if principal.source_identity:
        context["sourceIdentity"] = principal.source_identity
    return context


def _issuer(principal: Principal) -> dict[str, Any]:
    arn = principal.issuer_arn
    kind = next((kind for kind, mark in _ISSUERS.items() if mark in arn), "Role")
    found = {"type": kind}
    if kind == "Role":
        found["principalId"] = principal.principal_id.partition(":")[0]
    elif kind == "Root":
        found["principalId"] = principal.account
    found |= {"arn": arn, "accountId": principal.account}
    if kind != "Root":
        is_role = kind == "Role" and principal.user_name
        found["userName"] = principal.user_name if is_role else arn.rpartition("/")[2]
    return found
