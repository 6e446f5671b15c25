"""Who somebody is when he makes a call: his name, and every policy that applies to him now.

What does not belong here: whether he is the one (api/sigv4.py), and what he may do (policy/).
Source: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM User Guide, "Policy
evaluation logic".
"""

from typing import Final

from regions.calls import Principal
from regions.iam.changes import AccessKey, Policy, Role, User
from regions.iam.directory import Directory
from regions.iam.identifiers import session_arn
from regions.policy.callers import caller_named
from regions.sts.token import Claims
from sim.quick import changed

#: In the place of a session's policy that is there no more: it lets nothing through.
NOTHING: Final = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
)


def holder_of(directory: Directory, key: AccessKey) -> Principal:
    """Return who holds a long-term key."""
    if not key.user:
        return _root(directory, key.account, key.access_key_id)
    return _user(directory, directory.find(User, key.account, key.user), key.access_key_id)


def session_of(directory: Directory, claims: Claims) -> Principal | None:
    """Return who has a session; None if the role or user is there no more."""
    account, key_id = claims.account, claims.access_key_id
    if claims.kind == "AssumedRole":
        role = directory.seek(Role, account, claims.owner)
        if role is None or role.role_id != claims.owner_id:
            return None
        return _assumed(directory, role, claims)
    if claims.kind == "Root":
        found = _root(directory, account, key_id)
    else:
        user = directory.seek(User, account, claims.owner)
        if user is None or user.user_id != claims.owner_id:
            return None
        found = _user(directory, user, key_id)
    return changed(found, session_ns=claims.issued_ns)


def named_by(directory: Directory, arn: str) -> Principal | None:
    """Return who has an ARN, as if he made a call now; None if there is nobody."""
    try:
        named = caller_named(arn)
    except ValueError:
        return None
    if named.kind == "IAMUser":
        user = directory.seek_arn(User, arn)
        return None if user is None else _user(directory, user, "")
    if named.kind != "AssumedRole":
        return named
    role = directory.seek(Role, named.account, named.user_name)
    is_role = ":role/" in arn
    if role is None or (is_role and directory.arn(role) != arn):
        return None
    return changed(
        named,
        issuer_arn=directory.arn(role),
        principal_id=f"{role.role_id}:{named.arn.rpartition('/')[2]}",
        policies=directory.texts([role]),
        boundary=_boundary(directory, role.boundary),
        tags=role.tags,
    )


def _root(directory: Directory, account: str, key_id: str) -> Principal:
    return Principal(
        kind="Root",
        account=account,
        arn=f"arn:{directory.partition}:iam::{account}:root",
        principal_id=account,
        access_key_id=key_id,
    )


def _user(directory: Directory, user: User, key_id: str) -> Principal:
    groups = directory.groups_of(user.account, user.name)
    return Principal(
        kind="IAMUser",
        account=user.account,
        arn=directory.arn(user),
        principal_id=user.user_id,
        user_name=user.name,
        access_key_id=key_id,
        policies=directory.texts([user, *groups]),
        boundary=_boundary(directory, user.boundary),
        tags=user.tags,
    )


def _assumed(directory: Directory, role: Role, claims: Claims) -> Principal:
    tags = dict(role.tags)
    for name, value in claims.tags:  # Names of tags differ in more than their case.
        tags = {key: old for key, old in tags.items() if key.lower() != name.lower()}
        tags[name] = value
    managed = (directory.seek_arn(Policy, arn) for arn in claims.policy_arns)
    texts = [NOTHING if policy is None else policy.document for policy in managed]
    return Principal(
        kind="AssumedRole",
        account=role.account,
        arn=session_arn(directory.partition, role.account, role.name, claims.session),
        principal_id=f"{role.role_id}:{claims.session}",
        user_name=role.name,
        access_key_id=claims.access_key_id,
        issuer_arn=directory.arn(role),
        policies=directory.texts([role]),
        session_policies=(*((claims.policy,) if claims.policy else ()), *texts),
        boundary=_boundary(directory, role.boundary),
        tags=tuple(tags.items()),
        session_ns=claims.issued_ns,
        source_identity=claims.source_identity,
    )


def _boundary(directory: Directory, arn: str) -> str:
    if not arn:
        return ""
    policy = directory.seek_arn(Policy, arn)
    assert policy is not None, f"{arn} is a boundary, so it cannot be deleted"
    return policy.document
