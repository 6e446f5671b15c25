"""DetachGroupPolicy: take a managed policy from a group.

Source: IAM API Reference, DetachGroupPolicy.
"""

from regions.iam.changes import Group
from regions.iam.holders import detach
from regions.iam.wants import on

OPERATION = on("DetachGroupPolicy", Group, "GroupName", detach(Group))
