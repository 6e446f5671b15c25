"""People give one AZ's log the last word, after a majority of a region's disks is gone for good.

Model: every node of the region is asked where it stands. When all that are not named in
``without`` have answered, none of them leads and too few remember their votes to elect anybody, the
node with the best log becomes the only voter; the others learn from it and are voters again once
they have caught up. Until then it is asked again, for a day at most; a group that can help itself
is left alone. What the lost disks had acknowledged without that node is gone.
Limits: nobody hesitates: people would take hours; an AZ named in ``without`` that comes back with
more than the chosen log stops for good when it meets it, and has to be replaced.
Source: etcd, "Disaster recovery" (``--force-new-cluster``).
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from regions.faults.membership import AGAIN_MAX_NS, AGAIN_NS, GIVE_UP_NS, MemberChange
from regions.names import REGIONS
from regions.replication import messages
from regions.replication.messages import Standing, Survey
from sim.options import Option
from sim.units import seconds
from sim.world import World

NOBODY: Final = "none"
_TIMEOUT_NS: Final = seconds(5)
#: Terms that are left out; chosen: more than any that elects somebody in the old group meanwhile.
LEAP: Final = 1 << 20


class ForceGroup(MemberChange):
    """After the loss of a majority of disks, the best log that is left begins a new group."""

    name: ClassVar[str] = "force-group"
    place: ClassVar[str] = "a region"
    stops: ClassVar[bool] = True
    forgets: ClassVar[bool] = True
    options: ClassVar[Mapping[str, Option]] = {
        "without": Option(NOBODY, "word", "AZs that are lost for good, joined by :")
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        for az in self._without:
            if az not in REGIONS[target]:
                known = ", ".join(REGIONS[target])
                raise ValueError(f"option without of {self.name}: {az!r} is not one of {known}")

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is not a known region."""
        if target not in REGIONS:
            raise ValueError(f"fault {cls.name} wants a region as its target, not {target!r}")

    @property
    def _without(self) -> tuple[str, ...]:
        text = self.word("without")
        return () if text == NOBODY else tuple(text.split(":"))

    def inject(self, world: World) -> None:
        """Ask everybody, and force the group if nothing else helps."""
        _Effort(world, self.target, {f"{self.target}/{az}/node" for az in self._without})


class _Effort:
    """Surveys of a region's nodes, until its group is forced or need not be."""

    def __init__(self, world: World, region: str, without: set[str]) -> None:
        self._world, self._region, self._without = world, region, without
        self._found: dict[str, Standing] = {}
        self._open = 0
        self._again_ns = AGAIN_NS
        self._give_up_ns = world.now_ns + GIVE_UP_NS
        self._survey()

    def _survey(self) -> None:
        world = self._world
        names = [name for name in world.names(self._region) if name.endswith("/node")]
        up = [name for name in names if world.is_up(name) and name not in self._without]
        self._found, self._open = {}, len(up)
        for name in up:

            def heard(answer: Any, name: str = name) -> None:
                self._open -= 1
                if isinstance(answer, Standing):
                    self._found[name] = answer
                if not self._open:
                    self._decide()

            world.call(name, Survey(), heard, timeout_ns=_TIMEOUT_NS)
        if not up:
            self._later("no node answers")

    def _decide(self) -> None:
        found = dict(sorted(self._found.items()))
        whole = [name for name, one in found.items() if one.whole and one.last_index]
        if not whole:
            self._later("no node has a log")
            return
        best = max(whole, key=lambda name: (found[name].last_term, found[name].last_index))
        voters = found[best].voters
        leading = [name for name, one in found.items() if one.leader == name]
        remember = [name for name in voters if name in found and found[name].voter]
        silent = [name for name in voters if name not in found and name not in self._without]
        if leading:
            self._refuse(f"{leading[0]} leads")
        elif len(remember) > len(voters) // 2:
            self._refuse(f"{', '.join(remember)} can elect a leader")
        elif silent:
            self._later(f"{silent[0]} may remember more, and does not answer")
        else:
            term = LEAP + max(one.term for one in found.values())
            force = messages.ForceGroup(term=term)
            self._world.call(best, force, self._answered, timeout_ns=_TIMEOUT_NS)

    def _answered(self, answer: Any) -> None:
        if isinstance(answer, messages.Forced):
            self._world.note("forced", self._region, index=answer.index)
        else:
            self._later(str(answer))

    def _refuse(self, why: str) -> None:
        self._world.note("not-forced", self._region, why=why)

    def _later(self, why: str) -> None:
        world = self._world
        if world.now_ns < self._give_up_ns:
            world.at(world.now_ns + self._again_ns, self._survey)
            self._again_ns = min(2 * self._again_ns, AGAIN_MAX_NS)
        else:
            self._refuse(f"gave up: {why}")
