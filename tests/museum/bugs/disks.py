"""Planted bugs about what lies on disk: checksums, rot, tears, and when something is durable.

What does not belong here: what a healthy log means (replication.py).
"""

from dataclasses import replace
from typing import Final

from museum.bug import Bug
from museum.worlds import ALL_BUT_QUIET, AZS, busy

_STORAGE: Final = "regions.replication.storage:Storage"
_LEDGER: Final = "regions.trail.ledger:Ledger"

BUGS: Final = (
    Bug(
        name="takes-a-rotted-slot-for-an-empty-one",
        summary="an entry whose data rotted counts as one that was empty from the beginning",
        function="regions.replication.entries:Entries.add_hole",
        old="self.holes[index] = term",
        new="self.holes.pop(index, term)",
        focus="disk-rot@node",
        expects=("replica-convergence", "key-survival"),
    ),
    Bug(
        name="delivers-a-rotted-slot",
        summary="a member hands a rotted entry to its AZ as if it were an empty one",
        function="regions.replication.raft:Raft.deliver",
        old="if self.entries.holes:",
        new="if self.entries.holes and not self.entries.holes:",
        focus="disk-rot@node",
        expects=("replica-convergence", "key-survival"),
    ),
    Bug(
        name="no-checksum-of-entries",
        summary="the data of a log entry is believed without its checksum",
        function="regions.replication.log:_frame_at",
        old="sound = len(data) == size and raw[close : close + 4] == _CRC.pack(crc32(data, check))",
        new="sound = len(data) == size",
        text=busy(
            # Most of what rots can no longer be read at all, which is an error and no catch.
            [
                line
                for second in range(10, 58, 6)
                for line in (
                    f"at {second}s disk-rot us-east-1/use1-az1/node for 1s with bits=40",
                    f"at {second + 2}s crash us-east-1/use1-az1 for 1s",
                )
            ]
        ),
        expects=("replica-convergence", "key-survival", "audit-complete"),
    ),
    Bug(
        name="no-checksum-of-snapshots",
        summary="a snapshot is believed without its checksum",
        function="regions.replication.log:decode_snapshot",
        old="or crc32(rest, crc32(raw[: _SNAPSHOT.size])) != check",
        new="",
        text=busy(
            [
                "at 40s disk-rot us-east-1/use1-az1/node for 1s with bits=64",
                "at 42s crash us-east-1/use1-az1 for 1s",
            ],
            promises=ALL_BUT_QUIET,
        ),
        expects=("replica-convergence", "key-survival"),
    ),
    Bug(
        name="cuts-rot-as-if-it-were-torn",
        summary="a log is cut at its first rotted entry, and the member votes on as before",
        function=f"{_STORAGE}.boot",
        old="found = scan(raw, hard)\n",
        new=(
            "found = scan(raw, hard)\n"
            "    found.entries.truncate(found.entries.first_hole() - 1)\n"
            '    found = replace(found, lost="", proof=found.entries.last_index)\n'
        ),
        names={"replace": replace},
        text=busy(
            [
                "at 15s partition us-east-1/use1-az4 for 25s",
                "at 36s disk-rot us-east-1/use1-az2/node for 100ms with bits=200",
                "at 36500ms crash us-east-1/use1-az2/node for 1s",
                "at 38s power-off us-east-1/use1-az1 for 15s",
            ],
            think="1s",
            clients=3,
        ),
        expects=("key-survival", "recoverability", "replica-convergence", "assertion"),
        says="is committed and cannot be given up",
    ),
    Bug(
        name="writes-a-hole-as-if-it-were-whole",
        summary="a log that is written anew shows a rotted entry as an empty one in good order",
        function="regions.replication.log:encode_log",
        old="if entry.index in entries.holes:",
        new="if entry.index < 0:",
        text=busy(
            [
                "at 50s partition us-east-1/use1-az1 for 9s",
                "at 50s disk-rot us-east-1/use1-az1/node for 100ms with bits=64",
                "at 51s crash us-east-1/use1-az1/node for 1s",
                "at 55s crash us-east-1/use1-az1 for 1s",
            ],
            think="3s",
            clients=40,
            keys=40,
        ),
        expects=("replica-convergence", "key-survival"),
    ),
    Bug(
        name="names-a-log-before-it-is-durable",
        summary="a log written anew takes the old one's name before it is on the medium",
        function=f"{_STORAGE}._begin",
        old="self._disk.flush(lambda: self._swap(token, last))",
        new="self._swap(token, last)",
        text=busy(
            [
                "at 1s disk-slow us-east-1 for 55s with factor=100",
                "at 1s disk-torn us-east-1 for 55s",
                *(
                    f"at {1000 * second + late}ms region-loss us-east-1 for 100ms"
                    for second in range(6, 56, 5)
                    for late in (0, 120)
                ),
            ],
            promises=ALL_BUT_QUIET,
        ),
        expects=("liveness", "key-survival", "recoverability", "replica-convergence"),
    ),
    Bug(
        name="acknowledges-what-waits-for-the-next-flush",
        summary="a flush counts for changes that came while it was under way",
        function=f"{_STORAGE}._end",
        old="self._done(token)",
        new="self._done(self._token)",
        text=busy(
            [
                "at 10s disk-slow us-east-1 for 40s with factor=2000",
                "at 30s region-loss us-east-1 for 5s",
            ]
        ),
        expects=("key-survival", "recoverability", "key-state-linearizable", "audit-complete"),
    ),
    Bug(
        name="asks-no-peer-for-a-copy",
        summary="a recorder counts its own flush as both copies of a record",
        function=f"{_LEDGER}._begin",
        old="batch.copied = not batch.copy",
        new="batch.copied = True",
        focus="site-loss@az",
        expects=("audit-complete", "recoverability"),
    ),
    Bug(
        name="forgets-the-last-record-of-a-file",
        summary="a recorder that starts again leaves out the last record of each file",
        function=f"{_LEDGER}.recover",
        old="segment.records = {r.event_id: r for r in records}",
        new="segment.records = {r.event_id: r for r in records[:-1]}",
        text=busy(
            [f"at 30s crash us-east-1/{az}/recorder for 1s" for az in AZS],
            topology='audit_ack = "local"',
        ),
        expects=("audit-complete", "recoverability"),
    ),
    Bug(
        name="forgets-records-that-nobody-has-yet",
        summary="a host has its log shortened before the recorder has the records in it",
        function="regions.rides:Rides._save_after",
        old="if lacking > handed_over:",
        new="if False:",
        text=busy(
            [
                *(f"at 10s crash us-east-1/{az}/recorder for 200s" for az in AZS),
                "at 180s region-loss us-east-1 for 2s",
            ],
            length="4m",
            clients=12,
        ),
        expects=("audit-complete", "recoverability"),
    ),
    Bug(
        name="stores-objects-in-the-cache",
        summary="the object store acknowledges a file before it is on the medium",
        function="regions.bucket:Bucket._put",
        old="self._commit.durable(",
        new="self._commit.durable(); (lambda then: then())(",
        text=busy(
            [
                "at 5m disk-slow us-east-1/bucket for 15m with factor=2000",
                "at 5m crash-loop us-east-1/bucket for 15m",
            ],
            length="20m",
            think="60s",
        ),
        expects=("audit-complete", "recoverability"),
    ),
    Bug(
        name="no-checksum-of-objects",
        summary="sectors of the object store and of the trail are believed without a checksum",
        function="regions.armour:unseal",
        old="if sector[_CRC_AT:] != _CRC.pack(crc32(sector[:_CRC_AT])):",
        new="if len(sector) < SECTOR_BYTES:",
        text=busy(
            [
                "at 15m disk-rot us-east-1/bucket for 1s with bits=64",
                "at 15m disk-rot us-east-1/trail for 1s with bits=64",
                "at 16m crash us-east-1/bucket for 1s",
                "at 16m crash us-east-1/trail for 1s",
            ],
            length="20m",
            think="60s",
        ),
        expects=("audit-complete", "recoverability"),
    ),
)
