"""GetAccessKeyInfo: the account of an access key, whether or not the key is there.

Source: STS API Reference, GetAccessKeyInfo.
"""

from typing import Any

from regions.api.errors import ValidationError
from regions.iam.identifiers import account_of_key
from regions.service.operation import Desk, Values, Wanted
from regions.sts.operation import StsOperation


def _wants(desk: Desk, _parameters: Values) -> Wanted:
    return Wanted(action="sts:GetAccessKeyInfo", resource="*", account=desk.account)


def _perform(_desk: Desk, parameters: Values) -> dict[str, Any]:
    key_id = parameters["AccessKeyId"]
    account = account_of_key(key_id)
    if account is None:
        raise ValidationError(f"Invalid Access Key ID: {key_id}")
    return {"Account": account}


OPERATION = StsOperation(name="GetAccessKeyInfo", perform=_perform, read_only=True, wants=_wants)
