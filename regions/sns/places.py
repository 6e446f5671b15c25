"""ARNs of topics and subscriptions, and the pages of listings.

What does not belong here: whether such a thing exists (operations/).
Source: SNS API Reference; 100 entries a page.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from regions.names import partition
from regions.sns.errors import InvalidParameterException

PAGE_MAX: Final = 100
_ARN_PARTS: Final = 6


def topic_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of a topic."""
    return f"arn:{partition(region)}:sns:{region}:{account}:{name}"


def check_arn(arn: str, member: str, region: str) -> list[str]:
    """Return the parts of an ARN of this region.

    Raises:
      InvalidParameterException: it is none.
    """
    parts = arn.split(":")
    if len(parts) < _ARN_PARTS:
        raise InvalidParameterException(
            f"Invalid parameter: {member} Reason: An ARN must have at least {_ARN_PARTS} elements,"
            f" not {len(parts)}"
        )
    if parts[:4] != ["arn", partition(region), "sns", region]:
        raise InvalidParameterException(f"Invalid parameter: {member}")
    return parts


def page(
    items: Sequence[dict[str, Any]], names: Sequence[str], parameters: Any, member: str
) -> dict[str, Any]:
    """Return one page of a listing, whose names are in order and all different."""
    start = 0
    if parameters.get("NextToken"):
        last = _read(parameters["NextToken"])
        start = sum(name <= last for name in names)
    answer: dict[str, Any] = {member: list(items[start : start + PAGE_MAX])}
    if len(items) > start + PAGE_MAX:
        last = names[start + PAGE_MAX - 1]
        answer["NextToken"] = base64.urlsafe_b64encode(last.encode()).decode()
    return answer


def _read(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidParameterException("Invalid parameter: NextToken") from None
