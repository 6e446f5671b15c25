"""Planted bugs of changes of the members: who counts, since when, and who hears of it.

What does not belong here: votes and entries of a group that stays as it is (replication.py).
"""

from typing import Final

from museum.bug import Bug
from museum.worlds import ALL_BUT_QUIET, AZS, apart, busy

_LEADER: Final = "regions.replication.leader:Leader"
_RAFT: Final = "regions.replication.raft:Raft"
#: Every AZ of a region is replaced by a new one, one after the other.
_ALL_NEW: Final = busy(
    [
        f"at {minute}m replace-az us-east-1/{az} for 1m"
        for minute, az in zip((1, 12, 23), AZS, strict=True)
    ],
    length="36m",
    think="20s",
    others_think="10s",
)
#: Two changes are asked for while their region falls apart.
_TWO_CHANGES: Final = busy(
    [
        "at 10s remove-az us-east-1/use1-az1 for 1s",
        "at 10s add-az us-east-1 for 1s with az=use1-az3",
        *apart("use1-az2", "10s", "2s"),
    ]
)

BUGS: Final = (
    Bug(
        name="two-changes-at-once",
        summary="a leader changes the group again before the last change is committed",
        function=f"{_LEADER}._may_change",
        old="return self._own_term and self.raft.entries.groups[-1][0] <= self.raft.commit",
        new="return True",
        text=_TWO_CHANGES,
        expects=("assertion", "liveness", "replica-convergence"),
        says="is committed and cannot be given up",
    ),
    Bug(
        name="counts-the-old-configuration",
        summary="a member goes on counting by the group that it knew when it started",
        function=f"{_RAFT}.regroup",
        old="if self.entries.group is not self.group:",
        new="if not self.group:",
        focus="replace-az@az of a roomy region",
        expects=("liveness", "replica-convergence"),
    ),
    Bug(
        name="forgets-the-group-in-a-snapshot",
        summary="a snapshot does not say who belongs to the group",
        function="regions.replication.node:Node._save_snapshot",
        old="group = raft.entries.group_at(index)",
        new="group = raft.entries.group_at(index).__class__()",
        text=busy(
            [
                "at 5s replace-az us-east-1/use1-az1 for 1m",
                "at 90s region-loss us-east-1 for 2s",
            ],
            length="2m",
            think="1s",
            promises=ALL_BUT_QUIET,
        ),
        expects=("liveness", "replica-convergence"),
    ),
    Bug(
        name="recorders-keep-their-first-peers",
        summary="a recorder is not told of new AZs, and asks dead peers for copies",
        function="regions.members:Membership.tell_recorder",
        old="if self._now.version:",
        new="if not self._host:",
        text=_ALL_NEW,
        expects=("liveness", "audit-complete"),
    ),
    Bug(
        name="front-keeps-its-first-azs",
        summary="the endpoint does not learn of new AZs, and hands calls to dead ones",
        function="regions.region:Region._probe",
        old="if answer.version > self._version:",
        new="if answer.version < self._version:",
        text=_ALL_NEW,
        expects=("liveness",),
    ),
)
