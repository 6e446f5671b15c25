"""SIGKILL at any instant loses nothing that a client was told, and no audit record.

Method: crash.py; 10 rounds here, hundreds with ``pytest -m campaign``.
"""

import secrets
from pathlib import Path

import pytest
from crash import Campaign


@pytest.mark.parametrize(("fsync", "rounds"), [("always", 10), ("batch", 3)])
def test_what_was_answered_survives_kill_9_at_any_instant(
    tmp_path: Path, fsync: str, rounds: int
) -> None:
    campaign = Campaign(tmp_path / "data", secrets.randbits(32), ("--fsync", fsync))
    campaign.run(rounds)
    campaign.close()


@pytest.mark.campaign
@pytest.mark.parametrize("fsync", ["always", "batch"])
def test_nothing_is_lost_in_200_rounds_of_kill_9(tmp_path: Path, fsync: str) -> None:
    campaign = Campaign(tmp_path / "data", secrets.randbits(32), ("--fsync", fsync))
    for _ in range(10):
        campaign.run(20, long=True)
        campaign.close()
