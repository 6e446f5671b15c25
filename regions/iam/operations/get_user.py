"""GetUser: a user, by default the caller.

Source: IAM API Reference, GetUser.
"""

from typing import Any

from regions.iam.changes import User
from regions.iam.directory import Directory
from regions.iam.shapes import timestamp, user_shape
from regions.iam.wants import on, user_name
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    account, name = desk.account, user_name(desk, parameters)
    if not name:
        keys = directory.keys_of(account, "")
        since_ns = min((key.created_ns for key in keys), default=desk.now_ns)
        arn = f"arn:{directory.partition}:iam::{account}:root"
        # An account is as old as the oldest key of its root; nothing else makes it.
        root = {"UserId": account, "Arn": arn, "CreateDate": timestamp(since_ns)}
        return {"User": root}
    return {"User": user_shape(directory, directory.find(User, account, name), whole=True)}


OPERATION = on("GetUser", User, "UserName", _perform, read_only=True)
