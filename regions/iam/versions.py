"""Versions of managed policies by the names that they have in requests.

What does not belong here: what actions do with them (operations/).
Source: IAM User Guide, "Versioning IAM policies"; text as observed.
"""

from regions.iam.changes import Policy, PolicyVersion
from regions.iam.directory import Directory
from regions.iam.errors import NoSuchEntity


def find_version(directory: Directory, policy: Policy, version_id: str) -> PolicyVersion:
    """Return the version of a policy that is called ``v`` and a number.

    Raises:
      NoSuchEntity: it has none of that name.
    """
    for version in policy.versions:
        if version_id == f"v{version.number}":
            return version
    arn = directory.arn(policy)
    raise NoSuchEntity(f"Policy {arn} version {version_id} does not exist or is not attachable.")
