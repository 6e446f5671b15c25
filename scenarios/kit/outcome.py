"""What came of a cloud as the value that reports show: as of a scenario's run.

What does not belong here: judging (judgement.py), and showing (scenarios/html_report.py).
"""

from scenarios.evidence import delivery_delays
from scenarios.kit.cloud import Cloud
from scenarios.result import AFTER, BEFORE, DURING, WHOLE, FaultSpan, RunResult
from scenarios.stats import CallBook
from scenarios.version import VERSION

_STATISTICS = ("now_ns", "events", "trace_events", "lost_to_the_dead", "secrets")


def result_of(cloud: Cloud, name: str, command: str) -> RunResult:
    """Return everything that a cloud has to say so far; it is judged if it was not yet.

    Args:
      name: of the test that used it.
      command: has the same again.
    """
    verdicts = cloud.check()
    start_ns, world = cloud.arena.start_ns, cloud.world
    plan = cloud.faults.plan(start_ns)
    spans = tuple(
        FaultSpan(line=str(line), begin_ns=line.at.ns, end_ns=line.at.ns + line.lasts.ns)
        for line in plan.lines
        if line.lasts is not None
    )
    book = _book(cloud, spans)
    found = world.statistics()
    return RunResult(
        scenario=name,
        summary="a test inside a cloud",
        seed=cloud.seed,
        version=VERSION,
        trace_hash=cloud.trace_hash,
        topology={region: tuple(azs) for region, azs in cloud.topology.regions.items()},
        span_ns=max(1, world.now_ns - start_ns),
        plan=tuple(str(line) for line in plan.lines),
        faults=spans,
        timeline=cloud.timeline.entries(start_ns),
        calls=book.calls(),
        latency=book.latency(),
        availability=book.availability(),
        delivery=delivery_delays(cloud.arena),
        promises=verdicts,
        command=command,
        statistics={key: found[key] for key in _STATISTICS},
    )


def _book(cloud: Cloud, spans: tuple[FaultSpan, ...]) -> CallBook:
    """Return the application's calls, by region and by what went wrong meanwhile."""
    book, start_ns = CallBook(), cloud.arena.start_ns
    for call in cloud.arena.history:
        if call.outcome and call.caller not in ("", "host"):
            book.record(
                region=call.place,
                phase=_phase(call.begin_ns - start_ns, spans),
                outcome=call.outcome,
                latency_ns=call.end_ns - call.begin_ns,
                served=call.served,
            )
    return book


def _phase(time_ns: int, spans: tuple[FaultSpan, ...]) -> str:
    if not spans:
        return WHOLE
    if time_ns < min(span.begin_ns for span in spans):
        return BEFORE
    return DURING if time_ns < max(span.end_ns for span in spans) else AFTER
