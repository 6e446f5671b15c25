"""Who may do what with a bucket: its policy, the caller's policies, and what S3 says of both.

What does not belong here: the language of policies (policy/), and any one action.
Source: Amazon S3 User Guide, "How Amazon S3 authorizes a request" and "Policy keys"; Service
Authorization Reference, S3; texts as observed.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from regions.api.errors import MalformedPolicy
from regions.calls import ApiCall
from regions.errors import AccessDeniedException
from regions.names import partition
from regions.policy.document import Document, Statement, compile_resource_policy
from regions.policy.evaluate import ALLOWED, Access, decide, refusal
from regions.policy.flaws import Flaw, PolicyError
from regions.policy.patterns import glob, written
from regions.policy.request import request_context
from regions.trail.own_calls import cloudtrail
from regions.trail.trails import OWN_SOURCE

#: What callers hear who are not of the bucket's account.
DENIED: Final = "Access Denied"
#: Source: User Guide, "Bucket policies".
POLICY_BYTES_MAX: Final = 20 * 1024

_FLAWS: Final[Mapping[Flaw, str]] = {
    Flaw.SYNTAX: "This policy contains invalid Json",
    Flaw.VERSION: "The policy must contain a valid version string",
    Flaw.EFFECT: "Invalid effect in policy",
    Flaw.NO_ACTION: "Missing required field Action",
    Flaw.ACTION: "Policy has invalid action",
    Flaw.NO_RESOURCE: "Missing required field Resource",
    Flaw.RESOURCE: "Policy has invalid resource",
    Flaw.NO_PRINCIPAL: "Missing required field Principal",
    Flaw.PRINCIPAL: "Invalid principal in policy",
    Flaw.CONDITION: "Policy has an invalid condition key",
}
_OTHER_FLAW: Final = "Policies must be valid JSON and the first byte must be '{'"

#: Member of a request -> condition key that shows it.
_KEYS: Final[Mapping[str, str]] = {
    "ACL": "s3:x-amz-acl",
    "CopySource": "s3:x-amz-copy-source",
    "Delimiter": "s3:delimiter",
    "LocationConstraint": "s3:locationconstraint",
    "MaxKeys": "s3:max-keys",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "Prefix": "s3:prefix",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
}
#: Condition keys that bind a statement to somebody known. Source: User Guide, "Blocking public
#: access", "The meaning of public".
_FIXED_KEYS: Final = frozenset(
    {
        *("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:sourceaccount"),
        *("aws:sourcearn", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:userid"),
    }
)


def bucket_arn(region: str, bucket: str, key: str = "") -> str:
    """Return the ARN of a bucket, or of an object in it."""
    return f"arn:{partition(region)}:s3:::{bucket}" + (f"/{key}" if key else "")


@lru_cache(maxsize=1024)
def compile_policy(text: str, bucket: str) -> Document:
    """Compile a bucket's policy.

    Raises:
      MalformedPolicy: it is none, or speaks of something else than this bucket.
    """
    if len(text.encode()) > POLICY_BYTES_MAX:
        raise MalformedPolicy(
            f"Normalized policy document exceeds the maximum allowed size of {POLICY_BYTES_MAX} "
            "bytes."
        )
    if not text.lstrip().startswith("{"):
        raise MalformedPolicy(_OTHER_FLAW)
    try:
        document = compile_resource_policy(text)
    except PolicyError as error:
        raise MalformedPolicy(_FLAWS.get(error.flaw, _OTHER_FLAW)) from None
    for statement in document.statements:
        _check_statement(statement, bucket)
    return document


def _check_statement(statement: Statement, bucket: str) -> None:
    for action in statement.actions:
        if action != "*" and not action.lower().startswith("s3:"):
            raise MalformedPolicy("Policy has invalid action")
    for resource in statement.resources:
        arn, mark, named = resource.partition(":s3:::")
        name = named.partition("/")[0]
        is_its = bool(mark) and arn.startswith("arn:") and glob(written(name))(bucket)
        if resource != "*" and not is_its:
            raise MalformedPolicy("Policy has invalid resource")


def context_of(call: ApiCall, now_ns: int, owner: str) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of a call, lower-cased."""
    seen = request_context(call, now_ns, resource_account=owner)
    given: dict[str, Any] = {
        **(call.parameters.get("CreateBucketConfiguration") or {}),
        **call.parameters,
    }
    for member, key in _KEYS.items():
        if given.get(member) is not None:
            seen[key] = str(given[member])
    return seen


def access_of(
    call: ApiCall,
    now_ns: int,
    *,
    action: str,
    resource: str,
    owner: str,
    policy: Document | None,
) -> Access:
    """Return the question whether a call may do something."""
    return Access(
        principal=call.principal,
        action=action,
        resource=resource,
        account=owner,
        resource_policy=policy,
        context=lambda: context_of(call, now_ns, owner),
    )


def authorize(access: Access) -> None:
    """Return if the access is allowed.

    Raises:
      AccessDeniedException: it is not; strangers are not told why.
    """
    message = refusal(access)
    if message:
        of_owner = access.principal.account == access.account
        raise AccessDeniedException(message if of_owner else DENIED)


def is_allowed(access: Access) -> bool:
    """Say whether an access is allowed."""
    return decide(access) == ALLOWED


# Trails.


def cloudtrail_call(
    region: str,
    bucket: str,
    key: str,
    account: str,
    trail: str,
    action: str,
    sealed_by: str = "",
) -> ApiCall:
    """Return what CloudTrail asks of S3: files belong to the bucket's owner.

    Args:
      sealed_by: ARN of the KMS key under which the file is encrypted; "": S3's own.
    """
    parameters = {"Bucket": bucket, "Key": key, "ACL": "bucket-owner-full-control"}
    if sealed_by:
        parameters |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": sealed_by}
    return ApiCall(
        service="s3",
        region=region,
        action=action,
        parameters=parameters if key else {"Bucket": bucket},
        principal=cloudtrail(account, trail),
        source_ip=OWN_SOURCE,
        user_agent=OWN_SOURCE,
    )


@lru_cache(maxsize=256)
def delivery_policy(region: str, bucket: str) -> str:
    """Return a policy that lets every trail deliver: of buckets made without the API."""
    arn = bucket_arn(region, bucket)
    return (
        '{"Version": "2012-10-17", "Statement": ['
        f'{{"Effect": "Allow", "Principal": {{"Service": "{OWN_SOURCE}"}}, '
        f'"Action": "s3:GetBucketAcl", "Resource": "{arn}"}}, '
        f'{{"Effect": "Allow", "Principal": {{"Service": "{OWN_SOURCE}"}}, '
        f'"Action": "s3:PutObject", "Resource": "{arn}/*"}}]}}'
    )


# What a policy opens.


def is_public(text: str, bucket: str) -> bool:
    """Say whether a policy lets in people whom nobody knows."""
    entries = json.loads(text)["Statement"]
    statements = compile_policy(text, bucket).statements
    pairs = zip(statements, entries if isinstance(entries, list) else [entries], strict=True)
    return any(_is_public(statement, entry) for statement, entry in pairs)


def _is_public(statement: Statement, entry: Mapping[str, Any]) -> bool:
    principals = statement.principals
    assert principals is not None, "a resource policy's statement has principals"
    keys = {key.lower() for block in entry.get("Condition", {}).values() for key in block}
    return statement.allows and principals.everyone and not keys & _FIXED_KEYS
