"""Who may do what: key policy and identity policies against one access.

Order: any explicit deny ends it; else an allow is needed from a key policy that names the
principal, or from one that names its account together with an identity policy. Across accounts
both are needed. What does not belong here: grants, and service-wide policies of an organisation
(neither is modelled).
Source: AWS KMS Developer Guide, "Troubleshooting key access", and facts of the authorisation
order; the closing clauses of the messages as observed from the service.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from regions.ailments import DENIES_ALL, UNAVAILABLE
from regions.calls import Principal
from regions.errors import AccessDeniedException, DependencyTimeoutException
from regions.policy.conditions import Context
from regions.policy.document import (
    BY_ACCOUNT,
    BY_NAME,
    NOT_NAMED,
    Document,
    compile_identity_policy,
)
from sim.quick import hastened

NOT_BY_IDENTITY: Final = " because no identity-based policy allows the {action} action"
NOT_BY_RESOURCE: Final = " because no resource-based policy allows the {action} action"
DENIED_BY_IDENTITY: Final = " with an explicit deny in an identity-based policy"
DENIED_BY_RESOURCE: Final = " with an explicit deny in a resource-based policy"
#: A foreign account is not told whether the key exists.
NOT_ACROSS: Final = (
    " because the resource does not exist in this Region, no resource-based policies allow"
    " access, or a resource-based policy explicitly denies access"
)
ALLOWED: Final = ""
#: Policy evaluation works; the ways in which it may not are ailments.
SOUND: Final = ""
#: AWS KMS API Reference, "Errors" of Encrypt: DependencyTimeoutException.
TIMED_OUT: Final = (
    "The system timed out while trying to fulfill the request. You can retry the request."
)


@hastened
@dataclass(frozen=True, slots=True)
class Access:
    """One question: may this principal do this to that resource?"""

    principal: Principal
    action: str  #: such as ``kms:Encrypt``
    resource: str  #: ARN; ``*`` of an action that has none
    account: str  #: the resource's owner
    key_policy: Document | None  #: None where only identity policies decide
    context: Callable[[], Context]  #: called at most a few times, and only for conditions


def _by_identity(access: Access) -> str:
    """Return ALLOWED, or why the caller's own policies do not allow it."""
    verdict = NOT_BY_IDENTITY
    if access.principal.kind == "Root":
        verdict = ALLOWED  # An account's root needs no identity policy.
    for text in access.principal.policies:
        for statement in compile_identity_policy(text).of_action(access.action):
            if statement.covers_resource(access.resource) and statement.holds(access.context):
                if not statement.allows:
                    return DENIED_BY_IDENTITY
                verdict = ALLOWED
    return verdict


def _by_key_policy(access: Access, policy: Document) -> int | None:
    """Return how the key policy's allows name the principal; None for an explicit deny."""
    strongest = NOT_NAMED
    for statement in policy.of_action(access.action):
        principals = statement.principals
        assert principals is not None, "a key policy's statement has principals"
        named = principals.names(access.principal)
        if named == NOT_NAMED or not statement.covers_resource(access.resource):
            continue
        if not statement.holds(access.context):
            continue
        if not statement.allows:
            return None
        strongest = max(strongest, named)
    return strongest


def decide(access: Access) -> str:
    """Return ALLOWED (the empty text), or the closing clause of the refusal."""
    policy = access.key_policy
    if policy is None:
        return _by_identity(access)
    named = _by_key_policy(access, policy)
    if access.principal.account != access.account:
        return NOT_ACROSS if named in (None, NOT_NAMED) else _by_identity(access)
    if named is None:
        return DENIED_BY_RESOURCE
    identity = _by_identity(access)
    if identity == DENIED_BY_IDENTITY or named == BY_ACCOUNT:
        return identity
    return ALLOWED if named == BY_NAME else NOT_BY_RESOURCE


def authorize(access: Access, authority: str = SOUND) -> None:
    """Return if the access is allowed.

    Args:
      authority: how policy evaluation works on this host: SOUND, or an ailment of it.

    Raises:
      AccessDeniedException: it is not, with the service's message.
      DependencyTimeoutException: nobody can say.
    """
    if authority == UNAVAILABLE:
        raise DependencyTimeoutException(TIMED_OUT)
    reason = NOT_BY_IDENTITY if authority == DENIES_ALL else decide(access)
    if reason == ALLOWED:
        return
    subject = f"User: {access.principal.arn} is not authorized to perform: {access.action}"
    if reason is NOT_ACROSS:
        resource = " on this resource"
    elif access.resource == "*":
        resource = ""
    else:
        resource = f" on resource: {access.resource}"
    raise AccessDeniedException(subject + resource + reason.format(action=access.action))
