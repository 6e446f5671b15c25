"""Operations that fail: the disk says so, and the process that meets it ends itself."""

from typing import Any

import pytest

from sim import Actor, SimWorld, seconds
from sim.disk import DiskError
from sim.faults import FAULTS


class Writer(Actor):
    """Appends at its start and then each second; counts what was saved."""

    def start(self) -> None:
        self.disk.load("f")
        self._write()

    def _write(self) -> None:
        self.disk.append("f", b"x" * 10)
        self.disk.flush(lambda: self.note("saved"))
        self.after(seconds(1), self._write)


def notes(world: SimWorld, kind: str) -> list[tuple[int, str]]:
    return [(e.time_ns, e.body.decode()) for e in world.trace.events() if e.kind == kind]


def started(world: SimWorld, **options: Any) -> Any:
    world.start(Writer, None, name="zone/writer")
    fault = FAULTS["disk-eio"]("zone/writer", **options)
    fault.inject(world)
    return fault


def test_a_process_dies_of_an_io_error_and_its_supervisor_waits_longer_each_time() -> None:
    with SimWorld(keep="all") as world:
        fault = started(world, share="100%")
        world.run_for(seconds(10))
        reason = "reason=disk zone/writer: input/output error during a"
        assert notes(world, "abort") == [
            (seconds(1), f"{reason} write"),
            (seconds(3), f"{reason} read"),
            (seconds(7), f"{reason} read"),
        ]
        fault.heal(world)
        world.run_for(seconds(10))
        assert world.is_up("zone/writer")
        assert len(notes(world, "abort")) == 3


def test_no_operation_that_failed_has_changed_anything() -> None:
    with SimWorld() as world:
        world.start(Actor, None, name="zone/actor")
        disk = world.disk("zone/actor")
        disk.append("f", b"as it was")
        FAULTS["disk-eio"]("zone", share="100%").inject(world)
        operations = {
            "write": lambda: disk.write("f", 0, b"new"),
            "read": lambda: disk.load("f"),
            "flush": disk.flush,
            "change": lambda: disk.remove("f"),
        }
        for what, operation in operations.items():
            text = rf"^disk zone/actor: input/output error during a {what}$"
            with pytest.raises(DiskError, match=text):
                operation()
        disk.faults.clear()
        assert disk.load("f") == b"as it was"


def test_a_full_disk_refuses_to_grow_and_allows_all_else() -> None:
    with SimWorld() as world:
        world.start(Actor, None, name="zone/actor")
        disk = world.disk("zone/actor")
        disk.append("a", b"x" * 100)
        fault = FAULTS["disk-full"]("zone", free="50")
        fault.inject(world)
        disk.append("a", b"y" * 50)
        with pytest.raises(DiskError, match=r"^disk zone/actor: no space left for 1 bytes$"):
            disk.append("b", b"z")
        disk.write("a", 0, b"Y" * 150)
        disk.truncate("a", 149)
        disk.append("b", b"z")
        assert {file: disk.size(file) for file in disk.files()} == {"a": 149, "b": 1}
        fault.heal(world)
        disk.append("b", b"z" * 1_000)


def test_a_disk_that_never_keeps_what_is_written_ends_its_process() -> None:
    with SimWorld(keep="all") as world:
        world.start(Writer, None, name="zone/writer")
        world.run_for(seconds(0.5))
        world.disk("zone/writer").append("other", b"o" * 512)
        FAULTS["disk-misdirected"]("zone/writer", share="100%").inject(world)
        world.disk("zone/writer").faults[0].stray = lambda _: ("other", 0)  # type: ignore[method-assign]
        world.run_for(seconds(1))
        text = "reason=disk of zone/writer does not hold what is written to it"
        assert [body for _, body in notes(world, "abort")] == [text]
