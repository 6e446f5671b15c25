"""How a live world is: health per region and AZ, leaders, the calendar, counters, metrics.

What does not belong here: who may ask (admin.py), and changing anything.
Source: Prometheus text format by prometheus-client.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from regions.api.http.server import HttpServer
from regions.live.gateway import Tally
from regions.live.instance import Instance
from regions.logs.messages import LogMetric, LogMetrics, ReadMetrics
from regions.messages import DescribeReplica
from regions.names import place_of
from sim.actor import Expired
from sim.units import NS_PER_SECOND, ms
from sim.wire import Refusal

#: An AZ that does not answer in this time counts as one that does not serve.
_ASK_NS: Final = ms(500)
#: What a power loss of the machine may cost, by the way of flushing; a kill costs nothing.
DURABILITY: Final = {
    "always": "an answered write is on the drives of two AZs",
    "batch": "an answered write survives kill -9; a power loss may cost the last 5 ms",
}


class Status:
    """Reads the state of one instance.

    Args:
      tally: what its gateway has answered.
      server: the gateway's.
    """

    def __init__(self, instance: Instance, tally: Tally, server: HttpServer) -> None:
        self._instance = instance
        self._tally = tally
        self._server = server
        self._world = instance.world

    @property
    def now_ns(self) -> int:
        """World time."""
        self._world.touch()
        return self._world.now_ns

    @property
    def calendar_ns(self) -> int:
        """True calendar: nanoseconds since 1970."""
        self._world.touch()
        return self._world.calendar_ns

    async def read(self) -> dict[str, Any]:
        """Return everything as one JSON object; times in seconds, texts for people."""
        instance = self._instance
        moment = datetime.fromtimestamp(self.calendar_ns / NS_PER_SECOND, UTC)
        return {
            "regions": {name: await self._region(name) for name in instance.topology.regions},
            "calendar": moment.isoformat(timespec="seconds"),
            "calendar_moved_s": round(self._world.moved_ns / NS_PER_SECOND, 3),
            "speed": instance.settings.speed,
            "uptime_s": round(self.now_ns / NS_PER_SECOND, 3),
            "data": str(instance.data),
            "fsync": instance.settings.fsync,
            "durability": DURABILITY[instance.settings.fsync],
            "auth": instance.settings.auth,
            "realistic": instance.settings.realistic,
            "requests": self._server.counters.requests,
            "connections": self._server.counters.connections,
            "calls": [
                {"service": service, "action": action, "outcome": code, "count": count}
                for (service, action, code), count in sorted(self._tally.calls.items())
            ],
        }

    async def _region(self, region: str) -> dict[str, Any]:
        deployment = self._instance.deployment
        assert deployment is not None, "built before anybody asks"
        leader = self._world.roles.get((region, "leader"), "")
        azs = {az.split("/")[1]: await self._az(az) for az in deployment.azs[region]}
        return {
            "leader": place_of(leader).partition("/")[2],
            "serving": sum(az["serving"] for az in azs.values()),
            "azs": azs,
        }

    async def _az(self, az: str) -> dict[str, Any]:
        place = place_of(az)
        names = self._world.names(place)
        found: dict[str, Any] = {
            "up": self._world.is_up(az),
            "down": [name.rpartition("/")[2] for name in names if not self._world.is_up(name)],
            "serving": False,
        }
        try:
            state = await self._world.ask(az, DescribeReplica(), timeout_ns=_ASK_NS)
        except (Refusal, Expired):
            return found
        return found | {
            "serving": state.serving,
            "applied": state.applied,
            "hsms_ready": state.hsms_ready,
            "domain_version": state.domain_version,
        }

    async def _log_metrics(self, region: str) -> tuple[LogMetric, ...]:
        """Return what metric filters of log groups have counted; () while logs are away."""
        logs = self._instance.endpoints["logs", region]
        try:
            answer: LogMetrics = await self._world.ask(logs, ReadMetrics(), timeout_ns=_ASK_NS)
        except (Refusal, Expired):
            return ()
        return answer.metrics

    async def metrics(self, faults: int) -> tuple[str, bytes]:
        """Return content type and text for Prometheus.

        Args:
          faults: how many last.

        Raises:
          ModuleNotFoundError: the extra ``serve`` is not installed.
        """
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415 - extra
        from prometheus_client.core import CollectorRegistry, Metric  # noqa: PLC0415 - extra

        found = await self.read() | {"faults": faults}

        class Once:
            def collect(self) -> Iterator[Metric]:
                yield from _metrics(found)

        found["log_metrics"] = [
            (region, metric)
            for region in self._instance.topology.regions
            for metric in await self._log_metrics(region)
        ]
        found["times"] = self._tally.seconds
        found["disks"] = self._instance.disk_statistics()
        registry = CollectorRegistry()
        registry.register(Once())
        return CONTENT_TYPE_LATEST, generate_latest(registry)


def _metrics(found: dict[str, Any]) -> Iterator[Any]:
    """Yield the metric families of one reading."""
    from prometheus_client.core import (  # noqa: PLC0415 - an extra
        CounterMetricFamily,
        GaugeMetricFamily,
    )

    calls = CounterMetricFamily(
        "nines_calls", "API calls answered", labels=["service", "action", "outcome"]
    )
    for call in found["calls"]:
        calls.add_metric([call["service"], call["action"], call["outcome"]], call["count"])
    yield calls
    times = CounterMetricFamily(
        "nines_call_seconds", "Time spent on API calls", labels=["service", "action"]
    )
    for (service, action), took_s in found["times"].items():
        times.add_metric([service, action], took_s)
    yield times
    serving = GaugeMetricFamily("nines_az_serving", "1: it serves", labels=["region", "az"])
    ready = GaugeMetricFamily("nines_az_hsms_ready", "HSMs in the domain", labels=["region", "az"])
    leads = GaugeMetricFamily("nines_az_leads", "1: it leads", labels=["region", "az"])
    for region, one in found["regions"].items():
        for az, state in one["azs"].items():
            serving.add_metric([region, az], float(state["serving"]))
            ready.add_metric([region, az], float(state.get("hsms_ready", 0)))
            leads.add_metric([region, az], float(one["leader"] == az))
    yield from (serving, ready, leads)
    yield GaugeMetricFamily("nines_connections", "Open connections", value=found["connections"])
    yield CounterMetricFamily("nines_requests", "HTTP requests", value=found["requests"])
    yield GaugeMetricFamily("nines_faults", "Faults that last", value=found["faults"])
    yield GaugeMetricFamily(
        "nines_calendar_moved_seconds", "Calendar before the wall", value=found["calendar_moved_s"]
    )
    labels = ["region", "account", "namespace", "metric", "dimensions"]
    totals = GaugeMetricFamily("nines_log_metric_sum", "Sum of a metric of logs", labels=labels)
    samples = CounterMetricFamily("nines_log_metric_samples", "Its samples", labels=labels)
    for region, metric in found["log_metrics"]:
        place = [region, metric.account, metric.namespace, metric.name, metric.dimensions]
        totals.add_metric(place, metric.total)
        samples.add_metric(place, metric.samples)
    yield from (totals, samples)
    for name in ("flushes", "writes", "bytes_written"):
        family = CounterMetricFamily(f"nines_disk_{name}", f"{name} of disks", labels=["actor"])
        for actor, figures in found["disks"].items():
            family.add_metric([actor], figures[name])
        yield family
