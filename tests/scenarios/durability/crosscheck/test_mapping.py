"""What the actors can play: every harmful rate has its faults, and the rest is refused by name."""

import json
from dataclasses import replace

import pytest

from scenarios.__main__ import main
from scenarios.durability.causes import CAUSES, MENDS
from scenarios.durability.crosscheck.mapping import FAILURES, MAPPING, check
from scenarios.durability.crosscheck.shown import map_text, map_values
from scenarios.durability.laws import Erlang, Exponential, Periodic
from scenarios.durability.model import (
    Backup,
    Copies,
    Domain,
    Latent,
    Layout,
    Mistake,
    Model,
    ModelError,
    Shock,
    Write,
)

WEEK = 7 / 365.25


def test_every_cause_of_a_chain_but_mistakes_is_some_fault_of_the_actors() -> None:
    mapped = {one.name for one in MAPPING}
    assert {*CAUSES, "copy-repaired", "latent-found"} - mapped == {"mistake"}
    assert {*FAILURES} == {*CAUSES} - {"shock", "mistake"}
    assert not MENDS & {*FAILURES}


def test_the_map_names_a_place_and_what_happens_for_each_rate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["durability", "--map"]) == 0
    text = capsys.readouterr().out
    assert text == map_text()
    assert text.splitlines()[1].split()[:5] == [
        "copy-lost",
        "copy.lost",
        "site-loss,",
        "crash",
        "REGION/AZ/node,",
    ]
    assert main(["durability", "--map", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == map_values()


@pytest.mark.parametrize(
    ("model", "error"),
    [
        (
            Model(layout=Layout(regions=2)),
            (
                "layout.regions: the actors do not play it; expected 1: each region is simulated by"
                " itself"
            ),
        ),
        (
            Model(layout=Layout(copies=2)),
            (
                "layout.copies: the actors do not play it; expected 1: an AZ has one replica of the"
                " log"
            ),
        ),
        (
            Model(layout=Layout(needed=2)),
            (
                "layout.needed: the actors do not play it; expected 1: any copy of the log holds the"
                " key"
            ),
        ),
        (
            Model(layout=Layout(azs=2)),
            (
                "layout.azs: the actors do not play it; expected 3 to 6, as many as the region has"
                " ids for"
            ),
        ),
        (
            Model(copy=Copies(repairers=1)),
            "copy.repairers: the actors do not play it; expected 0: every AZ makes its own copy",
        ),
        (
            Model(latent=Latent(rate=1.0, found=Periodic(WEEK))),
            "latent.memory: the actors do not play it; expected true: replicas serve from memory",
        ),
        (
            Model(latent=Latent(rate=1.0, found=Exponential(WEEK), memory=True)),
            (
                "latent.found: the actors do not play it; expected a law 'periodic', as replicas"
                " scrub, or 'erlang' with 3 stages, which is its fit"
            ),
        ),
        (
            Model(domain=Domain(dark=1.0, lasts=Exponential(WEEK), ring=WEEK)),
            "domain.ring: the actors do not play it; expected one that darkness does not outlast",
        ),
        (
            Model(backup=Backup(restores=0.5)),
            "backup: the actors do not play it; expected none",
        ),
        (
            Model(write=Write(azs=2, spread=Exponential(WEEK))),
            (
                "write: the actors do not play it; expected none: lives begin with a key that is"
                " everywhere"
            ),
        ),
        (
            Model(mistakes=(Mistake(name="oops", rate=1.0, window=WEEK, noticed=WEEK),)),
            (
                "mistake: the actors do not play it; expected none: they are independent of"
                " everything else"
            ),
        ),
        (
            Model(shocks=(Shock(name="bug", rate=1.0, level="key"),)),
            (
                "shock 'bug': the actors do not play it; expected level 'copy' or 'az' and scope"
                " 'region'"
            ),
        ),
    ],
    ids=lambda value: value.split(":")[0] if isinstance(value, str) else "",
)
def test_what_the_actors_do_not_play_is_refused_by_name(model: Model, error: str) -> None:
    with pytest.raises(ModelError) as raised:
        check(model)
    assert str(raised.value) == error


def test_a_scrub_may_be_given_as_its_fit() -> None:
    latent = Latent(rate=1.0, found=Periodic(WEEK), memory=True)
    check(Model(latent=latent))
    check(Model(latent=replace(latent, found=Erlang(WEEK / 2, 3))))
