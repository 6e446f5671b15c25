"""Who made a recorded call, and through which service.

What does not belong here: policies; a log does not tell what its principals were allowed.
Source: CloudTrail User Guide, "CloudTrail userIdentity element"; KMS Developer Guide, "How AWS
services use KMS" for the encryption contexts of services.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from regions.calls import Principal

ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
NO_ACCOUNT: Final = "accountId is not twelve digits"

_SERVICE_DOMAIN: Final = ".amazonaws.com"
_INTERNAL: Final = "AWS Internal"

#: What a call carries when some service made it, but nothing says which.
UNKNOWN_SERVICE: Final = "internal"

#: Identity types that a replayed call can act as.
KINDS: Final = ("AWSService", "AssumedRole", "IAMUser", "Root")

#: Context keys that do not have the form ``aws:<service>:...`` or name a service's part.
_CONTEXT_SERVICE: Final[Mapping[str, str]] = {
    "PARAMETER_ARN": "ssm",
    "SecretARN": "secretsmanager",
    "aws:ebs:id": "ec2",  # block storage calls as EC2: kms:ViaService is ec2.<region>
}

#: Contexts of two services: a trail that writes to a bucket names both, and is the caller.
_FIRST: Final = ("cloudtrail",)


def principal_of(record: Mapping[str, Any], context: Mapping[str, str]) -> Principal | str:
    """Return the principal of a record, or the reason why a replay cannot act as it.

    Args:
      record: the whole record.
      context: the call's encryption context, which names the service behind ``AWS Internal``.
    """
    identity = record.get("userIdentity")
    if not isinstance(identity, dict):
        return "userIdentity is missing"
    kind = _text(identity, "type")
    if kind == "AWSAccount":
        return "the key owner's copy of another account's call"
    if kind not in KINDS:
        return f"principals of type {kind or 'none'} are not modelled"
    account = _text(identity, "accountId") or _text(record, "recipientAccountId")
    if not ACCOUNT.fullmatch(account):
        return NO_ACCOUNT
    issuer = _issuer(identity)
    user_name = _text(issuer, "userName") if kind == "AssumedRole" else _text(identity, "userName")
    invoked_by = _text(identity, "invokedBy")
    return Principal(
        kind=kind,
        account=account,
        arn=_text(identity, "arn"),
        principal_id=_text(identity, "principalId"),
        user_name=user_name,
        access_key_id=_text(identity, "accessKeyId"),
        issuer_arn=_text(issuer, "arn"),
        invoked_by=invoked_by,
        via_service=via_service(invoked_by, context),
    )


def via_service(invoked_by: str, context: Mapping[str, str]) -> str:
    """Return the short name of the service that made a call, such as ``ssm``; "" for none."""
    if not invoked_by:
        return ""
    if invoked_by.endswith(_SERVICE_DOMAIN):
        # Names such as delivery.logs.amazonaws.com carry the service last.
        return invoked_by.removesuffix(_SERVICE_DOMAIN).rpartition(".")[2]
    return service_of_context(context)


def service_of_context(context: Mapping[str, str]) -> str:
    """Return the service that writes such an encryption context, or UNKNOWN_SERVICE.

    Known keys come first, then ``aws:<service>:...``, then the service part of any ARN among the
    values; among several the first in order of the key, for dictionaries keep no meaning.
    """
    for key in sorted(context):
        if key in _CONTEXT_SERVICE:
            return _CONTEXT_SERVICE[key]
    named = [key.split(":")[1] for key in sorted(context) if _names_service(key)]
    arns = [context[key].split(":")[2] for key in sorted(context) if _is_arn(context[key])]
    found = [service for service in (*named, *arns) if service]
    first = [service for service in found if service in _FIRST]
    return (first or found or [UNKNOWN_SERVICE])[0]


def _names_service(key: str) -> bool:
    return key.startswith("aws:") and key.count(":") >= 2


def _is_arn(value: str) -> bool:
    return value.startswith("arn:") and value.count(":") >= 5


def _issuer(identity: Mapping[str, Any]) -> Mapping[str, Any]:
    session = identity.get("sessionContext")
    issuer = session.get("sessionIssuer") if isinstance(session, dict) else None
    return issuer if isinstance(issuer, dict) else {}


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
