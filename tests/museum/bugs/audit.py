"""Bugs of the audit trail: records that are lost, doubled, wrong, or promised too early.

What does not belong here: secrets in records (crypto.py).
"""

from typing import Final

from museum.bug import Bug

_BASE: Final = """
name = "audit"
length = "2m"
recovery = "5m"
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 2
think = "200ms"
"""


def _with(*plan: str, length: str = "2m", think: str = "200ms") -> str:
    text = _BASE.replace("2m", length).replace("200ms", think)
    return text + "".join(f'[[fault]]\nplan = "{line}"\n' for line in plan)


#: Records grow old before anybody looks.
_DAYS: Final = 'promises = ["audit-complete", "liveness"]' + _BASE.replace("5m", "3d")

#: People who get in each other's way.
_FIGHT: Final = """
name = "fight"
length = "20s"
recovery = "1m"
settle = "10m"
promises = ["audit-complete"]
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "key-states"
clients = 6
keys = 1
think = "50ms"
"""


#: Trails validate their log files, and the region's trail service loses its power twice an hour.
_HOURS: Final = """
name = "hours"
length = "3h"
validation = true
promises = ["digest-chain"]
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "steady"
clients = 1
calls_per_second = 0.05
[[fault]]
plan = "at 80m crash us-east-1/trail for 1m"
[[fault]]
plan = "at 85m crash us-east-1/trail for 1m"
"""

#: A day more than history holds.
_QUARTER: Final = """
summary = "a quarter, and a day"
length = "91d"
promises = ["history-90-days"]
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "40m"
"""

#: One account has a trail over both regions, and one for the second alone.
_TWO_REGIONS: Final = """
summary = "two regions"
length = "3m"
promises = ["trail-union"]
[topology]
regions = ["us-east-1", "eu-west-1"]
[[workload]]
kind = "key-states"
clients = 3
think = "500ms"
keys = 2
"""

BUGS: Final = (
    Bug(
        name="digest-names-a-file-again",
        summary="a log file that one digest names stays in the list for the next one",
        function="regions.trail.digests:TrailDigests.plan",
        old="self.files = [file for file in self.files if file.delivered_ns >= plan.end_ns]",
        new="pass",
        expects=("digest-chain",),
        text=_HOURS,
    ),
    Bug(
        name="snapshot-forgets-the-open-hour",
        summary="a state written afresh lacks the log files of which the next digest must tell",
        function="regions.trail.digests:DigestState.changes",
        old="yield from (FileDelivered(arn=arn, file=file) for file in trail.files)",
        new="pass",
        expects=("digest-chain",),
        text=_HOURS,
    ),
    Bug(
        name="failed-call-is-not-recorded",
        summary="a call that is refused leaves no record",
        function="regions.kms.loop:perform",
        old="record = None if turn.rode else _record(turn, operation, clock(), error)",
        new="record = None",
        expects=("audit-complete",),
    ),
    Bug(
        name="record-names-no-call",
        summary="records carry their own id where the call's request id belongs",
        function="regions.kms.loop:_record",
        old="request_id=call.request_id,",
        new="request_id=turn.seed,",
        expects=("audit-complete",),
    ),
    Bug(
        name="change-is-recorded-twice",
        summary="a change is recorded with its log entry, and again under another event id",
        function="regions.kms.loop:perform",
        old="record = None if turn.rode else _record(turn, operation, clock(), None)",
        new="""\
record = _record(turn, operation, clock(), None)
    if turn.rode:
        record = replace(record, event_id=record.event_id[::-1])""",
        expects=("audit-complete",),
    ),
    Bug(
        name="failure-is-recorded-as-success",
        summary="the record of a change that was overtaken says that it took place",
        function="regions.kms.keyring:Keyring.apply",
        old="record and failed(record, error)",
        new="record",
        text=_FIGHT,
        expects=("audit-complete",),
    ),
    Bug(
        name="history-takes-repeats",
        summary="event history does not know a record that was handed in before",
        function="regions.trail.history:History.knows",
        old="event_id in self._known or ",
        new="",
        expects=("audit-complete",),
    ),
    Bug(
        name="copies-are-released-unpublished",
        summary="a recorder forgets records, and has their copies released, when nobody took them",
        function="regions.trail.ledger:Ledger.published",
        old="if not done:",
        new="if now_ns < 0:",
        focus="crash@single",
        expects=("audit-complete",),
    ),
    Bug(
        name="copies-are-published-in-part",
        summary="of the copies that a lost recorder left, a peer publishes the first batch only",
        function="regions.trail.ledger:Ledger._publish",
        old='_records(b"".join(item.data))',
        new="_records(item.data[0])",
        text=_with("at 30s site-loss us-east-1/use1-az1 for 20s"),
        expects=("audit-complete",),
    ),
    Bug(
        name="answered-before-the-flush",
        summary="a call is answered as soon as its record is written, before it is durable",
        function="regions.trail.ledger:Ledger.append",
        old="""\
    batch.answers.append(answer)
    if self.audit_ack == "quorum":
        batch.copy += data
    return [write, *self._begin(now_ns)]""",
        new="""\
    if self.audit_ack == "quorum":
        batch.copy += data
    return [write, Tell(answer, None), *self._begin(now_ns)]""",
        text=_with(
            "at 30s disk-slow us-east-1/use1-az1/recorder for 20s with factor=20000",
            "at 40s crash us-east-1/use1-az1/recorder for 3s",
        ),
        expects=("audit-complete",),
    ),
    Bug(
        name="copy-is-acknowledged-before-its-flush",
        summary="a recorder says that it keeps a peer's copy before the copy is durable",
        function="regions.trail.ledger:Ledger.back_up",
        old="    self._acks.append(Send(owner, ack))",
        new="    effects.append(Send(owner, ack))\n    self._acks.append(Send(owner, ack))",
        text=_with(
            "at 20s pause us-east-1/trail for 90s",
            "at 25s disk-slow us-east-1/use1-az2/recorder for 10s with factor=2000",
            "at 31s crash us-east-1/use1-az2/recorder for 2s",
            "at 70s site-loss us-east-1/use1-az1 for 40s",
        ),
        expects=("audit-complete",),
    ),
    Bug(
        name="isolated-recorder-says-yes",
        summary="a recorder that reaches no peer says that the record is kept",
        function="regions.trail.ledger:Ledger._refuse",
        old="Tell(answer, refusal) for answer in batch.answers",
        new="Tell(answer, None) for answer in batch.answers",
        text=_with(
            "at 30s partition us-east-1/use1-az1->us-east-1/use1-az2 for 30s",
            "at 30s partition us-east-1/use1-az1->us-east-1/use1-az4 for 30s",
        ),
        expects=("audit-complete",),
    ),
    Bug(
        name="trail-acknowledges-too-early",
        summary="the trail says that it has records before they are durable",
        function="regions.trail.trail:Trail.receive",
        old="        self.take(body.records, lambda: request.reply(Published()))",
        new="        self.take(body.records)\n        request.reply(Published())",
        text=_with(
            "at 30s disk-slow us-east-1/trail for 30s with factor=20000",
            "at 50s crash us-east-1/trail for 3s",
        ),
        expects=("audit-complete",),
    ),
    Bug(
        name="failed-delivery-is-the-last",
        summary="after a file could not be stored a trail delivers nothing any more",
        function="regions.trail.sinks.s3:S3Sink._failed",
        old="    self._turns.over(arn)\n",
        new="",
        text=_with("at 1m crash us-east-1/bucket for 8m", length="12m", think="5s"),
        expects=("audit-complete",),
    ),
    Bug(
        name="restart-skips-a-record",
        summary="the trail reads all but the first record of each of its files at a restart",
        function="regions.trail.archive:Archive._restore_records",
        old="for payload in entries(data):",
        new="for payload in list(entries(data))[1:]:",
        focus="crash@single",
        expects=("audit-complete",),
    ),
    Bug(
        name="snapshot-forgets-planned-files",
        summary="the trail's snapshot leaves out the files that are planned and not stored yet",
        function="regions.trail.archive:Archive.snapshot",
        old="        parts += deliveries.pending.values()\n",
        new="",
        text=_with("at 10% crash-loop us-east-1/trail for 85%", length="15m", think="5s"),
        expects=("audit-complete",),
    ),
    Bug(
        name="lookup-ignores-the-end",
        summary="LookupEvents shows what took place after the time that was asked for",
        function="regions.trail.history:History.look_up",
        old="(query.end + 1) * NS_PER_SECOND",
        new="now_ns",
        expects=("event-lookup",),
    ),
    Bug(
        name="next-page-skips-an-event",
        summary="the next page of LookupEvents begins one event too late",
        function="regions.trail.history:History.look_up",
        old="high = min(high, self._place_of(*self._read_token(query, token)))",
        new="high = min(high, self._place_of(*self._read_token(query, token))) - 1",
        expects=("event-lookup",),
    ),
    Bug(
        name="history-forgets-after-a-day",
        summary="event history drops what is older than a day",
        function="regions.trail.history:History._forget",
        old="(now_ns // NS_PER_SECOND - HISTORY_SECONDS) * NS_PER_SECOND",
        new="now_ns - days(1)",
        text=_DAYS,
        expects=("audit-complete",),
    ),
    Bug(
        name="history-shows-whatever-is-left",
        summary="LookupEvents shows what is older than 90 days until it is cleared away",
        function="regions.trail.history:History.look_up",
        old="oldest = max(query.start, now_ns // NS_PER_SECOND - HISTORY_SECONDS)",
        new="oldest = query.start",
        text=_QUARTER,
        expects=("history-90-days",),
    ),
    Bug(
        name="single-region-trails-leave-out-refusals",
        summary="a trail of one region does not deliver what was refused",
        function="regions.trail.trails:wants",
        old="return selected(held, facts)",
        new="return selected(held, facts) and (settings.multi_region or not facts.error_code)",
        text=_TWO_REGIONS,
        expects=("trail-union",),
    ),
)
