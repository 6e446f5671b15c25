"""What is asked of CloudWatch Logs, beside API calls.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
ReadMetrics           admin interface asks logs      LogMetrics
====================  =============================  ==============================================

What does not belong here: API calls (calls.py), and what the service keeps on its disk.
"""

from dataclasses import dataclass
from typing import Any, Final

from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMetrics(Message):
    """What have metric filters counted so far?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMetric(Message):
    """One metric."""

    account: str
    namespace: str
    name: str
    dimensions: str  #: ``name=value``, joined by commas
    total: float  #: sum of all values
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMetrics(Message):
    """All metrics of a region, in order of account, namespace, name and dimensions."""

    metrics: tuple[LogMetric, ...]


#: Wire ids 530–532.
LOGS_FRAMES: Final[dict[int, type[Any]]] = {530: ReadMetrics, 531: LogMetric, 532: LogMetrics}
