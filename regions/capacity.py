"""What one host can do in a second: calls take its processor in turn, and queue for it.

What does not belong here: whether a call is let in at all (admission.py), or what it means
(az.py, kms/).
Source: chosen: one processor that serves first come, first served is the smallest model with a
queue that grows without bound once more comes than goes.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from regions.admission import SHED
from regions.errors import ServiceUnavailableException
from sim.actor import Actor, Request
from sim.promise import Promise
from sim.units import seconds, us
from sim.wire import Overloaded

#: What a host spends on a call besides crypto and waiting; chosen: TLS, SigV4, policy.
CALL_NS: Final = us(200)
#: Calls that wait at a host; more are refused at once; chosen, as of every actor.
QUEUE_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much one host can take."""

    per_second: float = 0  #: calls; 0 leaves the number of workers as the only limit
    queue_limit: int = QUEUE_LIMIT  #: calls that wait, for the processor or for a worker
    drops_late: bool = False  #: a call whose caller has given up is not worked on
    call_ns: int = CALL_NS  #: of a call, when per_second is 0

    @property
    def simple(self) -> bool:
        """Whether calls only take their time."""
        return not self.per_second and not self.drops_late

    def inbox_limit(self, workers: int) -> int:
        """Return how many calls may wait for a worker: all workers but one may wait themselves."""
        if not self.per_second:
            return self.queue_limit
        return max(0, self.queue_limit - (workers - 1))


#: As many calls as its workers can take.
UNLIMITED: Final = Capacity()


class Turns:
    """The processor of one host, for one incarnation."""

    def __init__(self, actor: Actor, capacity: Capacity) -> None:
        self._actor, self._capacity = actor, capacity
        per_second = capacity.per_second
        self._cost_ns = round(seconds(1) / per_second) if per_second else capacity.call_ns
        self._busy = False
        self._waiting: deque[Promise] = deque()

    async def take(self, request: Request) -> None:
        """Wait for the processor and spend the call's time on it.

        Raises:
          ServiceUnavailableException: the caller has given up, and no time was spent.
          Overloaded: the queue is as long as it may be.
        """
        if self._capacity.per_second:
            await self._in_turn(request)
            return
        if self._late(request):
            raise _refusal(request)
        await self._actor.work(self._cost_ns)

    async def _in_turn(self, request: Request) -> None:
        if self._busy:
            if len(self._waiting) >= self._capacity.queue_limit:
                raise Overloaded(f"{self._actor.name} has {len(self._waiting)} requests waiting")
            promise = Promise(self._actor)
            self._waiting.append(promise)
            await promise.wait()
        self._busy = True
        late = self._late(request)
        if not late:
            await self._actor.work(self._cost_ns)
        # Whoever is next finds the processor taken until its own turn is over.
        if self._waiting:
            self._waiting.popleft().set(None)
        else:
            self._busy = False
        if late:
            raise _refusal(request)

    def _late(self, request: Request) -> bool:
        return self._capacity.drops_late and bool(request.asker) and request.left_ns <= 0


def _refusal(request: Request) -> ServiceUnavailableException:
    return ServiceUnavailableException(SHED, request.body.request_id)
