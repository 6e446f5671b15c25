"""AttachGroupPolicy: attach a managed policy to a group.

Source: IAM API Reference, AttachGroupPolicy.
"""

from regions.iam.changes import Group
from regions.iam.holders import attach
from regions.iam.wants import on

OPERATION = on("AttachGroupPolicy", Group, "GroupName", attach(Group))
