"""Where records of trails go: one file each, one line here each, in the order they are told."""

from typing import Final

from regions.trail.sink import Sink
from regions.trail.sinks import digest, events, insights, lakes, logs, s3, sns

#: Name to sink.
SINKS: Final[dict[str, type[Sink]]] = {
    sink.name: sink
    for sink in (
        s3.S3Sink,
        sns.SnsSink,
        logs.LogsSink,
        events.EventsSink,
        digest.DigestSink,
        lakes.LakesSink,
        insights.InsightsSink,
    )
}
