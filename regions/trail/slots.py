"""When a trail publishes, and what its files are called.

Each (trail, region) has a grid of slots, one every 300 s with a phase of its own; what arrived
before a slot becomes one file, which reaches the bucket some time after the slot. A timer is
needed only while records wait.
What does not belong here: which records (trails.py), and retries (deliveries.py).
Source: CloudTrail User Guide, "Finding your CloudTrail log files" (key layout; "about every five
minutes"; 5 minutes on average); facts: medians of real files 146 s and 264 s, maximum 594 s.
"""

from datetime import UTC, datetime
from typing import Final

from sim.rng import Stream
from sim.units import NS_PER_SECOND, seconds

#: One slot; 12 files an hour while active. Source: User Guide, about every 5 minutes.
SLOT_NS: Final = seconds(300)
#: From a slot to the bucket, lognormal. Chosen so that waiting for the slot (150 s on average)
#: and this together have a mean near 270 s, and 99 % are well within 900 s.
SETTLE_MEDIAN_SECONDS: Final = 100.0
SETTLE_SIGMA: Final = 0.5
#: The minute in a file's name is a multiple of this, as in real files.
STAMP_SECONDS: Final = 300

#: Folders of log files, and of those with Insights events. Source: User Guide.
LOGS: Final = "CloudTrail"
INSIGHTS: Final = "CloudTrail-Insight"

_UNIQUE: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_UNIQUE_LENGTH: Final = 16


def draw_phase_ns(rng: Stream) -> int:
    """Return where in the grid a trail publishes in one region: 0–SLOT_NS."""
    return rng.randrange(0, SLOT_NS)


def next_slot_ns(now_ns: int, phase_ns: int) -> int:
    """Return the first slot of the grid after now."""
    return now_ns - (now_ns - phase_ns) % SLOT_NS + SLOT_NS


def draw_settle_ns(rng: Stream) -> int:
    """Return how long after its slot a file reaches the bucket."""
    return seconds(SETTLE_MEDIAN_SECONDS * rng.lognormvariate(0.0, SETTLE_SIGMA))


def draw_unique(rng: Stream) -> str:
    """Return the 16 letters and digits that tell two files of one slot apart."""
    return "".join(rng.choice(_UNIQUE) for _ in range(_UNIQUE_LENGTH))


def object_key(
    *,
    prefix: str,
    account: str,
    region: str,
    slot_ns: int,
    unique: str,
    folder: str = LOGS,
) -> str:
    """Return the key of a log file published at a slot (calendar time).

    Files with Insights events stand in a folder of their own. The name carries the next multiple
    of five minutes: a file's stamp is never before its events.
    """
    second = -(-slot_ns // (STAMP_SECONDS * NS_PER_SECOND)) * STAMP_SECONDS
    stamp = datetime.fromtimestamp(second, UTC)
    place = f"AWSLogs/{account}/{folder}/{region}/{stamp:%Y/%m/%d}"
    name = f"{account}_{folder}_{region}_{stamp:%Y%m%dT%H%M}Z_{unique}.json.gz"
    return f"{prefix}/{place}/{name}" if prefix else f"{place}/{name}"


def file_body(records: list[str]) -> bytes:
    """Return the uncompressed content of a log file from its records' JSON."""
    return ('{"Records":[' + ",".join(records) + "]}").encode()
