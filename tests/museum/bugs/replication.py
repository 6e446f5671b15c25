"""Planted bugs of the replicated log: votes, terms, commitment, snapshots, sleep.

What does not belong here: what lies on disk (disks.py), and changes of the members
(membership.py).
"""

from typing import Final

from museum.bug import Bug
from museum.worlds import AZS, apart, busy, dark_in_turn

_FOLLOWER: Final = "regions.replication.follower:Follower"
_LEADER: Final = "regions.replication.leader:Leader"
_RAFT: Final = "regions.replication.raft:Raft"
_WANTS: Final = "regions.replication.wants:Wants"

_LINEARIZABLE: Final = 'consistency = "linearizable"'
#: Each AZ is cut off from the others once, long enough for another leader.
_ALONE: Final = (
    *apart("use1-az1", "10s", "3s"),
    *apart("use1-az2", "30s", "3s"),
    *apart("use1-az4", "50s", "3s"),
)
#: The same again and again, so shortly that a leader may sleep through it.
_OFTEN_ALONE: Final = tuple(
    line for turn in range(22) for line in apart(AZS[turn % 3], f"{10 * turn + 5}s", "4s")
)
#: Each AZ misses some entries, and the leader dies just before they would be brought to it.
_BEHIND: Final = busy(
    [
        f"at {second * 1000 + late}ms {what}"
        for second, az in ((10, "use1-az1"), (30, "use1-az2"), (50, "use1-az4"))
        for late, what in (
            (0, f"partition us-east-1/{az} for 700ms"),
            (650, "crash us-east-1/@leader for 3s"),
        )
    ]
)

BUGS: Final = (
    Bug(
        name="votes-twice-in-a-term",
        summary="a member votes for whoever asks, also in a term in which it has voted",
        function=f"{_FOLLOWER}.on_ask_vote",
        old='granted = good and message.term == raft.term and raft.vote in ("", sender)',
        new="granted = good and message.term == raft.term",
        focus="crash-loop@leader",
        expects=("assertion", "replica-convergence"),
        says="both lead term",
    ),
    Bug(
        name="votes-for-a-shorter-log",
        summary="a member votes for a candidate whose log lacks what it holds itself",
        function=f"{_RAFT}.up_to_date",
        old="return (message.last_term, message.last_index) >= "
        "(entries.last_term, entries.last_index)",
        new="return message.last_index >= 0 and entries.last_index >= 0",
        text=_BEHIND,
        expects=("assertion", "replica-convergence"),
        says="is committed and cannot be given up",
    ),
    Bug(
        name="acknowledges-before-the-flush",
        summary="a follower says that it holds entries before its disk does",
        function=f"{_FOLLOWER}._take",
        old="raft.save(entries=fresh, rewrite=rewrite, then=Send(sender, answer))",
        new="raft.save(entries=fresh, rewrite=rewrite); raft.send(sender, answer)",
        text=busy(
            [
                "at 10s disk-slow us-east-1 for 40s with factor=2000",
                "at 30s region-loss us-east-1 for 5s",
            ]
        ),
        expects=("key-survival", "recoverability", "key-state-linearizable", "audit-complete"),
    ),
    Bug(
        name="ignores-the-conflict-check",
        summary="a follower takes entries without looking whether the logs agree before them",
        function=f"{_FOLLOWER}._disagreement",
        old="if previous < hole and entries.term_at(previous) == message.previous_term:",
        new="if previous < hole:",
        text=busy(_ALONE),
        expects=("replica-convergence",),
    ),
    Bug(
        name="keeps-its-own-entry-in-a-conflict",
        summary="a follower keeps an entry that contradicts the leader's, and agrees all the same",
        function=f"{_FOLLOWER}._merge",
        old="if term != entry.term:",
        new="if term > entry.term:",
        text=busy(_ALONE),
        expects=("replica-convergence",),
    ),
    Bug(
        name="truncates-after-an-old-append",
        summary="a follower cuts its log where a late Append ends, committed entries too",
        function=f"{_FOLLOWER}._merge",
        old="return (), rewrite",
        new="self.raft.truncate(message.previous_index + len(message.entries)); return (), True",
        text=busy(["at 5s reorder us-east-1/use1-az1 for 50s with share=50% spread=500ms"]),
        expects=("assertion", "replica-convergence"),
        says="is committed and cannot be given up",
    ),
    Bug(
        name="reads-without-a-barrier",
        summary="a linearizable read is served from whatever this AZ's replica holds",
        function="regions.az:Az._answer",
        old='if self._config.consistency == "linearizable":',
        new="if not self._config:",
        text=busy(_ALONE, topology=_LINEARIZABLE),
        expects=("key-state-linearizable",),
    ),
    Bug(
        name="confirms-reads-alone",
        summary="a leader takes itself for a majority when it confirms a read",
        function=f"{_LEADER}._confirm",
        old="if len(confirmed) >= self.raft.majority:",
        new="if confirmed:",
        text=busy(_OFTEN_ALONE, length="4m", think="1s", clients=3, topology=_LINEARIZABLE),
        expects=("key-state-linearizable",),
    ),
    Bug(
        name="a-lost-proposal-counts-as-committed",
        summary="a proposal is answered when its index is committed, whoever's entry stands there",
        function=f"{_WANTS}.committed",
        old="if want.place == (entry.index, entry.term):",
        new="if want.place:",
        text=busy(_ALONE),
        expects=("audit-complete", "recoverability", "key-survival"),
    ),
    Bug(
        name="never-looks-after-the-silent",
        summary="a leader that falls asleep forgets the follower that did not answer",
        function=f"{_LEADER}._sleep",
        old="if silent:",
        new="if not silent:",
        focus="partition@az",
        expects=("quiet-time", "key-survival", "bounded-staleness"),
    ),
    Bug(
        name="never-wakes-the-group",
        summary="a sleeping member does not wake when something is asked of the group",
        function=f"{_RAFT}.wake",
        old="if self.asleep:",
        new="if self.asleep and not self.leader:",
        text=busy(dark_in_turn(1), length="4m", think="1s", clients=2),
        expects=("liveness",),
    ),
    Bug(
        name="a-wiped-member-votes-at-once",
        summary="a member whose disk was lost votes as if it had never voted or held anything",
        function=f"{_RAFT}.__init__",
        old="self.voter = boot.hard.voter or (options.new and boot.blank)",
        new="self.voter = True",
        text=busy(
            [
                "at 15s partition us-east-1/use1-az4 for 25s",
                "at 36s site-loss us-east-1/use1-az2 for 1s",
                "at 38s power-off us-east-1/use1-az1 for 15s",
            ],
            think="1s",
            clients=3,
        ),
        expects=("key-survival", "recoverability", "replica-convergence", "assertion"),
        says="is committed and cannot be given up",
    ),
    Bug(
        name="skips-the-entry-after-a-snapshot",
        summary="a host that starts from a snapshot takes the next entry for applied",
        function="regions.az:Az._restore",
        old="self._applied = self._snapshot_index = index\n",
        new="self._applied = self._snapshot_index = index + 1\n",
        text=busy(
            [f"at 58s crash us-east-1/{az}/az for 1s" for az in AZS],
            think="3s",
            clients=40,
            keys=40,
        ),
        expects=("bounded-staleness", "replica-convergence"),
    ),
    Bug(
        name="forgets-what-no-snapshot-holds",
        summary="a member drops entries from its log that are in no snapshot yet",
        function="regions.replication.node:Node._save_snapshot",
        old="raft.compact(min(storage.snapshots[0], raft.delivered))",
        new="raft.compact(raft.delivered)",
        text=busy(
            [
                "at 1s disk-slow us-east-1 for 58s with factor=500",
                "at 50s region-loss us-east-1 for 2s",
            ],
            recovery="20m",  # longer than it may take until the safe is open
            promises=["replica-convergence", "liveness", "key-survival"],
        ),
        expects=("replica-convergence", "liveness", "key-survival"),
    ),
)
