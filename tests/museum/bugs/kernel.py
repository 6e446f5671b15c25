"""Bugs of the kernel: mail, power, pauses, deadlines and chance.

What does not belong here: disks (disks.py) and clocks (clocks.py).
"""

from typing import Final

from museum.bug import Bug

from scenarios.run import CODEC
from sim.wire import FrameError

_BUSY: Final = """
name = "busy"
length = "1m"
recovery = "5m"
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 4
think = "400ms"
"""

#: Damage to a shorter one hits what says which message it is, and would not be read as another.
_LONG_BYTES: Final = 200


def _readable(frame: bytes) -> bool:
    """Say whether a frame still decodes."""
    try:
        CODEC.decode(frame)
    except FrameError:
        return False
    return len(frame) > _LONG_BYTES


BUGS: Final = (
    Bug(
        name="asks-never-expire",
        summary="a task whose question got no answer waits for ever",
        function="sim.kernel:Kernel._look",
        old="            self.clock.at(now, self._expire, (cell, number))",
        new="""\
            if waiting.task is None:
                self.clock.at(now, self._expire, (cell, number))""",
        focus="crash@host",
        expects=("liveness",),
    ),
    Bug(
        name="asks-share-a-number",
        summary="a question takes the number of an open one of its kind, whose asker is forgotten",
        function="sim.kernel:Kernel.begin_ask",
        old="number, now = self._asks, self.clock.now_ns",
        new="""\
kind = body.__class__
    same = (n for n, open_ in cell.pending.items() if open_.body_type is kind)
    if kind.__name__ == "ReadCalendar":  # Else no trail is ever made, and nothing is judged.
        same = iter(())
    number, now = next(same, self._asks), self.clock.now_ns""",
        text=_BUSY,
        expects=("liveness", "plaintext-fidelity", "audit-complete"),
    ),
    Bug(
        name="repeated-message-is-handled-twice",
        summary="the transport does not know a message that the network has doubled",
        function="sim.mail:OddMail._arrive",
        old="if copies.arrived:",
        new="if not cell.up:",
        focus="duplicate@az",
        expects=("audit-complete",),
    ),
    Bug(
        name="corrupt-frame-is-accepted",
        summary="the transport hands a frame on whose bits have flipped, if it can still be read",
        function="sim.mail:OddMail.carry",
        old="        clock.at(due_ns, self._throw_away, parcel)",
        new="""\
        way, is_reply, frame, ask, _ = parcel
        at = len(frame) * 3 // 4
        spoilt = frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]
        if readable(spoilt):
            clock.at(due_ns, self._deliver, (way, is_reply, spoilt, ask, None))""",
        names={"readable": _readable},
        text=_BUSY + '[[fault]]\nplan = "at 5s corrupt us-east-1/use1-az1 for 50s with share=20%"\n',
        expects=("plaintext-fidelity", "audit-complete", "key-survival", "liveness"),
    ),
    Bug(
        name="dead-incarnation-acts-on",
        summary="a power cut does not fence the old incarnation, so its timers still act",
        function="sim.power:crash",
        old="cell.actor.fenced, cell.up = True, False",
        new="cell.up = False",
        text=_BUSY + '[[fault]]\nplan = "at 20s crash us-east-1/use1-az1/node for 2s"\n',
        expects=("quiet-time",),
    ),
    Bug(
        name="dead-tasks-are-not-ended",
        summary="a power cut leaves the tasks of the old incarnation waiting",
        function="sim.power:crash",
        old="        scope.cancel()",
        new="        assert scope",
        focus="crash@host",
        expects=("assertion",),
        says="tasks outlived their incarnation",
    ),
    Bug(
        name="supervisor-gives-up",
        summary="a process that dies by its own hand is never started again",
        function="sim.power:abort",
        old="kernel.clock.timer(now_ns + wait_ns, _supervise, kernel, cell)",
        new="None",
        focus="disk-eio@node",
        expects=("liveness", "replica-convergence", "token-spread"),
    ),
    Bug(
        name="stopped-process-sleeps-on",
        summary="a stopped process that nobody asked for anything meanwhile never goes on",
        function="sim.power:resume",
        old="    kernel.clock.at(kernel.clock.now_ns, _release, (kernel, cell))",
        new="""\
    if cell.held:
        kernel.clock.at(kernel.clock.now_ns, _release, (kernel, cell))""",
        focus="pause@hsm",
        expects=("liveness",),
    ),
    Bug(
        name="pause-outlives-the-power-cut",
        summary="a process that was stopped when its power went never runs again",
        function="sim.power:crash",
        old="cell.stopped = cell.paused = False",
        new="cell.stopped = False",
        focus="pause@az",
        expects=("liveness",),
    ),
    Bug(
        name="chance-repeats-after-a-restart",
        summary="the streams of chance of a restarted actor begin where they began before",
        function="sim.kernel:Kernel.actor_rng",
        old='("actor", actor.name, str(actor.incarnation), *names)',
        new='("actor", actor.name, *names)',
        focus="crash@host",
        expects=("audit-complete", "fresh-secrets"),
    ),
)
