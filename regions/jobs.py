"""Runs a region's long work on the AZ whose node leads, one idempotent step at a time.

What is to be done is a pure function of the keyring (kms/jobs/), so a new leader goes on where
the old one stopped. Between due steps there is one timer and nothing else. When something is due
is judged by the agreed calendar, and what cannot be undone is done only after asking afresh.
What does not belong here: what a job does, and how the AZs agree on the time (agreed_time.py).
"""

from typing import Any, Final, Protocol

from regions.agreed_time import AgreedTime
from regions.fleet import HsmFleet
from regions.hsm.commands import Rewrapped
from regions.kms.changes import Command
from regions.kms.jobs import JOBS
from regions.kms.keyring import Applied, Keyring
from sim.actor import Actor, Expired
from sim.clock import Timer
from sim.promise import Promise
from sim.units import seconds
from sim.wire import Refusal

#: A step that failed, for want of an HSM or a majority, is tried again after this; chosen.
RETRY_NS: Final = seconds(30)


class Host(Protocol):
    """What the runner needs of its AZ."""

    @property
    def keyring(self) -> Keyring:
        """The replica that says what is due."""

    @property
    def leads(self) -> bool:
        """Whether long work is this AZ's to do now."""

    @property
    def fleet(self) -> HsmFleet:
        """The way to the HSMs."""

    @property
    def time(self) -> AgreedTime:
        """What the AZs agree that the calendar shows."""

    async def commit(self, command: Command) -> Applied:
        """Have a change replicated."""


class JobRunner:
    """At most one step under way, at most one timer set."""

    def __init__(self, actor: Actor, host: Host) -> None:
        self._actor = actor
        self._host = host
        self._timer: Timer | None = None
        self._running = False
        self._wanted: Promise | None = None  #: what the one long-lived task waits for

    def look(self) -> None:
        """See what is due; call it after every change of the keyring or of the leader."""
        if self._running or not self._host.leads:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._host.keyring.domain is None:
            self._begin(self._create_domain)
            return
        found = self._next()
        if found is None:
            return
        due_ns, job = found
        time = self._host.time
        if not time.stale_in_ns:
            self._begin(self._agree)
            return
        wait_ns = due_ns - time.estimate_ns
        if wait_ns <= 0:
            self._begin(self._step, job)
        else:
            wait_ns = min(wait_ns, time.stale_in_ns)
            self._timer = self._actor.after_calendar(wait_ns, self.look)

    def _next(self) -> tuple[int, Any] | None:
        """Return the job that is due first; earlier in the table wins a tie."""
        best: tuple[int, Any] | None = None
        for job in JOBS.values():
            due_ns = job.due_ns(self._host.keyring)
            if due_ns is not None and (best is None or due_ns < best[0]):
                best = due_ns, job
        return best

    def _begin(self, activity: Any, *args: Any) -> None:
        self._running = True
        if self._wanted is None:
            self._wanted = Promise(self._actor)
            self._actor.spawn(self._work)
        self._wanted.set((activity, args))

    async def _work(self) -> None:
        """Do one activity after the other; a task for each would cost a tenth of a quiet day."""
        while True:
            assert self._wanted is not None
            activity, args = await self._wanted.wait()
            self._wanted = Promise(self._actor)
            try:
                await activity(*args)
            except (Refusal, Expired) as error:
                self._actor.note("job", failed=type(error).__name__)
                await self._actor.sleep(RETRY_NS)
            self._running = False
            self.look()

    async def _create_domain(self) -> None:
        await self._host.fleet.create_domain()
        if self._host.keyring.domain is None:
            await self._actor.sleep(RETRY_NS)

    async def _agree(self, *, afresh: bool = True) -> int | None:
        """Learn what time it is; without a majority nothing could be committed anyway."""
        now_ns = await self._host.time.agree(afresh=afresh)
        if now_ns is None:
            self._actor.note("job", waits="no majority agrees on the time")
            await self._actor.sleep(RETRY_NS)
        return now_ns

    async def _step(self, job: Any) -> None:
        keyring = self._host.keyring
        now_ns = await self._agree(afresh=job.irreversible)
        due_ns = job.due_ns(keyring)
        if now_ns is None or due_ns is None or due_ns > now_ns:
            return  # The others say that it is not time yet, or there is nothing to do any more.
        command = job.step(keyring, now_ns)
        reply = None
        if command is not None:
            await self._host.fleet.installed()
            reply = await self._host.fleet.ask(self._actor.ask, command)
            if isinstance(reply, Rewrapped) and reply.active_key < _active_key(keyring):
                # That HSM missed the newest domain token; its tokens are no better than ours.
                self._actor.note("job", waits=job.name, hsm_is_at=reply.active_key)
                await self._actor.sleep(RETRY_NS)
                return
        event_id = self._actor.rng("event-id").uuid()
        change = job.change(keyring, now_ns, reply, event_id)
        applied = await self._host.commit(change)
        if applied.error is None:
            vain = job.tried(keyring, command)
            self._actor.note("job", done=job.name, **({"unreadable": vain} if vain else {}))
        else:
            self._actor.note("job", refused=job.name, error=applied.error)
            await self._actor.sleep(RETRY_NS)


def _active_key(keyring: Keyring) -> int:
    return keyring.domain.active_key if keyring.domain else 0
