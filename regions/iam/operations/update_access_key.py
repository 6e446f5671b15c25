"""UpdateAccessKey: let an access key work, or not.

Source: IAM API Reference, UpdateAccessKey.
"""

from typing import Any

from regions.iam.changes import User
from regions.iam.directory import Directory
from regions.iam.errors import InvalidInput
from regions.iam.wants import on, user_name
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    name = user_name(desk, parameters)
    key = directory.key_of(desk.account, name, parameters["AccessKeyId"])
    if parameters["Status"] not in ("Active", "Inactive"):
        raise InvalidInput("Status must be Active or Inactive.")
    desk.change(changed(key, active=parameters["Status"] == "Active"))
    return {}


OPERATION = on("UpdateAccessKey", User, "UserName", _perform)
