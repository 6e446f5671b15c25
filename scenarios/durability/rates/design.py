"""Rates that a designer would assume: nobody has counted them.

What does not belong here: what a rate is (rate.py), and the other set of them.
"""

from typing import Final

from scenarios.durability.rates.rate import Rate, RateSet

_KEY: Final = "chosen: the assumption of the answer key, models M4 and M5"

DESIGN: Final = RateSet(
    name="design",
    doc="what a designer assumes",
    rates={
        "copy.lost": Rate(chosen=0.04, source=_KEY),
        "latent.rate": Rate(chosen=0.05, source=_KEY),
        "az.destroyed": Rate(chosen=2e-3, source=_KEY),
        "region.destroyed": Rate(chosen=1e-5, source=_KEY),
        "domain.dark": Rate(
            chosen=0.01,
            source="AWS outages of an AZ for an hour or more: 8 in 15 years of some 30 regions",
        ),
        "domain.region_dark": Rate(
            chosen=1e-3,
            source="chosen: one such event (GCP europe-west9, April 2023) in some hundred years of"
            " regions, none of them AWS's",
        ),
        "fire.rate": Rate(chosen=0.0, source="chosen: a designer takes AZs to fail apart"),
    },
)
