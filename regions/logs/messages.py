"""What is asked of CloudWatch Logs, beside API calls.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
ReadMetrics           admin interface asks logs      LogMetrics
PutAlarm              a scenario's caller asks logs  AlarmPut
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAlarm(Message):
    """Tell a topic when a metric's sum of one period reaches a threshold.

    It stands for PutMetricAlarm of CloudWatch, whose API is not modelled.
    """

    account: str
    name: str
    namespace: str
    metric: str
    threshold: float
    period_s: int  #: 60 or more
    topic: str  #: ARN


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPut(Message):
    """The alarm is set, durably."""


#: Wire ids 530–532 and 753–754.
LOGS_FRAMES: Final[dict[int, type[Any]]] = {
    530: ReadMetrics,
    531: LogMetric,
    532: LogMetrics,
    753: PutAlarm,
    754: AlarmPut,
}
