"""A Hypothesis machine drives a world rule by rule: it checks the synchronous handle itself."""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sim import Actor, Codec, Expired, Message, Partition, Request, SimWorld, ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Put(Message):
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Get(Message):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Values(Message):
    values: tuple[int, ...]


CODEC = Codec({401: Put, 402: Get, 403: Values})
NAMES = ("r1/az1/store", "r1/az2/store", "r2/az1/store")
STORES = st.sampled_from(NAMES)


class Store(Actor):
    """Acknowledges a value when it is on its disk."""

    workers = 2

    def start(self) -> None:
        self.values = list(self.disk.load("values"))

    async def serve(self, request: Request) -> None:
        if isinstance(request.body, Put):
            self.disk.append("values", bytes([request.body.value]))
            await self.disk.flushed()
            self.values.append(request.body.value)
        request.reply(Values(values=tuple(self.values)))


class StoreMachine(RuleBasedStateMachine):
    """What was acknowledged is there after any crash; what was not may be."""

    def __init__(self) -> None:
        super().__init__()
        self.world = SimWorld(seed=11, codec=CODEC)
        self.acked: dict[str, list[int]] = {name: [] for name in NAMES}
        self.cut: Partition | None = None
        self.paused: set[str] = set()
        for name in NAMES:
            self.world.start(Store, None, name=name)

    def teardown(self) -> None:
        self.world.close()

    def reachable(self, name: str) -> bool:
        cut = self.cut is not None and name.startswith(self.cut.one)
        return self.world.is_up(name) and name not in self.paused and not cut

    @rule(name=STORES, value=st.integers(0, 255))
    def put(self, name: str, value: int) -> None:
        reachable = self.reachable(name)
        try:
            answer = self.world.ask(name, Put(value=value), timeout_ns=ms(10))
        except Expired:
            assert not reachable
        else:
            assert reachable
            assert answer.values[-1] == value
            self.acked[name].append(value)

    @rule(name=STORES, value=st.integers(0, 255))
    def put_and_look_away(self, name: str, value: int) -> None:
        self.world.call(name, Put(value=value), lambda _: None, timeout_ns=ms(10))

    @rule(name=STORES)
    def get(self, name: str) -> None:
        if self.reachable(name):
            values = list(self.world.ask(name, Get()).values)
            for value in self.acked[name]:
                values.remove(value)

    @rule(duration_ns=st.integers(0, ms(2)))
    def pass_time(self, duration_ns: int) -> None:
        before = self.world.now_ns
        self.world.run_for(duration_ns)
        assert self.world.now_ns == before + duration_ns

    @rule(name=STORES)
    def crash(self, name: str) -> None:
        self.world.crash(name)
        self.paused.discard(name)

    @rule(name=STORES)
    def restart(self, name: str) -> None:
        if not self.world.is_up(name):
            self.world.restart(name)

    @rule(name=STORES)
    def pause(self, name: str) -> None:
        if self.world.is_up(name):
            self.world.pause(name)
            self.paused.add(name)

    @rule(name=STORES)
    def resume(self, name: str) -> None:
        self.world.resume(name)
        self.paused.discard(name)

    @precondition(lambda self: self.cut is None)
    @rule(place=st.sampled_from(["r1", "r1/az1", "r2/az1/store"]))
    def partition(self, place: str) -> None:
        self.cut = Partition(one=place, other="")
        self.world.add_rule(self.cut)

    @precondition(lambda self: self.cut is not None)
    @rule()
    def heal(self) -> None:
        assert self.cut is not None
        self.world.remove_rule(self.cut)
        self.cut = None

    @invariant()
    def what_was_acknowledged_is_on_its_disk(self) -> None:
        for name in NAMES:
            stored = list(self.world.disk(name).load("values"))
            for value in self.acked[name]:
                stored.remove(value)

    @invariant()
    def nobody_waits_beyond_a_deadline(self) -> None:
        host = self.world.kernel.cells["host"]
        late = [w for w in host.pending.values() if w.deadline_ns < self.world.now_ns]
        assert late == []


StoreMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestStores = StoreMachine.TestCase
