"""Every part counts what it did."""

from dataclasses import dataclass

from sim import Actor, Codec, Message, Request, SimWorld, ms, us


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Message):
    number: int


CODEC = Codec({401: Word})


class Clerk(Actor):
    workers = 1

    async def serve(self, request: Request) -> None:
        self.disk.append("ledger", b"12345")
        await self.disk.flushed()
        await self.work(us(80))
        self.announce("backing-key", bytes(range(32)))
        request.reply(request.body)


def test_a_world_counts_itself_its_actors_links_and_disks() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Clerk, None, name="a/clerk")
        world.ask("a/clerk", Word(number=1))
        world.call("a/clerk", Word(number=2), lambda _: None)
        world.run_for(us(150))
        link = {"messages": 2, "bytes": 10, "lost": 0}
        assert world.statistics() == {
            "now_ns": us(100 + 500 + 80 + 100 + 150),
            "events": 5,
            "heap": 2,
            "trace_events": 4,
            "lost_to_the_dead": 0,
            "secrets": 1,
            "actors": {
                "a/clerk": {
                    "incarnation": 1,
                    "delivered": 2,
                    "late_replies": 0,
                    "repeated": 0,
                    "refused": 0,
                    "crashes": 0,
                    "busy_ns": us(80),
                    "queue": 0,
                    "queue_max": 0,
                    "asking": 0,
                }
            },
            "links": {">a": link, "a>": {"messages": 1, "bytes": 5, "lost": 0}},
            "disks": {
                "a/clerk": {"writes": 2, "bytes_written": 10, "flushes": 2, "bytes_stored": 10}
            },
        }


def test_the_busiest_moment_of_a_queue_is_remembered() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Clerk, None, name="a/clerk")
        for number in range(5):
            world.call("a/clerk", Word(number=number), lambda _: None)
        world.run_for(ms(100))
        counts = world.statistics()["actors"]["a/clerk"]
        assert (counts["queue_max"], counts["queue"], counts["busy_ns"]) == (4, 0, 5 * us(80))
