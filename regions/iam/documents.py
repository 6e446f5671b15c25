"""Policy documents that IAM takes, and the words in which it refuses others.

What does not belong here: the language of policies (policy/).
Source: texts as observed from IAM, of some flaws only that it names none; IAM User Guide, "IAM
and AWS STS quotas": white space does not count.
"""

import re
from collections.abc import Iterable
from typing import Final

from regions.iam.changes import Role, User
from regions.iam.directory import Directory
from regions.iam.errors import LimitExceeded, MalformedPolicyDocument
from regions.policy.document import (
    NEWEST,
    Document,
    compile_identity_policy,
    compile_trust_policy,
)
from regions.policy.flaws import Flaw, PolicyError

SYNTAX: Final = "Syntax errors in policy."
OLD_VERSION: Final = "Policy document must be version 2012-10-17 or greater."
NOT_STS: Final = "AssumeRole policy may only specify STS AssumeRole actions."
_TEXTS: Final = {
    Flaw.NO_ACTION: "Policy statement must contain actions.",
    Flaw.ACTION: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    Flaw.NO_RESOURCE: "Policy statement must contain resources.",
    Flaw.RESOURCE: 'Resource {found} must be in ARN format or "*".',
    Flaw.RESOURCE_FORBIDDEN: "Has prohibited field Resource",
    Flaw.PRINCIPAL_FORBIDDEN: "Policy document should not specify a principal.",
    Flaw.PRINCIPAL: 'Invalid principal in policy: "AWS":"{found}"',
    Flaw.SID: "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
    "regular expression [0-9A-Za-z]*",
    Flaw.SID_TWICE: "Statement IDs (SID) in a single policy must be unique.",
}
#: What a role's trust may speak of.
_TRUST_ACTIONS: Final = frozenset(
    f"sts:{name}"
    for name in (
        *("assumerole", "assumerolewithsaml", "assumerolewithwebidentity"),
        *("tagsession", "setsourceidentity", "setcontext"),
    )
)

#: Characters, white space left out. Source: IAM User Guide, quotas.
INLINE_MAX: Final = {"user": 2_048, "role": 10_240, "group": 5_120}
MANAGED_MAX: Final = 6_144
TRUST_MAX: Final = 2_048
#: As long as the offending text is shown.
_SHOWN: Final = 256
_FOREIGN: Final = re.compile(r"arn:[^:]+:iam::(\d{12}):(user|role)/.+")


def size_of(documents: Iterable[str]) -> int:
    """Return the size of policies as it counts for quotas: without white space."""
    return sum(len("".join(document.split())) for document in documents)


def refusal_of(error: PolicyError) -> MalformedPolicyDocument:
    """Return what IAM says of a document that is no policy."""
    text = _TEXTS.get(error.flaw, SYNTAX)
    return MalformedPolicyDocument(text.format(found=error.found[:_SHOWN]))


def check_policy(text: str) -> None:
    """Accept the document of an identity policy.

    Raises:
      MalformedPolicyDocument: it is none, or of the old version.
    """
    try:
        document = compile_identity_policy(text)
    except PolicyError as error:
        raise refusal_of(error) from None
    if document.version != NEWEST:
        raise MalformedPolicyDocument(OLD_VERSION)


def check_managed(text: str) -> None:
    """Accept the document of a managed policy.

    Raises:
      MalformedPolicyDocument: it is none.
      LimitExceeded: it is too long.
    """
    check_policy(text)
    if size_of([text]) > MANAGED_MAX:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {MANAGED_MAX}")


def check_trust(text: str, directory: Directory) -> None:
    """Accept the document that says who may assume a role.

    Raises:
      MalformedPolicyDocument: it is none, or names somebody whom there is not.
      LimitExceeded: it is too long.
    """
    try:
        document = compile_trust_policy(text)
    except PolicyError as error:
        raise refusal_of(error) from None
    for statement in document.statements:
        if not _TRUST_ACTIONS.issuperset(action.lower() for action in statement.actions):
            raise MalformedPolicyDocument(NOT_STS)
    for arn in _named(document):
        match = _FOREIGN.fullmatch(arn)
        if match is None:
            continue  # Sessions, identity providers: they stay as written.
        user = match[2] == "user"
        if (directory.seek_arn(User, arn) if user else directory.seek_arn(Role, arn)) is None:
            raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{arn}"')
    if size_of([text]) > TRUST_MAX:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_MAX}")


def _named(document: Document) -> list[str]:
    found: set[str] = set()
    for statement in document.statements:
        assert statement.principals is not None, "a trust policy's statement has principals"
        found |= statement.principals.arns
    return sorted(found)
