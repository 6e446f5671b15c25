"""Rates as counted in public reports: few events in few years, so most of them are uncertain.

What does not belong here: what a rate is (rate.py), and the other set of them.
"""

from typing import Final

from scenarios.durability.rates.rate import Rate, RateSet

#: Of AWS, 2011 to 2026; three AZs each.
_REGION_YEARS: Final = 350.0

OBSERVED: Final = RateSet(
    name="observed",
    doc="what was counted in public reports, with Jeffreys posteriors",
    rates={
        "copy.lost": Rate(
            events=1272,
            years=82_087,
            source="Backblaze Drive Stats, Q3 2025: 328,348 drives for a quarter, AFR 1.55 %",
        ),
        "latent.rate": Rate(
            events=52_785,
            years=4_080_000,
            source="Bairavasundaram et al., SIGMETRICS 2007: 3.45 % of 1.53 M disks, 32 months",
        ),
        "az.destroyed": Rate(
            events=1,
            years=3 * _REGION_YEARS,
            source="AWS me-south-1, 1 March 2026: one AZ; in 300 to 400 region-years of AWS",
        ),
        "region.destroyed": Rate(
            events=0, years=_REGION_YEARS, source="none in 300 to 400 region-years of AWS"
        ),
        "domain.dark": Rate(
            events=8, years=800, source="AWS outages of an AZ for an hour or more, 2011 to 2026"
        ),
        "domain.region_dark": Rate(
            events=0, years=_REGION_YEARS, source="none in 300 to 400 region-years of AWS"
        ),
        "fire.rate": Rate(
            events=1,
            years=_REGION_YEARS,
            source="AWS me-central-1, 1 March 2026: two of three AZs; in 300 to 400 region-years",
        ),
    },
)
