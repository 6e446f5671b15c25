"""Whether a region still has a key: what its running replicas say, and what lies on dark disks.

It shares no code with the model, and none with recovery but the format of a frame: a copy is there
if a running AZ has the key as it was when it last opened what was sealed, or if the key's very own
entry, or a snapshot that names it, can be read from a disk.
What does not belong here: asking the service itself, which needs a region that is well (life.py).
"""

from collections.abc import Mapping
from typing import Final

from regions.messages import KeySketch, SketchKey
from regions.replication.log import decode_snapshot, decode_state, scan
from regions.replication.messages import Entry
from regions.replication.storage import SNAPSHOT_PREFIX, STATE, log_of
from scenarios.accounts import ACCOUNT
from sim.actor import Expired
from sim.units import seconds
from sim.wire import Refusal
from sim.world import SimWorld

_TIMEOUT_NS: Final = seconds(5)
#: Bytes by which a token is known again, at either end; chosen.
_EDGE: Final = 8


def entry_of(files: Mapping[str, bytes], key_id: str) -> Entry | None:
    """Return the entry of a log that names a key first; None if it cannot be read."""
    hard = decode_state(files.get(STATE, b"")).hard
    if hard is None:
        return None
    name = key_id.encode()
    found = scan(log_of(files), hard).entries
    return next((one for one in found.all() if name in one.data), None)


def on_disk(world: SimWorld, node: str, key_id: str, made: Entry, token: bytes) -> bool:
    """Say whether a node's disk holds a key, exactly as it was made.

    Args:
      token: the key token that it was made with; a snapshot may have a newer one by now.
    """
    disk = world.disk(node)
    files = {name: disk.load(name) for name in disk.files()}
    if entry_of(files, key_id) == made:
        return True
    snapshots = [data for name, data in files.items() if name.startswith(SNAPSHOT_PREFIX)]
    decoded = [decode_snapshot(data) for data in snapshots]
    whole = [one.data for one in decoded if one is not None]
    return any(key_id.encode() in data and not _damaged(data, token) for data in whole)


def _damaged(data: bytes, token: bytes) -> bool:
    """Say whether data has a token, but for some bits; not so if it has another one, or none."""
    at = data.find(token[:_EDGE])
    if at < 0:
        at = data.find(token[-_EDGE:]) - len(token) + _EDGE
    return at >= 0 and data[at : at + len(token)] != token


def in_memory(world: SimWorld, az: str, key_id: str) -> bytes:
    """Return what a running AZ has of a key; b"" if nothing."""
    if not world.is_up(az):
        return b""
    try:
        sketch = world.ask(az, SketchKey(name=key_id, account=ACCOUNT), timeout_ns=_TIMEOUT_NS)
    except (Expired, Refusal):
        return b""
    assert isinstance(sketch, KeySketch), f"{sketch!r} is no sketch"
    return sketch.data if sketch.key_id == key_id else b""
