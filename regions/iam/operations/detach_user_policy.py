"""DetachUserPolicy: take a managed policy from a user.

Source: IAM API Reference, DetachUserPolicy.
"""

from regions.iam.changes import User
from regions.iam.holders import detach
from regions.iam.wants import on

OPERATION = on("DetachUserPolicy", User, "UserName", detach(User))
