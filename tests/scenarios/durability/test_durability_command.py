"""``nines durability`` and ``nines experiment``: what they print, write and refuse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.__main__ import main
from scenarios.durability import files
from scenarios.durability.report import JSON_KEYS
from scenarios.experiments import EXPERIMENTS

PNG = b"\x89PNG"


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one line that says why not."""
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.removesuffix("\n")


def test_the_default_region_has_eleven_nines_where_its_design_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """KMS-12: at most 1e-11 per key-year, as long as AZs fail apart and the region stands."""
    assert main(["durability", "--json", "--samples", "40"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["design", "observed"]
    assert list(found["design"]) == list(JSON_KEYS)
    rows = {row["name"]: row for row in found["design"]["rows"]}
    within = rows["+ domain keys"]
    assert (within["probability"] < 1e-11, within["eleven_nines"]) == (True, True)
    # What it takes: a safe, and a region that is not destroyed.
    assert rows["+ domain, no safe"]["probability"] == pytest.approx(1e-3, rel=0.01)
    assert rows["+ regions destroyed"]["probability"] == pytest.approx(1e-5, rel=0.01)
    assert rows["+ regions destroyed"]["eleven_nines"] is False


def test_no_counted_rate_makes_a_lone_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["durability", "--json", "--samples", "40", "--rates", "observed"]) == 0
    found = json.loads(capsys.readouterr().out)["observed"]
    for row in found["rows"]:
        assert 0 < row["interval_low"] < row["probability"] < row["interval_high"]
    never = [rate for rate in found["uncertain"] if rate.get("events") == 0]
    assert [rate["cause"] for rate in never] == ["region-dark", "region-destroyed"]
    for rate in never:  # the rule of three, which rounds 2.996 up
        assert rate["at_most"] == pytest.approx(3 / rate["years"], rel=0.002)


def test_the_text_says_everything_in_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["durability", "--samples", "20"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    for part in (
        "Loss of one key within 1y",
        "Where losses come from, design rates, + domain keys",
        "Per cent more loss for one per cent more of a rate",
        "None in N years still allows 3/N a year.",
        "no Monte-Carlo noise",
        "Eleven nines per key and year with design rates: up to '+ domain keys'.",
    ):
        assert part in text


def test_the_same_seed_gives_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for seed in ("3", "3", "4"):
        words = ["durability", "--rates", "observed", "--samples", "10", "--seed", seed, "--json"]
        assert main(words) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != texts[2]


def test_a_sweep_is_a_table_a_csv_and_a_picture(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = tmp_path / "disks.toml"
    model.write_text("[layout]\ncopies = 1\n")
    table, plot = tmp_path / "out.csv", tmp_path / "out.png"
    sweeps = ("--sweep", "repair=1h..6h,log,2", "--sweep", "azs=2..3")
    files_ = ("--csv", str(table), "--plot", str(plot))
    assert main(["durability", str(model), *sweeps, *files_]) == 0
    assert capsys.readouterr().out == (
        "disks: nines of one key within the mission\n"
        "  repair  azs=2  azs=3\n"
        "      1h   6.44  11.60\n"
        "      6h   5.66  10.05\n"
    )
    lines = table.read_text().splitlines()
    assert lines[0] == "repair,azs,probability,nines,states"
    assert len(lines) == 5
    assert plot.read_bytes().startswith(PNG)


def test_a_sweep_has_the_same_bits_with_any_number_of_processes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = []
    for jobs in ("1", "2"):
        words = ["durability", "--sweep", "repair=1h,2d", "--jobs", jobs, "--json"]
        assert main(words) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


def test_the_overview_is_drawn_on_one_page(tmp_path: Path) -> None:
    plot = tmp_path / "page.png"
    model = tmp_path / "small.toml"
    model.write_text("[az]\n[region]\n")
    assert main(["durability", str(model), "--samples", "4", "--plot", str(plot)]) == 0
    assert plot.read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rates", "hoped"), "no rates 'hoped'; there are: design, observed"),
        (("--mission", "soon"),
         "--mission 'soon': duration 'soon': expected a number and us, ms, s, m, h, d or y, as 40m"),
        (("--sweep", "repair"), "sweep 'repair': expected NAME=LOW..HIGH[,log|lin][,POINTS]"),
        (("--sweep", "repair=6h..1h"), "sweep 'repair=6h..1h': expected the lower end first"),
        (("--sweep", "repair=6..7"),
         "sweep 'repair=6..7': expected a duration such as 6h, not '6'"),
        (("--sweep", "azs=2..3,log"),
         "sweep 'azs=2..3,log': counts are taken one by one; expected LOW..HIGH"),
        (("--sweep", "needed=4,5"),
         "sweep needed=4: layout.needed 4: expected at most the 3 copies there are"),
        (("--sweep", "azs=2..3", "--sweep", "azs=2..3"),
         "sweep 'azs' is given twice; expected different knobs"),
        (("--csv", "out.csv"), "--csv writes the points of a sweep; expected --sweep with it"),
    ],
)  # fmt: skip
def test_a_wrong_word_gets_one_line(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert refused(capsys, "durability", *words) == f"nines: {said}"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[layout]\nazs = 0\n", 2, "key 'layout.azs': expected an integer from 1 to 64, not 0"),
        ("[layout]\nneeded = 4\n", 2,
         "key 'layout.needed': 4: expected at most the 3 copies there are"),
        ("[az]\ndestroyed = -1\n", 2,
         "key 'az.destroyed': expected a number per year, 0 or more, not -1"),
        ("[latent]\nfound = 'soon'\n", 2,
         "key 'latent.found': expected a duration above 0 such as '10m'"),
        ("[copy]\nrepaired = { law = 'weibull', scale = '6h' }\n", 2,
         "key 'copy.repaired.shape': missing; expected a number above 0"),
        ("[copy]\nrepaired = { law = 'normal' }\n", 2,
         "key 'copy.repaired.law': expected one of exponential, deterministic, erlang, weibull"),
        ("[flood]\n", 1, "key 'flood': unknown key; expected one of "),
        ("[[shock]]\nname = 'bug'\nrate = 1\nkills = 2\n", 4,
         "key 'shock.kills': expected a number from 0 to 1, not 2"),
        ("[copy]\nlost = { events = 1 }\n", 2,
         "key 'copy.lost.years': missing; expected a number above 0"),
    ],
)  # fmt: skip
def test_a_wrong_key_of_a_model_gets_one_line(text: str, line: int, said: str) -> None:
    with pytest.raises(files.FileError) as caught:
        files.loads(text, source="m.toml")
    assert str(caught.value).startswith(f"file 'm.toml', line {line}, {said}")


@pytest.mark.parametrize("command", ["durability", "experiment"])
def test_a_missing_extra_is_named(command: str) -> None:
    code = (
        "import sys; sys.modules['numpy'] = None; from scenarios.__main__ import main;"
        f" sys.exit(main(['{command}']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = f"nines: nines {command} needs numpy: pip install 'elevennines[lab]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_answers_with_a_table_and_a_picture(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    plot = tmp_path / "answer.png"
    assert main(["experiment", name, "--plot", str(plot), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["question"] == EXPERIMENTS[name].question
    assert {len(row) for row in found["rows"]} == {len(found["columns"])}
    assert plot.read_bytes().startswith(PNG)


def test_experiments_are_listed_with_their_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fourth-az       what do I gain from a fourth AZ?"
    assert len(lines) == len(EXPERIMENTS)


def test_an_experiment_that_nobody_made_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "experiment", "luck") == (
        f"nines: no experiment 'luck'; there are: {', '.join(EXPERIMENTS)}"
    )


def test_many_keys_are_lost_together_or_apart(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["durability", "--rates", "design", "--json", "--keys", "1000000", "--copysets", "20"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)["design"]
    loss = found["rows"][-1]["probability"]
    assert found["placement"] == {
        "keys": 1_000_000,
        "copysets": 20,
        "expected": pytest.approx(1e6 * loss),
        "any_lost": pytest.approx(20 * loss, rel=1e-3),
        "together": 50_000.0,
    }
    assert refused(capsys, "durability", "--keys", "5", "--copysets", "6") == (
        "nines: 6 copysets for 5 keys: expected at most as many as keys"
    )


def test_a_law_without_phases_is_fitted_and_the_report_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = tmp_path / "fixed.toml"
    model.write_text("[copy]\nrepaired = { law = 'deterministic', mean = '6h' }\n")
    assert main(["durability", str(model)]) == 0
    text = capsys.readouterr().out
    assert "Approximate: phase-type laws stand for copy.repaired." in text
