"""GetInsightSelectors: which Insights a trail has now; it is an error to have none.

Source: AWS CloudTrail API Reference, GetInsightSelectors; the text of the refusal as
its command line examples show it.
"""

from collections.abc import Mapping
from typing import Any

from regions.errors import InsightNotEnabledException
from regions.trail.operation import Desk, Operation
from regions.trail.operations.put_insight_selectors import answer, the_trail


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find(the_trail(parameters))
    if not found.has_insight_selectors:
        raise InsightNotEnabledException(
            f"Trail {found.arn} does not have Insights enabled. Edit the trail settings to enable "
            "Insights, and then try the operation again."
        )
    return answer(found.arn, found.insights[-1])


OPERATION = Operation(name="GetInsightSelectors", perform=_perform, read_only=True)
