"""The kernel benchmark prints what it promises; how fast it is depends on the machine."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).with_name("kernel.py")
ROW = {
    "objects_per_second",
    "frames_per_second",
    "simpy_per_second",
    "ratio_objects",
    "ratio_frames",
}


def run(*options: str) -> str:
    done = subprocess.run(
        [sys.executable, str(BENCH), "--quick", *options],
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def test_the_json_object_has_every_figure() -> None:
    figures = json.loads(run("--json"))
    assert set(figures) == {"ratio_objects", "ratio_frames", "gossip", "codec_us", "rows"}
    assert set(figures["gossip"]) == ROW
    assert list(figures["rows"]) == [
        "ping-pong, 1 pairs",
        "ping-pong, 100 pairs",
        "ping-pong, 1,000 pairs",
        "gossip, 1,000 actors",
    ]
    assert all(set(row) == ROW for row in figures["rows"].values())


def test_the_table_shows_ours_the_peers_and_the_ratios() -> None:
    lines = run().splitlines()
    assert lines[0].split() == ["messages", "per", "second", "objects", "frames", "SimPy", "ratios"]
    assert [line.partition("  ")[0] for line in lines[1:6]] == [
        "ping-pong, 1 pairs",
        "ping-pong, 100 pairs",
        "ping-pong, 1,000 pairs",
        "gossip, 1,000 actors",
        "geometric mean of the ping-pongs",
    ]
    assert lines[6].startswith("codec, one message there and back: ")
