"""Who may do what: all policies that have a say against one access.

Order: any explicit deny ends it; else an allow is needed, from the resource's policy or from the
caller's identity policies. A permissions boundary and session policies limit what identity
policies and a role's name grant, but not what the resource's policy grants to the caller by name:
to the user, to the session, to everybody. Across accounts the resource's policy and the caller's
own must both allow.
A grant of a key is as one more statement of the key's policy that allows and names its grantee.
What does not belong here: what makes a grant apply (kms/grant.py); access control lists and
service-wide policies of an organisation are not modelled.
Source: IAM User Guide, "Policy evaluation logic", "Determining whether a request is allowed or
denied within an account", "Cross-account policy evaluation logic" and "AWS JSON policy elements:
Principal"; "Troubleshoot access denied error messages" for the closing clauses; AWS KMS Developer
Guide, "Troubleshooting key access".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from regions.ailments import DENIES_ALL, UNAVAILABLE
from regions.calls import Principal
from regions.errors import AccessDeniedException, DependencyTimeoutException, ServiceError
from regions.policy.document import Document, compile_identity_policy
from regions.policy.flaws import PolicyError
from regions.policy.patterns import Context
from regions.policy.principals import BY_NAME, BY_ROLE, NOT_NAMED
from sim.quick import hastened

ALLOWED: Final = ""
NOT_BY_IDENTITY: Final = " because no identity-based policy allows the {action} action"
NOT_BY_RESOURCE: Final = " because no resource-based policy allows the {action} action"
NOT_BY_BOUNDARY: Final = " because no permissions boundary allows the {action} action"
NOT_BY_SESSION: Final = " because no session policy allows the {action} action"
NOT_BY_TRUST: Final = " because no role trust policy allows the {action} action"
DENIED_BY_IDENTITY: Final = " with an explicit deny in an identity-based policy"
DENIED_BY_RESOURCE: Final = " with an explicit deny in a resource-based policy"
DENIED_BY_BOUNDARY: Final = " with an explicit deny in a permissions boundary"
DENIED_BY_SESSION: Final = " with an explicit deny in a session policy"
DENIED_BY_TRUST: Final = " with an explicit deny in the role trust policy"
#: A foreign account is not told whether the key exists.
NOT_ACROSS: Final = (
    " because the resource does not exist in this Region, no resource-based policies allow"
    " access, or a resource-based policy explicitly denies access"
)
#: Of a principal whose own policy nobody can read; IAM stores none such, so this text is ours.
UNREADABLE: Final = " because a policy of the principal cannot be read"
_FINAL: Final = frozenset((DENIED_BY_IDENTITY, DENIED_BY_BOUNDARY, DENIED_BY_SESSION, UNREADABLE))

#: Policy evaluation works; the ways in which it may not are ailments.
SOUND: Final = ""
#: AWS KMS API Reference, "Errors" of Encrypt: DependencyTimeoutException.
TIMED_OUT: Final = (
    "The system timed out while trying to fulfill the request. You can retry the request."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRule:
    """What the policies of one kind of resource are worth, and how a refusal speaks of them."""

    #: Identity policies of the resource's own account count only if this policy lets the account
    #: in. Source: IAM User Guide, "Policy evaluation logic": an allow in either is enough for most
    #: resources; key policies and roles' trust policies are the exceptions.
    required: bool
    silent: str  #: nothing in the policy allows
    denied: str
    across: str = ""  #: what a foreign account is told instead of either
    hidden: frozenset[str] = frozenset()  #: condition keys that identity policies alone may ask for


#: Of buckets, topics, queues, log groups.
RESOURCE_POLICY: Final = ResourceRule(
    required=False, silent=NOT_BY_RESOURCE, denied=DENIED_BY_RESOURCE
)
KEY_POLICY: Final = ResourceRule(
    required=True,
    silent=NOT_BY_RESOURCE,
    denied=DENIED_BY_RESOURCE,
    across=NOT_ACROSS,
    hidden=frozenset(("kms:resourcealiases",)),
)
TRUST_POLICY: Final = ResourceRule(required=True, silent=NOT_BY_TRUST, denied=DENIED_BY_TRUST)


@hastened
@dataclass(frozen=True, slots=True)
class Access:
    """One question: may this principal do this to that resource?"""

    principal: Principal
    action: str  #: such as ``kms:Encrypt``; as a refusal shows it
    resource: str  #: ARN; ``*`` of an action that has none
    account: str  #: the resource's owner
    resource_policy: Document | None  #: None where only identity policies decide
    context: Callable[[], Context]  #: called at most once for each document, if it has conditions
    rule: ResourceRule = RESOURCE_POLICY
    #: Tells how the grants that apply name the principal, from NOT_NAMED; None if there are none.
    grants: Callable[[], int] | None = None


def _by_own(access: Access, texts: tuple[str, ...], silent: str, denied: str) -> str:
    """Return what the caller's own policies of one kind say: ALLOWED, ``silent`` or ``denied``."""
    verdict = silent
    action, resource = access.action, access.resource
    for text in texts:
        try:
            document = compile_identity_policy(text)
        except PolicyError:
            return UNREADABLE
        values: Context | None = None
        for statement in document.of_action(action):
            if not statement.covers_resource(resource):
                continue
            if not statement.bare:
                values = values or access.context()
                if not statement.holds(resource, values):
                    continue
            if not statement.allows:
                return denied
            verdict = ALLOWED
            break  # Denials come first.
    return verdict


def _by_limits(access: Access) -> str:
    """Return ALLOWED, or why the permissions boundary or the session policies do not allow it."""
    principal = access.principal
    boundary = session = ALLOWED
    if principal.boundary:
        boundary = _by_own(access, (principal.boundary,), NOT_BY_BOUNDARY, DENIED_BY_BOUNDARY)
    # A federated user has nothing but what its session policies let through.
    if principal.session_policies or principal.kind == "FederatedUser":
        texts = principal.session_policies
        session = _by_own(access, texts, NOT_BY_SESSION, DENIED_BY_SESSION)
    return session if session in _FINAL else boundary or session


def visible(access: Access) -> Context:
    """Return the condition keys of a request, but those that the resource's policy has not."""
    values, hidden = access.context(), access.rule.hidden
    return {key: values[key] for key in values if key not in hidden} if hidden else values


def _by_resource_policy(access: Access, policy: Document) -> int | None:
    """Return how the policy's allows name the principal; None for an explicit deny."""
    strongest = NOT_NAMED
    values: Context | None = None
    for statement in policy.of_action(access.action):
        principals = statement.principals
        assert principals is not None, "a resource policy's statement has principals"
        named = principals.names(access.principal)
        if named == NOT_NAMED or not statement.covers_resource(access.resource):
            continue
        if not statement.bare:
            values = values or visible(access)
            if not statement.holds(access.resource, values):
                continue
        if not statement.allows:
            return None
        if named > strongest:  # noqa: PLR1730 - max() alone is a tenth of a decision
            strongest = named
    return strongest


def decide(access: Access) -> str:  # noqa: PLR0911 - answers in IAM's own order
    """Return ALLOWED (the empty text), or the closing clause of the refusal."""
    principal, policy, rule = access.principal, access.resource_policy, access.rule
    named = NOT_NAMED if policy is None else _by_resource_policy(access, policy)
    kind, at_home = principal.kind, principal.account == access.account
    if named is None:
        return rule.denied if at_home else rule.across or rule.denied
    if access.grants is not None and named != BY_NAME:
        named = max(named, access.grants())
    if kind in _POLICYLESS:
        return ALLOWED if named == BY_NAME else rule.silent
    if named == NOT_NAMED and not at_home:
        return rule.across or rule.silent
    # An account's root needs no identity policy.
    silent = ALLOWED if kind == "Root" else NOT_BY_IDENTITY
    own, limits = _by_own(access, principal.policies, silent, DENIED_BY_IDENTITY), ALLOWED
    if principal.session_policies or principal.boundary or kind == "FederatedUser":
        limits = _by_limits(access)
    if own in _FINAL or limits in _FINAL:
        return own if own in _FINAL else limits
    if at_home and named >= BY_ROLE:
        return ALLOWED if named == BY_NAME else limits
    if at_home and named == NOT_NAMED and rule.required and policy is not None:
        return rule.silent
    return own or limits


#: Who has no identity policies, and no account that would speak for it.
_POLICYLESS: Final = frozenset(("AWSService", "Anonymous", "WebIdentityUser", "SAMLUser"))


def refusal(access: Access, authority: str = SOUND) -> str:
    """Return the message of a refusal; "" if the access is allowed.

    Args:
      access: the question.
      authority: how policy evaluation works on this host: SOUND, or an ailment of it.

    Raises:
      DependencyTimeoutException: nobody can say.
    """
    if authority == UNAVAILABLE:
        raise DependencyTimeoutException(TIMED_OUT)
    reason = NOT_BY_IDENTITY if authority == DENIES_ALL else decide(access)
    if reason == ALLOWED:
        return ""
    who = access.principal.arn or access.principal.invoked_by or "anonymous"
    subject = f"User: {who} is not authorized to perform: {access.action}"
    if reason is NOT_ACROSS:
        resource = " on this resource"
    elif access.resource == "*":
        resource = ""
    else:
        resource = f" on resource: {_shown(access.action, access.resource)}"
    return subject + resource + reason.format(action=access.action)


def authorize(
    access: Access, authority: str = SOUND, error: type[ServiceError] = AccessDeniedException
) -> None:
    """Return if the access is allowed.

    Args:
      access: the question.
      authority: how policy evaluation works on this host: SOUND, or an ailment of it.
      error: what the service refuses with.

    Raises:
      ServiceError: an ``error``, with the service's message, if it is not.
      DependencyTimeoutException: nobody can say.
    """
    message = refusal(access, authority)
    if message:
        raise error(message)


# ---- how a refusal shows a resource ----

#: IAM names its users, roles and groups without their ARN, but where one is handed on.
_OF_IAM: Final = re.compile(r"arn:[^:]*:iam::[^:]*:(user|role|group)/(?:.*/)?([^/]+)")
_WITH_ARN: Final = ("iam:PassRole",)


def _shown(action: str, resource: str) -> str:
    """Return a resource as its service's refusals name it; observed of S3 and IAM."""
    service = action.partition(":")[0].lower()
    if service == "s3":
        return f'"{resource}"'
    if service == "iam" and action not in _WITH_ARN:
        match = _OF_IAM.fullmatch(resource)
        if match is not None:
            return f"{match[1]} {match[2]}"
    return resource
