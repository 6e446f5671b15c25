"""AttachUserPolicy: attach a managed policy to a user.

Source: IAM API Reference, AttachUserPolicy.
"""

from regions.iam.changes import User
from regions.iam.holders import attach
from regions.iam.wants import on

OPERATION = on("AttachUserPolicy", User, "UserName", attach(User))
