"""GetSessionToken: a session of a user, or of an account's root, who may do as much as before.

Source: STS API Reference, GetSessionToken: 12 hours by default, 36 at most, 1 of the root.
"""

from typing import Any, Final

from regions.errors import UnsupportedOperationException
from regions.service.operation import Desk, Values
from regions.sts.errors import AccessDenied
from regions.sts.operation import Counter, StsOperation, shown, whole_second
from regions.sts.token import Claims
from sim.units import NS_PER_SECOND

SESSION_S: Final = 43_200
ROOT_MAX_S: Final = 3_600


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    principal = desk.call.principal
    counter: Counter = desk.state
    if principal.session_ns or principal.kind not in ("IAMUser", "Root"):
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    if "SerialNumber" in parameters or "TokenCode" in parameters:
        raise UnsupportedOperationException("MFA devices are not modelled")
    duration_s = parameters.get("DurationSeconds", SESSION_S)
    if principal.kind == "Root":
        duration_s = min(duration_s, ROOT_MAX_S)
    issued_ns = whole_second(desk.now_ns)
    user = principal.kind == "IAMUser"
    claims = Claims(
        access_key_id="",
        kind=principal.kind,
        account=principal.account,
        owner=principal.user_name if user else "",
        owner_id=principal.principal_id if user else "",
        issued_ns=issued_ns,
        expires_ns=issued_ns + duration_s * NS_PER_SECOND,
    )
    credentials = counter.issue(claims)
    desk.recorded = {"Credentials": shown(credentials)}
    return {"Credentials": credentials}


OPERATION = StsOperation(
    name="GetSessionToken",
    perform=_perform,
    read_only=True,
    secret=frozenset({"TokenCode"}),
)
