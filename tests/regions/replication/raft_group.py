"""A whole group in one object: cores, real storage on simulated disks, a network of loose messages.

Nothing happens by itself: a test or a random schedule picks the next event. After every event the
promises of consensus are checked. What does not belong here: the actor shell (test_node.py).
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from regions.replication.effects import (
    Arm,
    Became,
    Deliver,
    Disarm,
    Effect,
    Led,
    Options,
    Readable,
    RestoreState,
    Save,
    Send,
    SendSnapshot,
    Settled,
    Shown,
)
from regions.replication.group import Group as Members
from regions.replication.group import decode_group
from regions.replication.log import Snapshot
from regions.replication.messages import ChangeMembers, Entry, InstallSnapshot
from regions.replication.raft import Raft
from regions.replication.storage import Boot, Storage
from sim.disk import SimDisk
from sim.rng import Stream, stream
from sim.units import ms
from sim.wire import Message


class Broken(AssertionError):
    """A promise of consensus does not hold."""


class FlushQueue:
    """Stands in for the clock of a disk: flushes complete when the schedule says so."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.due: deque[tuple[Callable[[Any], None], Any]] = deque()

    def at(self, time_ns: int, fn: Callable[[Any], None], argument: Any) -> None:  # noqa: ARG002
        self.due.append((fn, argument))


class Member:
    """One member: a disk that stays, and a core that lives from boot to crash."""

    def __init__(self, group: "Group", name: str) -> None:
        self.group = group
        self.name = name
        self.flushes = FlushQueue()
        self.disk = SimDisk(name, self.flushes, stream(group.seed, "disk", name), lambda *_: None)  # type: ignore[arg-type]
        self.storage: Storage | None = None
        self.raft: Raft | None = None
        self.boot: Boot | None = None
        self.timer: tuple[int, int] | None = None  # (earliest, latest)
        self.starts = 0
        self.state: list[bytes] = []
        self.reads: dict[int, int] = {}
        self.damaged = True  # blank disks remember nothing either, until their member may vote

    @property
    def core(self) -> Raft:
        assert self.raft is not None, f"{self.name} is down"
        return self.raft

    @property
    def store(self) -> Storage:
        assert self.storage is not None, f"{self.name} is down"
        return self.storage

    @property
    def up(self) -> bool:
        return self.raft is not None


class Group:
    def __init__(
        self,
        names: str = "abc",
        *,
        spares: str = "",
        seed: int = 0,
        core: type[Raft] = Raft,
        storage: type[Storage] = Storage,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.seed = seed
        self.rng: Stream = stream(seed, "schedule")
        self.founders, self.spares = tuple(names), tuple(spares)
        self.names = (*self.founders, *self.spares)
        self.core_class, self.storage_class = core, storage
        self.log = log
        self.now_ns = 0
        self.wires: dict[tuple[str, str], deque[Message]] = {
            (a, b): deque() for a in self.names for b in self.names if a != b
        }
        self.cut: set[tuple[str, str]] = set()
        self.committed: dict[int, Entry] = {}
        self.committed_in: dict[int, int] = {}  # index -> term of the leader that committed it
        self.leaders: dict[int, str] = {}
        self.readable: list[tuple[int, int]] = []  # (ticket, index)
        self.tickets = 0
        self.members = {name: Member(self, name) for name in self.names}
        for name in self.founders:
            self.start(name)

    # Events.

    def start(self, name: str) -> None:
        member = self.members[name]
        assert not member.up, f"{name} is up"
        member.starts += 1
        member.state, member.reads, member.timer = [], {}, None

        def done(token: int) -> None:
            if member.raft is not None:
                member.raft.disk_done(self.now_ns, token)

        member.storage = self.storage_class(member.disk, done)
        member.boot = member.storage.boot()
        for finding in member.boot.findings:
            self.log(f"{name} finds: {finding}")
        if name in self.founders:
            options = Options(name=name, members=self.founders)
        else:
            new = member.starts == 1
            options = Options(name=name, members=(), seeds=self.founders, new=new)
        member.raft = self.core_class(options, member.boot, member.starts)
        member.raft.start(self.now_ns)
        self.perform(member)

    def crash(self, name: str) -> None:
        member = self.members[name]
        member.raft = member.storage = member.boot = member.timer = None
        member.flushes.due.clear()
        member.disk.power_cut()
        for (_, target), wire in self.wires.items():
            if target == name:
                wire.clear()

    def deliver(self, source: str, target: str, *, at: int = 0) -> None:
        wire = self.wires[source, target]
        message = wire[at]
        del wire[at]
        member = self.members[target]
        if member.raft is None or (source, target) in self.cut:
            self.log(f"{source} -> {target} lost: {show(message)}")
            return
        self.log(f"{source} -> {target} {show(message)}")
        member.raft.receive(self.now_ns, source, message)
        self.perform(member)

    def flush(self, name: str) -> None:
        member = self.members[name]
        fn, argument = member.flushes.due.popleft()
        self.log(f"{name} flushed")
        fn(argument)
        self.perform(member)

    def fire(self, name: str) -> None:
        member = self.members[name]
        assert member.timer is not None, f"{name} has no timer"
        member.timer = None
        self.log(f"{name} timer")
        member.core.timer(self.now_ns)
        self.perform(member)

    def propose(self, name: str, data: bytes) -> int | None:
        member = self.members[name]
        index = member.core.propose(self.now_ns, data)
        if index is None:
            member.core.wake(self.now_ns)
        self.perform(member)
        return index

    def change(self, name: str, *, add: str = "", remove: str = "") -> int | str | None:
        member = self.members[name]
        found = member.core.change(self.now_ns, ChangeMembers(add=add, remove=remove))
        self.perform(member)
        return found

    def read(self, name: str) -> bool:
        member = self.members[name]
        self.tickets += 1
        member.reads[self.tickets] = max(self.committed, default=0)
        began = member.core.read(self.now_ns, self.tickets)
        if not began:
            member.core.wake(self.now_ns)
        self.perform(member)
        return began

    def snapshot(self, name: str) -> None:
        member = self.members[name]
        index = member.core.delivered
        term = member.core.entries.term_at(index)
        if term is None or index in (0, *member.store.snapshots):
            return
        data = repr(member.state).encode()
        group = member.core.entries.group_at(index)

        def saved() -> None:
            if len(member.store.snapshots) > 1:
                member.core.compact(member.store.snapshots[0])

        member.store.save_snapshot(Snapshot(index=index, term=term, data=data, group=group), saved)
        self.perform(member)

    # Effects.

    def perform(self, member: Member) -> None:
        raft = member.raft
        while raft is not None and raft.out:
            effects, raft.out = raft.out, []
            for effect in effects:
                self._perform(member, raft, effect)

    def _perform(self, member: Member, raft: Raft, effect: Effect) -> None:
        match effect:
            case Send(to, message):
                self.wires[member.name, to].append(message)
            case Save():
                member.store.persist(
                    effect.token,
                    hard=effect.hard,
                    entries=effect.entries,
                    rewrite=effect.rewrite,
                    snapshot=effect.snapshot,
                )
            case Arm(low, high):
                member.timer = (self.now_ns + low, self.now_ns + high)
            case Disarm():
                member.timer = None
            case Deliver(entries):
                for entry in entries:
                    self._delivered(member, entry)
            case RestoreState(index, data, _):
                member.state = [] if not data else eval(data)
                expected = [self.committed[i].data for i in range(1, index + 1)]
                if member.state != expected:
                    raise Broken(f"state-machine safety: {member.name} restores another state")
            case Readable(tickets, index):
                for ticket in tickets:
                    if index < member.reads.pop(ticket):
                        raise Broken(f"{member.name} reads at {index}, too early")
                    self.readable.append((ticket, index))
                    self.log(f"{member.name} may read at {index}")
            case SendSnapshot(to, term):
                found = member.store.newest_snapshot()
                if found is not None:
                    self.wires[member.name, to].append(
                        InstallSnapshot(
                            term=term,
                            index=found.index,
                            last_term=found.term,
                            data=found.data,
                            group=found.group.encode(),
                        )
                    )
            case Led() | Shown():
                pass
            case Settled(group):
                self.log(f"{member.name} knows of group {group.encode().decode()}")
            case Became(role, term):
                self.log(f"{member.name} is {role} of term {term}")
                if role == "leader":
                    self._elected(member, raft)

    # Promises.

    def _delivered(self, member: Member, entry: Entry) -> None:
        if entry.index != len(member.state) + 1:
            raise Broken(f"{member.name} delivers {entry.index} after {len(member.state)}")
        if self.committed.setdefault(entry.index, entry) != entry:
            raise Broken(f"state-machine safety: {member.name} delivers another {entry.index}")
        self.committed_in.setdefault(entry.index, member.core.term)
        member.state.append(entry.data)
        self.log(f"{member.name} delivers {entry.index}/{entry.term} {entry.data.decode()!r}")

    def _elected(self, member: Member, raft: Raft) -> None:
        if self.leaders.setdefault(raft.term, member.name) != member.name:
            raise Broken(f"election safety: two leaders of term {raft.term}")
        entries = raft.entries
        for index, entry in self.committed.items():
            if self.committed_in[index] >= raft.term:
                continue  # A late vote may elect a leader of an earlier term; it commits nothing.
            if index > entries.base_index and entries.term_at(index) != entry.term:
                raise Broken(f"leader completeness: {member.name} lacks entry {index}")

    def check_logs(self) -> None:
        up = [m.core.entries for m in self.members.values() if m.up]
        for place, one in enumerate(up):
            for other in up[:place]:
                agree = False
                low = max(one.base_index, other.base_index)
                for index in range(min(one.last_index, other.last_index), low, -1):
                    agree = agree or one.term_at(index) == other.term_at(index)
                    a, b = one.get(index), other.get(index)
                    same = one.term_at(index) == other.term_at(index) and (not a or not b or a == b)
                    if agree and not same:
                        raise Broken(f"log matching: entry {index} differs below an equal one")

    # Schedules.

    def quiet_down(self, *, timers: int = 400) -> None:
        """Heal everything and let time pass until all sleep; raise if that never happens."""
        self.cut.clear()
        for name, member in self.members.items():
            if not member.up and member.starts:
                self.start(name)
        for _ in range(timers):
            self.settle()
            known = self._mentioned()
            armed = [(m.timer[0], n) for n, m in self.members.items() if m.timer and n in known]
            if not armed:
                break
            due, name = min(armed)
            timer = self.members[name].timer
            assert timer is not None
            self.now_ns = max(self.now_ns, self.rng.randrange(due, timer[1] + 1))
            late = [n for _, n in armed if (t := self.members[n].timer) and t[1] <= self.now_ns]
            for one in sorted({name, *late}):
                if self.members[one].timer:
                    self.fire(one)
        else:
            raise Broken(f"the group never falls asleep: {self.describe()}")
        group = self.group
        if group.learners:
            raise Broken(f"a learner is never admitted: {self.describe()}")
        states = [self.members[name].state for name in group.voters]
        if any(s != states[0] for s in states) or len(states[0]) != len(self.committed):
            raise Broken(f"the members do not converge: {self.describe()}")
        self.check_logs()

    @property
    def group(self) -> Members:
        """The newest committed group."""
        configs = [entry for entry in self.committed.values() if entry.config]
        newest = max(configs, key=lambda entry: entry.index, default=None)
        return decode_group(newest.data) if newest else Members(self.founders)

    def _mentioned(self) -> set[str]:
        """Everybody who stands in the log of a voter; others were launched in vain."""
        logs = [m.core.entries for n, m in self.members.items() if m.up and n in self.group.voters]
        groups = [group for log in logs for _, group in log.groups]
        return {*self.founders, *(n for g in groups for n in (*g.members, *g.gone))}

    def settle(self, limit: int = 20_000) -> None:
        """Deliver and flush everything, in order, until nothing is under way."""
        for _ in range(limit):
            moved = False
            for source, target in self.wires:
                if self.wires[source, target]:
                    self.deliver(source, target)
                    moved = True
            for name, member in self.members.items():
                if member.up and member.flushes.due:
                    self.flush(name)
                    moved = True
            if not moved:
                return
        raise Broken(f"messages never end: {self.describe()}")

    def random_step(self, *, damage: bool = True) -> None:
        rng = self.rng
        self.now_ns += rng.randrange(ms(20))
        name = rng.choice(self.names)
        member = self.members[name]
        chance = rng.random()
        if not member.up:
            if chance < 0.15:
                self.start(name)
            return
        if chance < 0.70:
            self._random_progress(member)
        elif chance < 0.85:
            # Leases rely on clocks that are nearly right: no timer fires before it is due.
            if member.timer and member.timer[0] <= self.now_ns:
                self.fire(name)
        elif chance < 0.93:
            self.propose(name, f"v{rng.randrange(1_000_000)}".encode())
        elif chance < 0.955:
            self.read(name)
        elif chance < 0.97:
            self.snapshot(name)
        elif chance < 0.985:
            other = rng.choice([n for n in self.names if n != name])
            if (name, other) in self.cut:
                self.cut.discard((name, other))
            else:
                self.cut.add((name, other))
        elif chance < 0.99:
            self.cut.clear()
        else:
            self.crash(name)
            if damage and rng.random() < 0.4:
                self._random_damage(name)
        self.check_logs()

    def random_step_alone(self) -> None:
        """One event of a group that has one member and so no network."""
        (name,) = self.names
        member = self.members[name]
        if not member.up:
            self.start(name)
        elif member.flushes.due and self.rng.random() < 0.7:
            self.flush(name)
        elif member.timer and self.rng.random() < 0.5:
            self.fire(name)
        elif self.rng.random() < 0.1:
            self.crash(name)

    def _random_progress(self, member: Member) -> None:
        rng = self.rng
        wires = [w for w, queue in self.wires.items() if queue and w[1] == member.name]
        if member.flushes.due and (not wires or rng.random() < 0.5):
            self.flush(member.name)
        elif wires:
            wire = rng.choice(wires)
            chance = rng.random()
            if chance < 0.05:
                self.wires[wire].popleft()
            elif chance < 0.10:
                self.wires[wire].append(self.wires[wire][0])
            else:
                late = rng.randrange(len(self.wires[wire])) if chance > 0.95 else 0
                self.deliver(*wire, at=late)

    def _random_damage(self, name: str) -> None:
        """Rot one bit or wipe one disk, while all other members remember everything."""
        mentioned = self._mentioned()
        for other, member in self.members.items():
            gone = member.up and member.core.role.name == "retired"
            needed = other != name and other in mentioned and not gone
            if needed and not self._remembers(member):
                return
        self._remembers(self.members[name])
        disk, rng = self.members[name].disk, self.rng
        files = disk.files()
        self.members[name].damaged = True
        if not files or rng.random() < 0.2:
            self.log(f"{name} wiped")
            disk.wipe()
            return
        file = rng.choice(files)
        if size := disk.size(file):
            offset = rng.randrange(size)
            self.log(f"{name} rots {file} at {offset}")
            disk.rot(file, offset)

    def _remembers(self, member: Member) -> bool:
        if member.damaged and member.up and not member.flushes.due and member.core.voter:
            entries = member.core.entries
            member.damaged = bool(entries.holes) or member.core.durable < entries.last_index
        return not member.damaged

    def describe(self) -> str:
        parts = []
        for name, member in self.members.items():
            if member.raft is None:
                parts.append(f"{name} down" if member.starts else f"{name} not launched")
                continue
            raft = member.raft
            parts.append(
                f"{name} {raft.role.name} term {raft.term} log {raft.entries.base_index}.."
                f"{raft.entries.last_index} commit {raft.commit} durable {raft.durable}"
                f"{' asleep' if raft.asleep else ''}"
                f"{' holes ' + str(sorted(raft.entries.holes)) if raft.entries.holes else ''}"
                f"{' group ' + raft.group.encode().decode() if raft.group.version else ''}"
            )
        return "; ".join(parts)


def show(message: Message) -> str:
    """Return a message as one short line: fields at their default are left out."""
    fields = []
    for name, spec in message.__dataclass_fields__.items():  # type: ignore[attr-defined]
        value = getattr(message, name)
        if value == spec.default:
            continue
        if name == "entries":
            value = "[" + " ".join(map(show_entry, value)) + "]"
        fields.append(f"{name}={value}")
    return f"{type(message).__name__} {' '.join(fields)}"


def show_entry(entry: Entry) -> str:
    """Return an entry as place and content."""
    what = "group " if entry.config else ""
    return f"{entry.index}/{entry.term} {what}{entry.data.decode()!r}"
