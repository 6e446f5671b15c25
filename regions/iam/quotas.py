"""How many there may be, and what is said of one more.

What does not belong here: sizes of policies (documents.py).
Source: IAM User Guide, "IAM and AWS STS quotas", the default values; text as observed.
"""

from typing import Final

from regions.iam.errors import LimitExceeded

QUOTAS: Final = {
    "UsersPerAccount": 5_000,
    "RolesPerAccount": 1_000,
    "GroupsPerAccount": 300,
    "PoliciesPerAccount": 1_500,
    "GroupsPerUser": 10,
    "PoliciesPerUser": 10,
    "PoliciesPerRole": 10,
    "PoliciesPerGroup": 10,
    "AccessKeysPerUser": 2,
    "TagsPerUser": 50,
    "TagsPerRole": 50,
    "TagsPerPolicy": 50,
}
VERSIONS_MAX: Final = 5


def check_quota(name: str, number: int) -> None:
    """Accept that many.

    Raises:
      LimitExceeded: it is more than the quota.
    """
    if number > QUOTAS[name]:
        raise LimitExceeded(f"Cannot exceed quota for {name}: {QUOTAS[name]}")
