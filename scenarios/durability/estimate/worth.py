"""What the states of a model are worth: the table that leads its paths.

It is taken from the model's own lumped chain, with every law exponential; tables that are wrong by
a factor of three still work, as the weights make up for it.
What does not belong here: systems that no model has (nearest.py), walking (walk.py).
"""

from contextlib import suppress
from itertools import count
from typing import Any, Final

import numpy as np

from scenarios.durability import states
from scenarios.durability.chain import Chain, build
from scenarios.durability.estimate.adapt import arrays_of
from scenarios.durability.estimate.chain import values
from scenarios.durability.estimate.clock import (
    DESTROYED,
    FLAWED,
    GOOD,
    HOLLOW,
    LOST,
    SHADOWED,
    UNLIT,
    UNLIT_LONG,
    UNSEEN,
    ClockError,
    Clocks,
    layout,
)
from scenarios.durability.estimate.clock_state import key_of
from scenarios.durability.estimate.nearest import MOST_STATES, Table
from scenarios.durability.fit import memoryless
from scenarios.durability.model import Model, ModelError

_COPIES: Final = {
    states.GOOD: GOOD,
    states.LATENT: FLAWED,
    states.UNSEEN: UNSEEN,
    states.MISSING: LOST,
    states.HOLLOW: HOLLOW,
    states.SHADOWED: SHADOWED,
}
_AZS: Final = {
    states.LIT: 0,
    states.DARK: UNLIT,
    states.DARK_LONG: UNLIT_LONG,
    states.GONE: DESTROYED,
}


def table_of(model: Model, clocks: Clocks, most_states: int = MOST_STATES) -> Table:
    """Return what the states of a model are worth; of a large one those that a few blows lead to.

    Raises:
      ClockError: even one blow leads to too many.
    """
    found = _nearest(memoryless(model), most_states)
    worth = values(arrays_of(found, beyond_is_loss=True).chain)
    system = layout(clocks)
    keys = np.array([_key(system.shape, system.parent, one) for one in found.states], np.uint64)
    order = np.argsort(keys)
    assert len(np.unique(keys)) == len(keys), "two states have one key"
    return Table(keys[order], worth[order])


def _nearest(model: Model, most_states: int) -> Chain:
    with suppress(ModelError):
        return build(model, states_max=most_states)
    found: Chain | None = None
    for blows in count(1):
        try:
            found = build(model, blows=blows, states_max=most_states)
        except ModelError as error:
            if found is not None:
                break
            raise ClockError(
                f"key 'layout': more than {most_states:,} states after one blow; expected fewer"
                " copies, AZs or regions, to lead paths through"
            ) from error
    assert found is not None, "the loop ends with the last that is small enough"
    return found


def _key(shape: Any, parent: Any, state: states.State) -> Any:
    """Return the key of a state of the chain."""
    copies, azs, _, _, _, _, _ = shape
    broken = np.zeros(len(parent), dtype=np.int64)
    copy, az = 0, copies
    each, of_az = azs // len(state), copies // azs
    for number, region in enumerate(state):
        if states.is_gone(region):
            broken[copies + azs + number] = DESTROYED
            copy, az = copy + each * of_az, az + each
            continue
        for zone in region:
            broken[az] = _AZS[zone[0]]
            for place, code in enumerate(zone[1:]):
                broken[copy + place] = _COPIES[states.kind(code)]
            copy, az = copy + of_az, az + 1
    return key_of(shape, parent, broken)
