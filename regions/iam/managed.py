"""The managed policies that every account has without making them.

What does not belong here: policies of accounts. Their names are AWS's, so that programs which
attach them by ARN go on working; their texts are ours, and speak of what is modelled.
Source: AWS Managed Policy Reference, names and purposes.
"""

import json
from functools import lru_cache
from hashlib import sha256
from typing import Final

from regions.iam.changes import Policy, PolicyVersion
from regions.iam.identifiers import ID_BYTES, POLICY, unique_id

#: Stands for the account in their ARNs.
AWS_ACCOUNT: Final = "aws"
#: 2015-02-06T18:39:46Z, when managed policies came.
_CREATED_NS: Final = 1_423_247_986 * 10**9

_READS: Final = ("Describe*", "Get*", "List*")

#: Name -> actions that it allows on everything.
_ALLOWS: Final[dict[str, tuple[str, ...]]] = {
    "AdministratorAccess": ("*",),
    "ReadOnlyAccess": (
        *(f"cloudtrail:{verb}" for verb in (*_READS, "LookupEvents")),
        *(f"events:{verb}" for verb in _READS),
        *(f"iam:{verb}" for verb in ("Get*", "List*")),
        *(f"kms:{verb}" for verb in _READS),
        *(f"logs:{verb}" for verb in (*_READS, "FilterLogEvents")),
        *(f"s3:{verb}" for verb in ("Get*", "List*")),
        *(f"sns:{verb}" for verb in ("Get*", "List*")),
        "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity",
    ),
    "AWSKeyManagementServicePowerUser": (
        "kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", *(f"kms:{verb}" for verb in _READS),
        "kms:GenerateRandom", "kms:TagResource", "kms:UntagResource",
        "iam:ListGroups", "iam:ListRoles", "iam:ListUsers",
    ),
    "AWSCloudTrail_FullAccess": (
        "cloudtrail:*", "kms:CreateKey", "kms:CreateAlias", "kms:ListKeys", "kms:ListAliases",
        "logs:CreateLogGroup", "sns:CreateTopic", "s3:CreateBucket", "s3:PutBucketPolicy",
        "s3:ListAllMyBuckets", "s3:GetBucketLocation", "s3:GetBucketPolicy",
    ),
    "AWSCloudTrail_ReadOnlyAccess": (
        "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
    ),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonS3ReadOnlyAccess": ("s3:Describe*", "s3:Get*", "s3:List*"),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonSNSReadOnlyAccess": ("sns:Get*", "sns:List*"),
    "AmazonEventBridgeFullAccess": ("events:*",),
    "CloudWatchLogsFullAccess": ("logs:*",),
    "CloudWatchLogsReadOnlyAccess": ("logs:Describe*", "logs:Get*", "logs:List*",
                                     "logs:FilterLogEvents"),
    "IAMFullAccess": ("iam:*",),
    "IAMReadOnlyAccess": ("iam:Get*", "iam:List*"),
    "SecurityAudit": (
        "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
        "iam:Get*", "iam:List*", "kms:Describe*", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus",
        "kms:List*", "logs:Describe*", "s3:GetBucket*", "s3:ListAllMyBuckets", "sns:List*",
    ),
}  # fmt: skip
#: Name -> actions that it leaves out; it allows all others.
_ALL_BUT: Final[dict[str, tuple[str, ...]]] = {"PowerUserAccess": ("iam:*", "organizations:*")}


def _document(element: str, actions: tuple[str, ...]) -> str:
    statement = {"Effect": "Allow", element: list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _policy(name: str, document: str) -> Policy:
    version = PolicyVersion(number=1, document=document, created_ns=_CREATED_NS)
    # Alike in every world, as those of AWS are in every account.
    random = sha256(name.encode()).digest()[:ID_BYTES]
    return Policy(
        account=AWS_ACCOUNT,
        name=name,
        path="/",
        policy_id=unique_id(POLICY, "0" * 12, random),
        created_ns=_CREATED_NS,
        updated_ns=_CREATED_NS,
        versions=(version,),
        default=1,
        latest=1,
    )


@lru_cache
def managed_policies() -> tuple[Policy, ...]:
    """Return all of them, by name."""
    documents = {name: _document("Action", actions) for name, actions in _ALLOWS.items()}
    documents |= {name: _document("NotAction", actions) for name, actions in _ALL_BUT.items()}
    return tuple(_policy(name, documents[name]) for name in sorted(documents))
