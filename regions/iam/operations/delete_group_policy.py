"""DeleteGroupPolicy: take a policy of its own from a group.

Source: IAM API Reference, DeleteGroupPolicy.
"""

from regions.iam.changes import Group
from regions.iam.holders import delete_inline
from regions.iam.wants import on

OPERATION = on("DeleteGroupPolicy", Group, "GroupName", delete_inline(Group))
