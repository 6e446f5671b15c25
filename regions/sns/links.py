"""Links in messages of SNS: which requests need no signature, and which region they are for.

What does not belong here: what those actions do (operations/).
Source: SNS API Reference, ConfirmSubscription and Unsubscribe.
"""

from typing import Final
from urllib.parse import parse_qsl

from regions.api.http_values import HttpRequest

#: What whoever follows a link may do.
_ACTIONS: Final = ("ConfirmSubscription", "Unsubscribe")
_ARNS: Final = ("TopicArn", "SubscriptionArn")
_PAIRS_MAX: Final = 16


def region_of_link(request: HttpRequest) -> str:
    """Return the region of an unsigned request that follows a link; "" of any other request."""
    if request.method != "GET" or request.header("authorization"):
        return ""
    path, _, query = request.target.partition("?")
    if path != "/" or "Signature=" in query:
        return ""
    try:
        given = dict(parse_qsl(query, max_num_fields=_PAIRS_MAX))
    except ValueError:
        return ""
    if given.get("Action") not in _ACTIONS:
        return ""
    arn = next((given[name] for name in _ARNS if name in given), "")
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[2] == "sns" else ""
