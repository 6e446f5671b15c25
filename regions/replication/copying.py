"""Copy without a leader: a member that has lost its disk takes what is committed from anybody.

Committed entries are the same on every member and for ever, so nobody needs to lead for them to
be copied. It matters while a majority is out of reach, or is gone for good: until then a member
with an empty disk would wait, and the log would lie on fewer disks than it could. Whoever has
copied has no vote by it: that takes what election.py says of learners.
What does not belong here: following a leader (follower.py), and slots that rotted (raft.py).
Source: chosen; that what is committed never changes is Leader Completeness and Log Matching in
Ongaro (2014), section 3.6.3.
"""

from typing import TYPE_CHECKING, Final

from regions.replication.effects import RestoreState, Send, SendSnapshot
from regions.replication.group import decode_group
from regions.replication.log import Snapshot
from regions.replication.messages import CommittedCopy, CopyCommitted, InstallSnapshot
from sim.wire import Message

if TYPE_CHECKING:
    from regions.replication.raft import Raft

#: Fruitless greetings before others than a leader are asked; chosen: a group that can elect one
#: has done so by then, within some seconds.
PATIENCE: Final = 5
#: The term of an InstallSnapshot that is no leader's.
NO_LEADER: Final = 0


def ask(raft: "Raft") -> None:
    """Ask everybody for what is committed and not known here, if nobody leads for long."""
    if not raft.leader and raft.attempts >= PATIENCE:
        for peer in raft.others:
            raft.send(peer, CopyCommitted(after=raft.delivered))


def receive(raft: "Raft", sender: str, message: Message) -> None:
    """Take a question for committed entries, or an answer."""
    if isinstance(message, CopyCommitted):
        answer(raft, sender, message)
    else:
        assert isinstance(message, CommittedCopy), f"{message!r} is no message of a member"
        take(raft, sender, message)


def answer(raft: "Raft", sender: str, message: CopyCommitted) -> None:
    """Send some of what is committed here and can be read, or the snapshot before it."""
    after = message.after
    if after >= raft.delivered:
        return
    if after < raft.entries.base_index:
        raft.out.append(SendSnapshot(sender, NO_LEADER))
        return
    options = raft.options
    most = min(options.batch_entries, raft.delivered - after)
    entries = raft.entries.batch(after + 1, most, options.batch_bytes)
    raft.send(sender, CommittedCopy(entries=entries, commit=raft.delivered))


def take(raft: "Raft", sender: str, message: CommittedCopy) -> None:
    """Put committed entries into the log, in place of any that contradict them, and ask on."""
    if raft.voter or raft.leader or not message.entries:
        return
    entries, fresh, rewrite = raft.entries, [], False
    for entry in message.entries:
        if entry.index <= entries.base_index or entry.index > entries.last_index + 1:
            continue
        term = entries.term_at(entry.index)
        if term == entry.term:
            rewrite = entries.fill(entry) or rewrite
            continue
        if term is not None:
            raft.truncate(entry.index - 1)
            rewrite = True
        entries.append(entry)
        fresh.append(entry)
    raft.regroup()
    if entries.last_term > raft.term:
        raft.adopt(entries.last_term)
    if fresh or rewrite:
        raft.save(hard=True, entries=tuple(fresh), rewrite=rewrite)
    commit = min(message.commit, message.entries[-1].index, entries.last_index)
    if commit > raft.commit:
        raft.advance(commit)
    if message.commit > raft.delivered and fresh:
        raft.send(sender, CopyCommitted(after=raft.delivered))


def install(raft: "Raft", sender: str, message: InstallSnapshot) -> None:
    """Take a snapshot of committed state as a leader's is taken, and ask for what follows it."""
    if raft.voter or raft.leader or message.index <= raft.delivered:
        return
    replace(raft, message, None)
    raft.send(sender, CopyCommitted(after=raft.delivered))


def replace(raft: "Raft", message: InstallSnapshot, then: Send | None) -> None:
    """Replace what a member lacks by a snapshot; ``then`` is sent when that is durable."""
    index, entries = message.index, raft.entries
    if entries.term_at(index) == message.last_term:
        entries.compact(index)
    else:
        if entries.last_index > raft.commit:
            raft.truncate(max(raft.commit, entries.base_index))
        entries.reset(index, message.last_term)
    group = decode_group(message.group)
    entries.know_group(index, group)
    raft.regroup()
    raft.commit = max(raft.commit, index)
    raft.delivered = index
    raft.out.append(RestoreState(index, message.data, group))
    if message.last_term > raft.term:
        raft.adopt(message.last_term)  # A leader's is never later than its own.
    snapshot = Snapshot(index=index, term=message.last_term, data=message.data, group=group)
    raft.save(hard=True, rewrite=True, snapshot=snapshot, then=then)
    raft.settle()
    raft.deliver()
