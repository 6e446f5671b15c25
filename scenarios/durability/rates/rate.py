"""What all rates have in common: a figure with its source, and what it rests on.

What does not belong here: the figures (one set per file), and drawing from them (unsure.py).
Source of the posterior: Jeffreys' prior for a Poisson rate; Gelman et al., "Bayesian Data
Analysis" (2013), section 2.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Events per year of one thing.

    Either a figure that somebody chose, or events counted in so many years of things: then the
    rate is not known, and is Gamma distributed with shape ``events + 1/2``.
    """

    source: str
    chosen: float | None = None
    events: int = 0
    years: float = 0.0  #: exposure: things times years

    @property
    def value(self) -> float:
        """The figure; of counted events, the mean of the posterior."""
        return self.chosen if self.chosen is not None else (self.events + 0.5) / self.years

    @property
    def counted(self) -> bool:
        """Whether the rate rests on counted events, and so is uncertain."""
        return self.chosen is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSet:
    """Rates by their key in a model file."""

    name: str
    doc: str  #: one line for people
    rates: Mapping[str, Rate]


#: Key in a model file -> the cause whose moves have that rate.
CAUSE_OF = {
    "copy.lost": "copy-lost",
    "latent.rate": "latent-error",
    "az.destroyed": "az-destroyed",
    "region.destroyed": "region-destroyed",
    "domain.dark": "az-dark",
    "domain.region_dark": "region-dark",
    "fire.rate": "fire",
}
