"""SIGKILL at any instant loses nothing that a client was told, and no audit record.

Method: crash.py; 10 rounds here, hundreds with ``pytest -m campaign``.
"""

import json
import secrets
from pathlib import Path
from random import Random

import pytest
from crash import Campaign, Client, Fact, compare_history
from peer import Told


@pytest.mark.parametrize(("fsync", "rounds"), [("always", 10), ("batch", 2)])
def test_what_was_answered_survives_kill_9_at_any_instant(
    tmp_path: Path, fsync: str, rounds: int
) -> None:
    campaign = Campaign(tmp_path / "data", secrets.randbits(32), ("--fsync", fsync))
    campaign.run(rounds)
    campaign.close()


class Forgetful:
    """A server that answers every look with what it was told to."""

    def __init__(self, state: str) -> None:
        self._told = Told("one", "", {"KeyMetadata": {"KeyState": state}})

    def call(self, *_words: str, **_parameters: object) -> Told:
        return self._told


def test_a_fact_that_was_lost_is_noticed() -> None:
    client = Client(1, Random(1))
    client.facts[Fact("key", "k")] = "Enabled"
    client.look(Forgetful("Enabled"), everything=True)
    assert client.failures == []
    client.look(Forgetful("Disabled"), everything=True)
    assert client.failures == ["Fact(kind='key', name='k'): told 'Enabled', now 'Disabled'"]


@pytest.mark.parametrize(("state", "failures"), [("Enabled", 0), ("Disabled", 0), ("Gone", 1)])
def test_what_was_not_answered_may_have_been_done_or_not(state: str, failures: int) -> None:
    client = Client(1, Random(1))
    client.facts[Fact("key", "k")] = "Enabled"
    client.open = (Fact("key", "k"), "Disabled")
    client.look(Forgetful(state), everything=True)
    assert len(client.failures) == failures
    assert client.facts[Fact("key", "k")] == state


def test_a_record_that_is_missing_or_comes_twice_is_noticed() -> None:
    def event(event_id: str, request_id: str) -> dict[str, str]:
        record = json.dumps({"requestID": request_id})
        return {"EventId": event_id, "EventName": "Encrypt", "CloudTrailEvent": record}

    answered = {"one": "Encrypt", "two": "Decrypt"}
    assert compare_history([event("a", "one"), event("b", "two")], answered) == {}
    assert compare_history([event("a", "one")], answered) == {"two": "Decrypt"}
    with pytest.raises(AssertionError, match="the event id a comes twice"):
        compare_history([event("a", "one"), event("a", "two")], answered)
    with pytest.raises(AssertionError, match="the call one has two records"):
        compare_history([event("a", "one"), event("b", "one")], answered)


@pytest.mark.campaign
@pytest.mark.parametrize("fsync", ["always", "batch"])
def test_nothing_is_lost_in_200_rounds_of_kill_9(tmp_path: Path, fsync: str) -> None:
    campaign = Campaign(tmp_path / "data", secrets.randbits(32), ("--fsync", fsync))
    for _ in range(10):
        campaign.run(20, long=True)
        campaign.close()
