"""Bugs of the kernel: mail, power, pauses, deadlines and chance.

What does not belong here: disks (disks.py) and clocks (clocks.py).
"""

from typing import Final

from museum.bug import Bug

BUGS: Final = (
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
        summary="the transport hands a frame on whose bits have flipped",
        function="sim.mail:OddMail.carry",
        old="        clock.at(due_ns, self._throw_away, parcel)",
        new="""\
        way, is_reply, frame, ask = parcel
        spoilt = frame[:-1] + bytes([frame[-1] ^ 1])
        clock.at(due_ns, self._deliver, (way, is_reply, spoilt, ask))""",
        focus="corrupt@az",
        expects=("error",),
    ),
    Bug(
        name="dead-incarnation-acts-on",
        summary="a power cut does not fence the old incarnation, so its timers still act",
        function="sim.power:crash",
        old="cell.actor.fenced, cell.up = True, False",
        new="cell.up = False",
        focus="crash@node",
        expects=("error",),
    ),
    Bug(
        name="queue-outlives-the-power-cut",
        summary="what waited for a worker is still there after a crash",
        function="sim.power:crash",
        old="    cell.inbox.clear()\n",
        new="",
        focus="crash@host",
        expects=("error", "liveness"),
    ),
    Bug(
        name="supervisor-gives-up",
        summary="a process that dies by its own hand is never started again",
        function="sim.power:abort",
        old="kernel.clock.timer(now_ns + wait_ns, _supervise, kernel, cell)",
        new="None",
        focus="disk-eio@node",
        expects=("liveness",),
    ),
    Bug(
        name="wake-ups-are-slept-through",
        summary="of all that came while a process was stopped only the first is ever done",
        function="sim.power:_release",
        old="    fn(*args)\n",
        new="    fn(*args)\n    cell.held.clear()\n",
        focus="pause@node",
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
        name="deadlines-are-looked-at-once",
        summary="after the first look at the deadlines of a cell the others are forgotten",
        function="sim.kernel:Kernel._look",
        old="    if earliest is not None:",
        new="    if earliest is not None and not cell.paused and earliest < 0:",
        focus="partition@az",
        expects=("liveness",),
    ),
    Bug(
        name="chance-repeats-after-a-restart",
        summary="the streams of chance of a restarted actor begin where they began before",
        function="sim.kernel:Kernel.actor_rng",
        old='("actor", actor.name, str(actor.incarnation), *names)',
        new='("actor", actor.name, *names)',
        focus="crash@host",
        expects=("audit-complete", "fresh-secrets", "error"),
    ),
)
