"""A group whose members come and go, on random schedules that give it time to get somewhere.

Events happen when their time has come or at once, the network splits and heals as a whole, and
leaders are asked for changes. What does not belong here: the group and its promises (raft_group.py).
"""

from raft_group import Group

from sim.units import ms


class ChangingGroup(Group):
    """A group with spare members that may be launched, admitted and removed."""

    def random_step(self, *, damage: bool = True) -> None:
        """Let one thing happen; with damage three members stay, without two."""
        rng = self.rng
        self.now_ns += rng.randrange(ms(3))
        up = [name for name, member in self.members.items() if member.up]
        due = [n for n in up if (t := self.members[n].timer) and t[0] <= self.now_ns]
        chance = rng.random()
        if due and rng.random() < 0.1:
            self.fire(rng.choice(due))
        elif chance < 0.90 and up:
            self._random_progress(self.members[rng.choice(up)])
        elif chance < 0.93:
            self._propose()
        elif chance < 0.94:
            self.read(rng.choice(up or self._start()))
        elif chance < 0.955:
            self.snapshot(rng.choice(up or self._start()))
        elif chance < 0.98:
            self._change(fewest=3 if damage else 2)
        elif chance < 0.993:
            self._start()
        elif chance < 0.996:
            self._split_or_heal()
        elif len(up) > 1:
            name = rng.choice(up)
            self.crash(name)
            if damage and rng.random() < 0.4:
                self._random_damage(name)
        if chance < 0.1:
            self.check_logs()  # Each pair of logs is compared, and logs do not mend.

    def _leaders(self) -> list[str]:
        return [n for n, m in self.members.items() if m.up and m.core.role.name == "leader"]

    def _propose(self) -> None:
        for name in self._leaders():
            self.propose(name, f"v{self.rng.randrange(1_000_000)}".encode())

    def _start(self) -> list[str]:
        """Start who is down, or launch a spare; return who it was."""
        down = [name for name, member in self.members.items() if not member.up]
        name = self.rng.choice(down or [self.names[0]])
        if down:
            self.start(name)
        return [name]

    def _split_or_heal(self) -> None:
        if self.cut:
            self.cut.clear()
            return
        side = {name: self.rng.random() < 0.5 for name in self.names}
        one_way = self.rng.random() < 0.2
        self.cut = {(a, b) for a, b in self.wires if side[a] > side[b] or side[a] < side[b] > one_way}

    def _change(self, fewest: int) -> None:
        """Ask whoever leads to take somebody in or to let somebody go."""
        rng = self.rng
        for name in self._leaders():
            group = self.members[name].core.group
            launched = [n for n in self.spares if self.members[n].starts and n not in group.gone]
            waiting = [n for n in launched if n not in group.members]
            if len(group.voters) > fewest and (not waiting or rng.random() < 0.5):
                self.change(name, remove=rng.choice(group.members))
            elif waiting:
                self.change(name, add=rng.choice(waiting))
