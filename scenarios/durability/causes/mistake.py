"""A person orders the deletion of a key that is needed; the window is there to undo it."""

import math
from collections.abc import Iterator
from typing import ClassVar

from scenarios.durability.causes.cause import Cause, StateMove
from scenarios.durability.model import Model
from scenarios.durability.states import State


class Mistakes(Cause):
    """Mistakes of a model; each move has the name of its mistake.

    The order counts as the loss if nobody undoes it in time: the window is short beside the
    mission, so the delay is left out.
    """

    name: ClassVar[str] = "mistake"
    doc: ClassVar[str] = "a needed key is scheduled for deletion and nobody notices in time"

    def of_state(self, model: Model, _state: State) -> Iterator[StateMove]:
        """Yield the losses."""
        for mistake in model.mistakes:
            missed = math.exp(-mistake.window / mistake.noticed)
            yield StateMove(mistake.rate * missed, mistake.name, None)
