"""GetCallerIdentity: who the caller is; nobody can be denied it.

Source: STS API Reference, GetCallerIdentity.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sts.operation import StsOperation


def _perform(desk: Desk, _parameters: Values) -> dict[str, Any]:
    principal = desk.call.principal
    return {
        "UserId": principal.principal_id,
        "Account": principal.account,
        "Arn": principal.arn,
    }


OPERATION = StsOperation(name="GetCallerIdentity", perform=_perform, read_only=True)
