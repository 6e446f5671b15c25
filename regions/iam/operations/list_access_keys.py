"""ListAccessKeys: the access keys of a user, or of the account's root.

Source: IAM API Reference, ListAccessKeys.
"""

from typing import Any

from regions.iam.changes import User
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import key_shape
from regions.iam.wants import on, user_name
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    account, name = desk.account, user_name(desk, parameters)
    if name:
        directory.find(User, account, name)
    keys = sorted(directory.keys_of(account, name), key=lambda key: key.access_key_id.lower())
    return page(parameters, "AccessKeyMetadata", keys, lambda key: key.access_key_id, key_shape)


OPERATION = on("ListAccessKeys", User, "UserName", _perform, read_only=True)
