"""CreateAccessKey: make an access key of a user, or of the account's root.

Source: IAM API Reference, CreateAccessKey.
"""

from typing import Any

from regions.iam.changes import AccessKey, User
from regions.iam.directory import Directory
from regions.iam.identifiers import ID_BYTES, LONG_TERM, access_key_id
from regions.iam.quotas import check_quota
from regions.iam.shapes import key_shape
from regions.iam.wants import on, user_name
from regions.service.operation import Desk, Values


def new_key(
    directory: Directory, account: str, user: str, calendar_ns: int
) -> tuple[AccessKey, str]:
    """Return a new access key and its secret, which nobody can ask for later."""
    vault = directory.vault
    key_id = access_key_id(LONG_TERM, account, vault.draw(ID_BYTES))
    while key_id in directory.keys:
        key_id = access_key_id(LONG_TERM, account, vault.draw(ID_BYTES))
    secret = vault.new_secret()
    key = AccessKey(
        access_key_id=key_id,
        account=account,
        user=user,
        sealed=vault.seal(secret, key_id),
        active=True,
        created_ns=calendar_ns,
    )
    return key, secret


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    account, name = desk.account, user_name(desk, parameters)
    if name:
        directory.find(User, account, name)
    check_quota("AccessKeysPerUser", len(directory.keys_of(account, name)) + 1)
    key, secret = new_key(directory, account, name, desk.now_ns)
    desk.change(key)
    shape = key_shape(key)
    desk.recorded = {"AccessKey": shape}
    return {"AccessKey": {**shape, "SecretAccessKey": secret}}


OPERATION = on("CreateAccessKey", User, "UserName", _perform)
