"""Failures made more frequent, so that keys are lost often enough to be counted; nothing mends so.

What does not belong here: any other change of a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scenarios.durability.crosscheck.mapping import FAILURES
from scenarios.durability.model import Model, ModelError


def factors_of(texts: Sequence[str], model: Model) -> dict[str, float]:
    """Return failure -> what its rate is multiplied by.

    Args:
      texts: ``FACTOR`` for all failures of the model, or ``NAME=FACTOR`` for one; later ones win.
    Raises:
      ModelError: a text is neither.
    """
    names = failures_of(model)
    found: dict[str, float] = {}
    for text in texts:
        name, given, number = text.rpartition("=")
        try:
            factor = float(number)
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            raise ModelError(f"--accelerate {text!r}: expected a number above 0, or NAME=NUMBER")
        if given and name not in names:
            raise ModelError(
                f"--accelerate {text!r}: no failure {name!r}; there are: {', '.join(names)}"
            )
        found.update({name: factor} if given else dict.fromkeys(names, factor))
    return found


def failures_of(model: Model) -> tuple[str, ...]:
    """Return the names of what can fail in a model."""
    domain = model.domain
    rates = {
        "copy-lost": 1.0,
        "latent-error": model.latent.rate if model.latent is not None else 0.0,
        "az-destroyed": model.az.rate if model.az is not None else 0.0,
        "region-destroyed": model.region.rate if model.region is not None else 0.0,
        "az-dark": domain.dark if domain is not None else 0.0,
        "region-dark": domain.region_dark if domain is not None else 0.0,
    }
    shocks = tuple(shock.name for shock in model.shocks if shock.rate)
    return (*(name for name in FAILURES if rates[name]), *shocks)


def accelerated(model: Model, factors: Mapping[str, float]) -> Model:
    """Return the model with the rates of some failures multiplied."""

    def times(name: str) -> float:
        return factors.get(name, 1.0)

    latent, az, region, domain = model.latent, model.az, model.region, model.domain
    return replace(
        model,
        copy=replace(model.copy, lost=model.copy.lost.scaled(1 / times("copy-lost"))),
        latent=latent and replace(latent, rate=latent.rate * times("latent-error")),
        az=az and replace(az, rate=az.rate * times("az-destroyed")),
        region=region and replace(region, rate=region.rate * times("region-destroyed")),
        domain=domain
        and replace(
            domain,
            dark=domain.dark * times("az-dark"),
            region_dark=domain.region_dark * times("region-dark"),
        ),
        shocks=tuple(
            replace(shock, rate=shock.rate * times(shock.name))
            for shock in model.shocks
            if shock.rate
        ),
    )
