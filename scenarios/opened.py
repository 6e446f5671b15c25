"""Objects of a simulated bucket, opened where they are encrypted under a KMS key.

What does not belong here: what is read from them (evidence.py, log_world.py).
"""

from collections.abc import Callable

from regions.bucket import GetObject, ObjectBody
from regions.errors import AccessDeniedException
from sim.world import SimWorld

#: Returns body and metadata of an object that is encrypted under a KMS key, by bucket and key.
Unseal = Callable[[str, str], tuple[bytes, dict[str, str]]]


def fetch(
    world: SimWorld,
    actor: str,
    bucket: str,
    key: str,
    unseal: Unseal | None = None,
    stored_ns: int = 0,
) -> ObjectBody:
    """Return an object.

    Args:
      actor: name of the store that holds the bucket.
      unseal: asked for what the store alone cannot open.
      stored_ns: when such an object was stored, as it was listed.

    Raises:
      ObjectDamaged: nobody can read it.
      Refusal: the store or ``unseal`` refuses.
    """
    try:
        found: ObjectBody = world.ask(actor, GetObject(bucket=bucket, key=key))
    except AccessDeniedException:
        if unseal is None:
            raise
        body, metadata = unseal(bucket, key)
        return ObjectBody(body=body, encoding="", stored_ns=stored_ns, metadata=metadata)
    return found
