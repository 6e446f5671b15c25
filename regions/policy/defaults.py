"""The key policies that the service writes itself.

What does not belong here: policies that callers bring. A key stores no text for these: which
one it has follows from who manages it, so a provider-side update reaches every such key at once.
Source: AWS KMS Developer Guide, "Default key policy" and "Viewing the key policy of an AWS
managed key"; spacing as GetKeyPolicy returns it.
"""

from functools import lru_cache
from typing import Final

from regions.names import calls_as, root_arn, via_service

_DEFAULT: Final = """{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "%(root)s"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""

_MANAGED: Final = """{
  "Version" : "2012-10-17",
  "Id" : "auto-%(service)s-1",
  "Statement" : [ {
    "Sid" : "Allow access through %(label)s for all principals in the account that are \
authorized to use %(label)s",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", \
"kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "%(account)s",
        "kms:ViaService" : "%(via)s"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "%(root)s"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}"""


@lru_cache(maxsize=4096)
def default_key_policy(region: str, account: str) -> str:
    """Return the policy of a customer's key that was created without one."""
    return _DEFAULT % {"root": root_arn(region, account)}


@lru_cache(maxsize=4096)
def managed_key_policy(region: str, account: str, service: str) -> str:
    """Return the policy of an AWS managed key: its service may use it, the account may look."""
    return _MANAGED % {
        "service": service,
        "label": service.upper(),
        "account": account,
        "via": via_service(calls_as(service), region),
        "root": root_arn(region, account),
    }
