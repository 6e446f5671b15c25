"""PutGroupPolicy: give a group a policy of its own, or another text of it.

Source: IAM API Reference, PutGroupPolicy.
"""

from regions.iam.changes import Group
from regions.iam.holders import put_inline
from regions.iam.wants import on

OPERATION = on("PutGroupPolicy", Group, "GroupName", put_inline(Group))
