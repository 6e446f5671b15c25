"""ARNs of buses, rules and targets, and the pages of listings.

What does not belong here: whether such a thing exists (operations/).
Source: EventBridge API Reference; 100 entries a page.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from regions.errors import UnsupportedOperationException, ValidationException
from regions.events.errors import ResourceNotFoundException
from regions.names import partition

DEFAULT_BUS: Final = "default"
PAGE_MAX: Final = 100
_ARN_PARTS: Final = 6


def rule_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of a rule on the default bus."""
    return f"arn:{partition(region)}:events:{region}:{account}:rule/{name}"


def bus_arn(region: str, account: str) -> str:
    """Return the ARN of the default bus."""
    return f"arn:{partition(region)}:events:{region}:{account}:event-bus/{DEFAULT_BUS}"


def check_bus(name: str, region: str, account: str) -> None:
    """Refuse any bus but the caller's default one.

    Raises:
      ResourceNotFoundException: there is no such bus.
    """
    if name not in (DEFAULT_BUS, bus_arn(region, account)):
        raise ResourceNotFoundException(f"Event bus {name.rpartition('/')[2]} does not exist.")


def kind_of_target(arn: str, region: str, account: str) -> str:
    """Return the service of a rule's target: ``sns``, or ``logs`` of the rule's own account.

    Raises:
      ValidationException: it is no ARN.
      UnsupportedOperationException: nothing is delivered there.
    """
    parts = arn.split(":", _ARN_PARTS)
    if len(parts) < _ARN_PARTS or parts[0] != "arn" or not parts[-1]:
        raise ValidationException(
            f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )
    here = parts[1] == partition(region) and parts[3] == region
    if here and parts[2] == "sns" and len(parts) == _ARN_PARTS:
        return "sns"
    own = here and parts[2] == "logs" and parts[4] == account
    if own and parts[5] == "log-group" and len(parts) > _ARN_PARTS:
        return "logs"
    raise UnsupportedOperationException(
        f"target {arn} is not modelled; expected an SNS topic, or a log group of account"
        f" {account}, in {region}"
    )


def log_group_of(arn: str) -> tuple[str, str]:
    """Return account and name of the log group that a target is."""
    parts = arn.split(":", _ARN_PARTS)
    return parts[4], parts[6].removesuffix(":*")


def page(items: Sequence[dict[str, Any]], key: str, parameters: Any, member: str) -> dict[str, Any]:
    """Return one page of a listing in order of ``key``, which differs from item to item."""
    start = 0
    if "NextToken" in parameters:
        last = _read(parameters["NextToken"])
        start = sum(item[key] <= last for item in items)
    limit = parameters.get("Limit", PAGE_MAX)
    answer: dict[str, Any] = {member: list(items[start : start + limit])}
    if len(items) > start + limit:
        last = items[start + limit - 1][key]
        answer["NextToken"] = base64.urlsafe_b64encode(last.encode()).decode()
    return answer


def _read(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValidationException("Parameter NextToken is not valid.") from None
