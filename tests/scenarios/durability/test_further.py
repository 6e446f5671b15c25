"""`nines durability` estimates what no chain has, and shows fleets."""

import json
from pathlib import Path

import pytest

from scenarios.__main__ import main

FIXED = (
    "[layout]\nazs = 3\n[copy]\nlost = '25y'\nrepaired = { law = 'deterministic', mean = '6h' }\n"
)


@pytest.fixture
def fixed(tmp_path: Path) -> str:
    path = tmp_path / "fixed.toml"
    path.write_text(FIXED)
    return str(path)


def test_a_model_that_no_chain_has_is_estimated_unasked(
    fixed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scenarios.durability.further.PATHS", 10_000)
    assert main(["durability", fixed, "--samples", "0"]) == 0
    text = capsys.readouterr().out
    assert "\nestimate (no chain has copy.repaired exactly; seed 1)\n" in text
    assert "from not walking every path" in text


def test_json_has_the_estimate_and_the_fleet(
    fixed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--samples", "0", "--paths", "10000", "--seed", "5", "--fleet", "1000000", "--json"]
    assert main(["durability", fixed, *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["estimate"]["seed"] == 5
    assert found["estimate"]["estimators"][0]["paths"] == 10_000
    low, high = found["estimate"]["interval"]
    assert low < found["estimate"]["probability"] < high
    assert [one["copysets"] for one in found["fleet"]] == [8_000, 20]


def test_workers_do_not_show(fixed: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for jobs in ("1", "2"):
        words = ["--samples", "0", "--paths", "20000", "--jobs", jobs]
        assert main(["durability", fixed, *words]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


def test_a_fleet_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, plot = tmp_path / "disks.toml", tmp_path / "fleet.png"
    model.write_text("[layout]\ncopies = 1\n")
    words = ["--samples", "0", "--fleet", "1000000000", "--fleet-plot", str(plot)]
    assert main(["durability", str(model), *words]) == 0
    assert "Chance of a loss in a fleet of 1,000,000,000 keys" in capsys.readouterr().out
    assert plot.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_a_new_key_is_said_to_have_no_estimate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "new.toml"
    model.write_text(FIXED + "[write]\nazs = 2\n")
    assert main(["durability", str(model), "--samples", "0"]) == 0
    said = "key 'write': expected none beside laws without phases (copy.repaired)"
    assert f"no estimate: {said}; the figures above have fitted laws\n" in capsys.readouterr().out
    assert main(["durability", str(model), "--samples", "0", "--paths", "10"]) != 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fleet-plot", "x.png"], "--fleet-plot draws a fleet; expected --fleet with it"),
        (
            ["--sweep", "azs=2..3", "--paths", "9"],
            "--fleet and --paths are of one model; expected no --sweep",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["durability", *words]) != 0
    assert said in capsys.readouterr().err
