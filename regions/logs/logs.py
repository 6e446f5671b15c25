"""Actor: CloudWatch Logs of one region.

Encryption of log groups, other classes than STANDARD, subscription filters, queries and regular
expressions in patterns are not modelled.
What does not belong here: any one action (operations/), and its state (state.py).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from regions.logs.changes import CHANGES
from regions.logs.messages import LogMetric, LogMetrics, ReadMetrics
from regions.logs.operations import OPERATIONS
from regions.logs.state import LogsState
from regions.service.operation import Operation
from regions.service.service import Service
from regions.service.state import State, state_codec
from sim.actor import Request
from sim.wire import Codec


class Logs(Service):
    """Log groups of all accounts in one region."""

    kind = "logs"
    service, source = "logs", "logs.amazonaws.com"
    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS
    codec: ClassVar[Codec] = state_codec(CHANGES)

    inline: ClassVar[frozenset[type[Any]]] = frozenset({ReadMetrics})

    def new_state(self) -> State:
        """Return an empty state."""
        return LogsState()

    def receive(self, request: Request) -> None:
        """Tell what metric filters have counted."""
        assert isinstance(self.state, LogsState), "as new_state made it"
        request.reply(
            LogMetrics(
                metrics=tuple(
                    LogMetric(
                        account=account,
                        namespace=namespace,
                        name=name,
                        dimensions=dimensions,
                        total=total,
                        samples=samples,
                    )
                    for (account, namespace, name, dimensions), (total, samples) in sorted(
                        self.state.metrics.items()
                    )
                )
            )
        )
