"""Lives of keys among the real actors: what is lost is lost, and equal seeds are equal lives."""

import json
from pathlib import Path

import pytest

from scenarios.__main__ import main
from scenarios.durability.crosscheck.life import Life
from scenarios.durability.crosscheck.lives import live_all
from scenarios.durability.laws import Exponential
from scenarios.durability.model import HOURS_PER_YEAR, Copies, Domain, Model, Site

HALF_AN_HOUR = Exponential(0.5 / HOURS_PER_YEAR)
#: A host dies about every hour.
FRAIL = Model(name="frail", copy=Copies(lost=Exponential(1 / 9000), repaired=HALF_AN_HOUR))
#: Nothing fails but what a test adds.
SAFE = Model(copy=Copies(lost=Exponential(1e12)))


def test_a_key_is_lost_with_its_last_copy_and_the_service_confirms_it() -> None:
    """KMS-11: and as long as one copy is left, it is not."""
    outcome = Life(FRAIL, 1, 10.0).live()
    assert (outcome.lost_by, outcome.confirmed, outcome.troubles) == ("copy-lost", True, ())
    assert 0 < outcome.years < 0.01
    assert outcome.blows >= 3


def test_equal_seeds_are_equal_lives_and_others_are_not() -> None:
    assert Life(FRAIL, 3, 10.0).live() == Life(FRAIL, 3, 10.0).live()
    assert Life(FRAIL, 3, 10.0).live() != Life(FRAIL, 4, 10.0).live()


def test_lives_are_the_same_in_any_number_of_processes() -> None:
    alone = live_all(FRAIL, losses=4, years=10.0, seed=2)
    assert alone == live_all(FRAIL, losses=4, years=10.0, seed=2, jobs=2)
    assert len(alone.lost) == 4


def test_the_last_life_is_cut_where_the_years_are_over() -> None:
    whole = live_all(FRAIL, losses=3, years=10.0)
    years = whole.years - whole.outcomes[-1].years / 2
    cut = live_all(FRAIL, losses=3, years=years)
    assert cut.years == years
    assert cut.outcomes[:-1] == whole.outcomes[:-1]
    assert cut.outcomes[-1].lost_by == ""
    assert len(cut.lost) == 2


def test_a_key_whose_safe_never_opens_is_lost_when_all_azs_are_dark_at_once() -> None:
    domain = Domain(dark=0.0, lasts=Exponential(1 / HOURS_PER_YEAR), region_dark=100.0, safe=0.0)
    outcome = Life(Model(copy=SAFE.copy, domain=domain), 1, 10.0).live()
    assert (outcome.lost_by, outcome.confirmed) == ("region-dark", True)


def test_a_key_whose_safe_always_opens_survives_the_dark() -> None:
    domain = Domain(dark=0.0, lasts=Exponential(1 / HOURS_PER_YEAR), region_dark=300.0, safe=1.0)
    outcome = Life(Model(copy=SAFE.copy, domain=domain), 1, 0.02).live()
    assert (outcome.lost_by, outcome.years, outcome.troubles) == ("", 0.02, ())
    assert outcome.blows >= 9


def test_a_destroyed_region_takes_its_keys_along() -> None:
    outcome = Life(Model(copy=SAFE.copy, region=Site(rate=1000.0)), 1, 10.0).live()
    assert (outcome.lost_by, outcome.confirmed) == ("region-destroyed", True)


def test_the_command_prints_the_model_beside_the_actors(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "frail.toml"
    path.write_text('[copy]\nrepaired = "30m"\n', encoding="utf-8")
    words = ["durability", str(path), "--simulate", "--accelerate", "2e5", "--losses", "3"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "frail: the model beside the real actors (seed 1)"
    assert lines[1] == "  accelerated     all failures x 200000"
    assert "  mean time to a loss              model      actors  95 %" in lines
    assert lines[-2:] == [
        (
            "3 losses are too few to tell: expected 400 or more, with a longer --for or a higher"
            " --accelerate"
        ),
        "A rate of losses 6.50 times as high would be seen 9 times of 10.",
    ]
    assert max(map(len, lines)) <= 110
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["losses"], found["enough"], found["accelerated"]) == (
        3,
        False,
        {"copy-lost": 2e5},
    )
    assert found["predicted"]["shares"] == {"copy-lost": pytest.approx(1.0)}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--accelerate", "2"], "--accelerate is for the actors; expected --simulate with it"),
        (
            ["--simulate", "--keys", "5"],
            "--simulate stands alone; expected no --sweep, --fleet, --paths, --plot or --keys",
        ),
        (
            ["--simulate", "--for", "soon"],
            "--for 'soon': duration 'soon': expected a number and us, ms, s, m, h, d or y, as 40m",
        ),
        (
            ["--simulate", "--accelerate", "x=2"],
            (
                "--accelerate 'x=2': no failure 'x'; there are: copy-lost, latent-error,"
                " az-destroyed, region-destroyed, az-dark, region-dark"
            ),
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], error: str
) -> None:
    assert main(["durability", *words]) == 2
    assert capsys.readouterr().err == f"nines: {error}\n"
