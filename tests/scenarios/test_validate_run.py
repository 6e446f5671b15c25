"""``nines validate-logs RUN``: a kept run is made again, and its buckets are read at its end."""

import json
from pathlib import Path

import pytest

from scenarios.__main__ import main

HOURS = """
summary = "hours with digests"
length = "3h"
validation = true
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "5m"
"""


def kept(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a scenario and keep it."""
    (folder / "hours.toml").write_text(text, encoding="utf-8")
    assert main(["run", "hours.toml", "--seed", "1"]) == 0
    capsys.readouterr()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_digests_of_a_run_are_valid(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CT-20: and named by the first digits of the run as by its folder."""
    kept(elsewhere, HOURS, capsys)
    assert main(["validate-logs", "last", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (chain,) = found["chains"]
    assert (found["valid"], chain["gaps"], chain["unknown"]) == (True, [], [])
    assert chain["digests"] == {"valid": 5, "invalid": 0, "unchecked": 0}
    (run,) = (elsewhere / ".nines" / "runs").iterdir()
    for name in (run.name, str(run)):
        assert main(["validate-logs", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == found


def test_a_run_without_digests_has_nothing_to_check(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(elsewhere, HOURS.replace("validation = true\n", ""), capsys)
    assert main(["validate-logs", "last"]) == 2
    error = "nines: 'last' has no digest files in that time; so nothing was checked\n"
    assert capsys.readouterr().err == error


@pytest.mark.parametrize("words", [["--region", "us-east-1"], ["--public-keys", "hours.toml"]])
def test_a_run_has_its_own_keys_and_regions(
    words: list[str], elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(elsewhere, HOURS.replace("3h", "1m"), capsys)
    assert main(["validate-logs", "last", *words]) == 2
    error = "nines: a run has its own keys and regions; expected no --public-keys and no --region\n"
    assert capsys.readouterr().err == error
