"""DeleteAccessKey: make an end of an access key.

Source: IAM API Reference, DeleteAccessKey.
"""

from typing import Any

from regions.iam.changes import Gone, User
from regions.iam.directory import Directory
from regions.iam.wants import on, user_name
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    name = user_name(desk, parameters)
    key = directory.key_of(desk.account, name, parameters["AccessKeyId"])
    desk.change(Gone(kind="key", account=key.account, name=key.access_key_id))
    return {}


OPERATION = on("DeleteAccessKey", User, "UserName", _perform)
