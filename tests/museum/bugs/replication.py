"""Planted bugs of the replicated log: votes, terms, commitment, snapshots, sleep.

What does not belong here: what lies on disk (disks.py), and changes of the members
(membership.py).
"""

from typing import Final

from museum.bug import Bug
from museum.worlds import apart, busy

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
        expects=("error", "replica-convergence"),
    ),
    Bug(
        name="votes-for-a-shorter-log",
        summary="a member votes for a candidate whose log lacks what it holds itself",
        function=f"{_RAFT}.up_to_date",
        old="return (message.last_term, message.last_index) >= "
        "(entries.last_term, entries.last_index)",
        new="return message.last_index >= 0 and entries.last_index >= 0",
        text=_BEHIND,
        expects=("error", "replica-convergence"),
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
        name="hears-a-later-term-as-a-yes",
        summary="a leader counts refusals from a later term as answers of its followers",
        function=f"{_LEADER}.on_appended",
        old="if message.term != raft.term:",
        new="if message.term < raft.term:",
        text=busy(
            [
                "at 20s pause us-east-1/@leader for 2s",
                "at 20s partition us-east-1/use1-az2->us-east-1/use1-az1 for 20s",
            ],
            topology=_LINEARIZABLE,
        ),
        expects=("error", "key-state-linearizable"),
    ),
    Bug(
        name="ignores-the-conflict-check",
        summary="a follower takes entries without looking whether the logs agree before them",
        function=f"{_FOLLOWER}._disagreement",
        old="if previous < hole and entries.term_at(previous) == message.previous_term:",
        new="if previous < hole:",
        text=busy(_ALONE),
        expects=("error", "replica-convergence"),
    ),
    Bug(
        name="keeps-its-own-entry-in-a-conflict",
        summary="a follower keeps an entry that contradicts the leader's, and agrees all the same",
        function=f"{_FOLLOWER}._merge",
        old="if term != entry.term:",
        new="if term > entry.term:",
        text=busy(_ALONE),
        expects=("error", "replica-convergence"),
    ),
    Bug(
        name="truncates-after-an-old-append",
        summary="a follower cuts its log where a late Append ends, committed entries too",
        function=f"{_FOLLOWER}._merge",
        old="return (), rewrite",
        new="self.raft.truncate(message.previous_index + len(message.entries)); return (), True",
        text=busy(["at 5s reorder us-east-1 for 50s with share=50%"]),
        expects=("error", "replica-convergence"),
    ),
    Bug(
        name="reads-without-a-barrier",
        summary="a linearizable read is served from whatever this AZ's replica holds",
        function="regions.az:Az._barrier",
        old="if read_at.index > self._applied:",
        new="if not read_at:",
        text=busy(_ALONE, topology=_LINEARIZABLE),
        expects=("key-state-linearizable",),
    ),
    Bug(
        name="confirms-reads-alone",
        summary="a leader takes itself for a majority when it confirms a read",
        function=f"{_LEADER}._confirm",
        old="if len(confirmed) >= self.raft.majority:",
        new="if confirmed:",
        text=busy(
            [
                *apart("use1-az1", "3s", "600ms"),
                *apart("use1-az2", "6s", "600ms"),
                *apart("use1-az4", "9s", "600ms"),
            ],
            topology=_LINEARIZABLE,
            length="12s",
            think="40ms",
            clients=16,
        ),
        expects=("key-state-linearizable",),
    ),
    Bug(
        name="a-lost-proposal-counts-as-committed",
        summary="a proposal is answered when its index is committed, whoever's entry stands there",
        function=f"{_WANTS}.committed",
        old="if want.place == (entry.index, entry.term):",
        new="if want.place:",
        text=busy(_ALONE),
        expects=("error", "key-survival", "key-state-linearizable"),
    ),
    Bug(
        name="proposes-again-what-may-have-happened",
        summary="a proposal without an answer is made once more, though it may have been taken",
        function=f"{_WANTS}._missed",
        old="if untouched or want.data is None:",
        new="if want:",
        text=busy(_ALONE, topology=_LINEARIZABLE),
        expects=("key-state-linearizable", "error"),
    ),
    Bug(
        name="never-looks-after-the-silent",
        summary="a leader that falls asleep forgets the follower that did not answer",
        function=f"{_LEADER}._sleep",
        old="if silent:",
        new="if not silent:",
        focus="partition@az",
        expects=("key-survival", "token-spread", "replica-convergence", "bounded-staleness"),
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
            ]
        ),
        expects=("key-survival", "recoverability", "replica-convergence", "error"),
    ),
    Bug(
        name="skips-the-entry-after-a-snapshot",
        summary="a host that starts from a snapshot takes the next entry for applied",
        function="regions.az:Az._restore",
        old="self._applied = self._snapshot_index = index\n",
        new="self._applied = self._snapshot_index = index + 1\n",
        text=busy(["at 50s crash us-east-1/use1-az1/az for 2s"]),
        expects=("replica-convergence",),
    ),
    Bug(
        name="installs-an-older-snapshot",
        summary="a follower goes back to a leader's snapshot that is older than what it has",
        function=f"{_FOLLOWER}.on_install",
        old="if index <= raft.delivered:",
        new="if index < 0:",
        text=busy(
            [
                "at 5s partition us-east-1/use1-az4 for 25s",
                "at 5s duplicate us-east-1 for 50s with share=100%",
                "at 5s delay us-east-1 for 50s with share=10% by=1s",
            ],
            think="100ms",
        ),
        expects=("error", "replica-convergence"),
    ),
)
