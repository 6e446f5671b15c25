"""The frame table: every number keeps its message and its fields.

Goal: a change of the wire or of what lies on disks is seen in a diff before it is committed.
Rewrite the golden file with NINES_REWRITE=1 and read what changed.
"""

import dataclasses
import os
from pathlib import Path

from regions.frames import FRAMES
from sim.wire import Codec

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "frames.txt"


def table() -> str:
    lines = []
    for number, cls in sorted(FRAMES.items()):
        fields = [f.name for f in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
        lines.append(f"{number:>3} {cls.__name__}({', '.join(fields)})")
    return "\n".join(lines) + "\n"


def test_every_frame_id_keeps_its_message_and_fields() -> None:
    if os.environ.get("NINES_REWRITE"):
        GOLDEN.write_text(table())
    assert table() == GOLDEN.read_text()


def test_every_message_of_the_table_has_an_encoder() -> None:
    codec = Codec(FRAMES)
    assert set(FRAMES.values()) <= set(codec.ids)
