"""Force a group: the last resort of people when a majority of the voters has lost its disks.

One member becomes the only voter, with its log as it is; all others learn from it. What the lost
majority had acknowledged without this member is gone, and nothing here can know of it. If the
others are in truth only out of reach, there are two groups, and the older one's acknowledged
entries are given up when they meet: whoever forces answers for that.
What does not belong here: choosing the member (regions/faults/force_group.py).
Source: etcd, "Disaster recovery" (``--force-new-cluster``); Consul, "Outage recovery"
(``peers.json``): both give one survivor's log the last word.
"""

from typing import TYPE_CHECKING

from regions.replication.messages import Entry, Standing

if TYPE_CHECKING:
    from regions.replication.raft import Raft


def standing(raft: "Raft") -> Standing:
    """Return where a member stands, for people who consider forcing a group."""
    return Standing(
        term=max(raft.term, raft.entries.last_term),
        last_term=raft.entries.last_term,
        last_index=raft.entries.last_index,
        whole=not raft.entries.holes,
        voter=raft.voter,
        voters=raft.group.voters,
        leader=raft.leader,
    )


def force(raft: "Raft", now_ns: int, term: int) -> int | str:
    """Let this member lead by its own will.

    Returns:
      the index of the entry that says so; or a text that says why it cannot lead.
    """
    from regions.replication.leader import Leader  # noqa: PLC0415 - roles build on raft.py

    raft.now_ns = now_ns
    if raft.role.name == "retired":
        return f"{raft.name} has left its group for good"
    if raft.entries.holes:
        return f"slots {sorted(raft.entries.holes)} have rotted at {raft.name}"
    if term <= raft.term:
        return f"term {term} is not later than {raft.term}, in which {raft.name} is"
    raft.set_leader("")
    raft.asleep = False
    raft.term, raft.vote, raft.voter = term, raft.name, True
    group = raft.group.forced(raft.name)
    index = raft.entries.last_index + 1
    entry = Entry(index=index, term=term, data=group.encode(), config=True)
    raft.entries.append(entry)
    raft.regroup()
    raft.save(hard=True, entries=(entry,))
    raft.become(Leader(raft))
    return index
