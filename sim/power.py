"""Starts an actor, takes its power away, stops it and lets it go on.

A crash is a power cut: the incarnation is fenced at once, its tasks are cancelled, its disk loses
or tears what was not flushed. What does not belong here: when that happens (plan.py, faults/).
"""

from typing import Final

from sim.actor_disk import ActorDisk
from sim.cell import Cell
from sim.kernel import Kernel
from sim.units import seconds

#: A supervisor waits so long before it restarts a process that died by its own hand, and twice
#: as long after each death that came soon again; chosen, as systemd units are often set.
SUPERVISOR_NS: Final = seconds(2)
SUPERVISOR_MAX_NS: Final = seconds(60)


def boot(kernel: Kernel, cell: Cell) -> None:
    """Begin the next incarnation of a cell; its clock and disk stay."""
    assert cell.cls is not None
    assert not cell.up, f"{cell.name} is up"
    if cell.tasks and kernel.linger_ns:
        # On the wall clock cancelled tasks take a pass of Trio's loop to end.
        due_ns = kernel.clock.now_ns + kernel.linger_ns
        cell.booting = kernel.clock.timer(due_ns, boot, kernel, cell)
        return
    cell.booting = None
    cell.booted_ns = kernel.clock.now_ns
    if cell.tasks:
        raise AssertionError(f"{cell.name}: {cell.tasks} tasks outlived their incarnation")
    cell.incarnation += 1
    cell.streams = {}
    actor = cell.cls(cell.config)
    actor.name, actor.incarnation = cell.name, cell.incarnation
    actor.kernel, actor.cell, actor.disk = kernel, cell, ActorDisk(actor, cell.disk)
    cell.actor, cell.up = actor, True
    kernel.trace.add(kernel.clock.now_ns, "start", cell.name, b"%d" % cell.incarnation)
    cell.hired = actor.workers if kernel.hires_at_once else 0
    for _ in range(cell.hired):
        kernel.spawn_worker(actor)
    kernel.gated(actor, actor.start, ())


def restart(kernel: Kernel, cell: Cell) -> None:
    """Give a cell power again: it boots at this instant, after its old tasks have ended."""
    assert not cell.powered, f"{cell.name} has power"
    assert not cell.dark_by, f"{cell.name} is held dark"
    if cell.supervised is not None:
        cell.supervised.cancel()
        cell.supervised = None
    cell.booting = kernel.clock.timer(kernel.clock.now_ns, boot, kernel, cell)


def crash(kernel: Kernel, cell: Cell) -> None:
    """Cut the power of one actor: fence it, drop its queues, cut its disk."""
    if not cell.powered:
        return
    kernel.trace.add(kernel.clock.now_ns, "crash", cell.name, b"%d" % cell.incarnation)
    cell.crashes += 1
    cell.stopped = cell.paused = False
    cell.stopped_by.clear()
    if cell.booting is not None:
        cell.booting.cancel()
        cell.booting = None
        return
    assert cell.actor is not None
    cell.actor.fenced, cell.up = True, False
    cell.held.clear()
    cell.inbox.clear()
    cell.idle.clear()
    cell.pending.clear()
    cell.sweep_ns = None
    for scope in tuple(cell.scopes):
        scope.cancel()
    cell.disk.power_cut()


def hold_down(kernel: Kernel, cell: Cell, by: object) -> None:
    """Keep an actor without power until ``by`` lets go of it."""
    assert not any(holder is by for holder in cell.dark_by), f"{by!r} holds {cell.name} already"
    if not cell.dark_by:
        cell.lit_before = cell.powered or cell.supervised is not None
    cell.dark_by.append(by)
    if cell.supervised is not None:
        cell.supervised.cancel()
        cell.supervised = None
    crash(kernel, cell)


def let_up(kernel: Kernel, cell: Cell, by: object) -> None:
    """Forget one holder; with the last one the actor boots, if it had power before the first."""
    holders = [holder for holder in cell.dark_by if holder is not by]
    if len(holders) == len(cell.dark_by):
        return
    cell.dark_by = holders
    if not holders and cell.lit_before and not cell.powered:
        restart(kernel, cell)


def abort(kernel: Kernel, cell: Cell, reason: str) -> None:
    """Let a process die by its own hand; its supervisor restarts it, later each time."""
    if not cell.up:
        return
    now_ns = kernel.clock.now_ns
    if now_ns - cell.booted_ns > SUPERVISOR_MAX_NS:
        cell.aborts = 0  # It ran well for a while: a new trouble, a new patience.
    wait_ns = min(SUPERVISOR_NS << min(cell.aborts, 16), SUPERVISOR_MAX_NS)
    cell.aborts += 1
    kernel.note("abort", cell.name, {"reason": reason})
    crash(kernel, cell)
    cell.supervised = kernel.clock.timer(now_ns + wait_ns, _supervise, kernel, cell)


def _supervise(kernel: Kernel, cell: Cell) -> None:
    cell.supervised = None
    if not cell.powered and not cell.dark_by:
        boot(kernel, cell)


def pause(kernel: Kernel, cell: Cell) -> None:
    """Hold everything that would wake an actor, as SIGSTOP does.

    A step of an actor takes no virtual time, so holding its wake-ups is to stop it.
    """
    assert cell.powered, f"{cell.name} is down"
    kernel.trace.add(kernel.clock.now_ns, "pause", cell.name, b"")
    cell.stopped = cell.paused = True


def resume(kernel: Kernel, cell: Cell) -> None:
    """Let what was held happen now, in order, and what arrives meanwhile after it."""
    if not cell.stopped:
        return
    kernel.trace.add(kernel.clock.now_ns, "resume", cell.name, b"")
    cell.stopped = False
    kernel.clock.at(kernel.clock.now_ns, _release, (kernel, cell))


def _release(argument: tuple[Kernel, Cell]) -> None:
    """Perform what was held longest; the next is an event of its own."""
    kernel, cell = argument
    if cell.stopped or not cell.paused:
        return
    cell.paused = False
    if not cell.held:
        return
    fn, args = cell.held.popleft()
    fn(*args)
    if cell.held and cell.up:
        cell.paused = True
        kernel.clock.at(kernel.clock.now_ns, _release, argument)
