"""What faults make of an AZ host: a death by its own hand, slowness, an authority that is out.

What does not belong here: what a healthy host does (az.py), and who makes it ill (faults/).
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.ailments import AUTHORITY, DENIES_ALL, DIES, POISONED, SLOW
from regions.calls import ApiCall
from regions.messages import LastWords
from regions.policy.evaluate import SOUND
from regions.quarantine import fingerprint
from sim.actor import Actor

BLANK_FIELD: Final = "a blank field in an encryption context"
BAD_CONFIGURATION: Final = "a configuration that it cannot read"


async def suffer(host: Actor, call: ApiCall, front: str) -> None:
    """Let an ailing host take one call: it may be slow, or die of it.

    Args:
      front: the endpoint that hears its last words; "" for none.
    """
    ails = host.cell.ails
    if POISONED in ails and has_blank_field(call):
        if front:
            host.send(front, LastWords(fingerprint=fingerprint(call)))
        host.abort(BLANK_FIELD)
    if SLOW in ails:
        await host.work(sum(ails[SLOW]))


def has_blank_field(call: ApiCall) -> bool:
    """Say whether an encryption context of the call has a pair without a name and a value."""
    contexts = (value for name, value in call.parameters.items() if name.endswith("Context"))
    return any(isinstance(one, dict) and one.get("") == "" for one in contexts)


def doom(host: Actor) -> None:
    """Have a host with a bad configuration die soon after its start."""
    waits = host.cell.ails.get(DIES)
    if waits:
        host.after(min(waits), host.abort, BAD_CONFIGURATION)


def authority(ails: Mapping[str, Any]) -> str:
    """Return how policy evaluation works on a host: the most permissive fault never wins."""
    modes = ails.get(AUTHORITY, ())
    if not modes:
        return SOUND
    return DENIES_ALL if DENIES_ALL in modes else str(modes[0])
