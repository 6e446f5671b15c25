"""Pause is SIGSTOP: nothing happens in the actor, nothing is lost, and the order stays."""

from dataclasses import dataclass

import pytest

from sim import Actor, Codec, Expired, Message, Request, SimWorld, ms, seconds, us


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Message):
    number: int


CODEC = Codec({401: Word})


class Diary(Actor):
    """Writes down everything that happens to it."""

    inline = frozenset({Word})

    def __init__(self, config: object) -> None:
        super().__init__(config)
        self.lines: list[tuple[int, object]] = []

    def start(self) -> None:
        self.write("start")
        self.after(ms(2), self.write, "timer")
        self.disk.append("f", b"x")
        self.disk.flush(lambda: self.write("flushed"))
        self.spawn(self.live)
        self.call("b/nobody-home", Word(number=0), self.answered, timeout_ns=ms(3))

    def write(self, line: object) -> None:
        self.lines.append((self.now_ns, line))

    def answered(self, answer: object) -> None:
        self.write(type(answer).__name__)

    async def live(self) -> None:
        self.write("task")
        await self.sleep(ms(1))
        self.write("slept")

    def receive(self, request: Request) -> None:
        self.write(request.body.number)


class Absent(Actor):
    workers = 1

    async def serve(self, request: Request) -> None:
        await self.sleep(seconds(100))
        request.reply(request.body)


class Talker(Actor):
    """Sends a number to the diary every 100 us."""

    def start(self) -> None:
        self.talk(1)

    def talk(self, number: int) -> None:
        self.send("a/diary", Word(number=number))
        if number < self.config:
            self.after(us(100), self.talk, number + 1)


def diary(world: SimWorld) -> Diary:
    found = world.kernel.cells["a/diary"].actor
    assert isinstance(found, Diary)
    return found


def test_a_paused_actor_does_nothing_and_afterwards_everything_in_order() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Diary, None, name="a/diary")
        world.run_for(us(200))
        world.pause("a/diary")
        world.run_for(ms(9))
        assert diary(world).lines == [(0, "start"), (0, "task")]
        world.resume("a/diary")
        world.run_for(ms(1))
        t = us(200) + ms(9)
        assert diary(world).lines[2:] == [
            (t, "flushed"),
            (t, "slept"),
            (t, "timer"),
            (t, "Expired"),
        ]


def test_what_arrives_at_the_instant_of_the_resume_comes_after_what_was_held() -> None:
    # Goal: the order between two actors holds across a pause. Method: resume exactly as a message
    # is due that was scheduled before the resume, and again in the middle of the stream.
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Diary, None, name="a/diary")
        world.start(Talker, 40, name="a/talker")
        for begin, end in [(320, 1_020), (1_520, 1_920)]:
            world.at(us(begin), world.pause, "a/diary")
            world.at(us(end), world.resume, "a/diary")
        world.run_for(ms(10))
        numbers = [line for _, line in diary(world).lines if isinstance(line, int)]
        assert numbers == list(range(1, 41))


def test_a_pause_in_the_middle_of_a_resume_holds_the_rest() -> None:
    class Nervous(Diary):
        def receive(self, request: Request) -> None:
            super().receive(request)
            self.note("heard", number=request.body.number)

    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Nervous, None, name="a/diary")
        world.start(Talker, 10, name="a/talker")
        world.run_for(us(10))
        world.pause("a/diary")
        world.run_for(ms(1))
        world.trace.observers.append(
            lambda e: world.pause("a/diary") if e.body == b"number=4" else None
        )
        world.resume("a/diary")
        world.run_for(ms(1))
        assert [n for _, n in diary(world).lines if isinstance(n, int)] == [1, 2, 3, 4]
        world.trace.observers.clear()
        world.resume("a/diary")
        world.run_for(ms(1))
        assert [n for _, n in diary(world).lines if isinstance(n, int)] == list(range(1, 11))


def test_an_actor_that_is_paused_before_its_tasks_began_begins_them_afterwards() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Diary, None, name="a/diary")
        world.pause("a/diary")
        world.run_for(ms(1))
        assert diary(world).lines == [(0, "start")]
        world.resume("a/diary")
        world.run_for(0)
        assert diary(world).lines == [(0, "start"), (ms(1), "task"), (ms(1), "flushed")]


def test_a_crash_of_a_paused_actor_drops_what_was_held_and_a_restart_is_not_paused() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Diary, None, name="a/diary")
        world.start(Talker, 10, name="a/talker")
        world.run_for(us(10))
        world.pause("a/diary")
        world.run_for(ms(5))
        world.crash("a/diary")
        world.restart("a/diary")
        world.run_for(us(1))
        assert diary(world).lines == [(us(10) + ms(5), "start"), (us(10) + ms(5), "task")]
        world.resume("a/diary")
        assert world.statistics()["actors"]["a/diary"]["incarnation"] == 2


def test_an_actor_may_be_paused_while_it_starts() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Diary, None, name="a/diary")
        world.run_for(ms(1))
        world.crash("a/diary")
        world.restart("a/diary")
        world.pause("a/diary")
        world.run_for(ms(1))
        assert diary(world).lines == []
        world.resume("a/diary")
        world.run_for(0)
        assert diary(world).lines == [(ms(2), "start"), (ms(2), "task")]


def test_a_task_that_waits_to_begin_ends_with_its_incarnation() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="b/nobody-home")
        world.start(Diary, None, name="a/diary")
        world.pause("a/diary")
        world.run_for(ms(1))
        lines = diary(world).lines
        world.crash("a/diary")
        world.restart("a/diary")
        world.run_for(0)
        assert lines == [(0, "start")]


def test_asks_of_a_paused_actor_wait_and_may_expire() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="a/absent")
        world.pause("a/absent")
        with pytest.raises(Expired, match=r"\n  a/absent: paused, 0 waiting in its inbox"):
            world.ask("a/absent", Word(number=1), timeout_ns=ms(1))


def test_only_what_has_power_can_be_paused_and_a_resume_of_the_running_changes_nothing() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Absent, None, name="a/absent")
        count = world.trace.count
        world.resume("a/absent")
        assert world.trace.count == count
        world.crash("a/absent")
        with pytest.raises(ValueError, match=r"^a/absent is down$"):
            world.pause("a/absent")
