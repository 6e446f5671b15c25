"""GetGroupPolicy: the text of a policy of a group's own.

Source: IAM API Reference, GetGroupPolicy.
"""

from regions.iam.changes import Group
from regions.iam.holders import get_inline
from regions.iam.wants import on

OPERATION = on("GetGroupPolicy", Group, "GroupName", get_inline(Group), read_only=True)
