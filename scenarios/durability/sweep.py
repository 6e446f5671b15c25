"""A model at many settings: axes such as ``repair=10m..30d,log,25``, solved side by side.

The points are solved exactly, in processes or here; each is a pure function of its setting, so
the outcome does not depend on how many processes there are.
What does not belong here: pictures (pictures/), and reading files (files.py).
"""

import itertools
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, Final

from scenarios.durability.answer import answer
from scenarios.durability.model import Domain, Latent, Model, ModelError, Site
from scenarios.durability.reading import spell_years, years_of
from sim.plan import PlanError

#: More points than this are refused: they would take hours.
POINTS_MAX: Final = 100_000
#: Points of an axis of which only its ends are given.
_POINTS: Final = 9


class SweepError(ValueError):
    """An axis that cannot be used; one line that names it and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """Something that a sweep can turn."""

    kind: str  #: ``duration``, ``rate``, ``share`` or ``count``
    doc: str
    turn: Callable[[Model, float], Model]


def _copy(key: str) -> Callable[[Model, float], Model]:
    """Return what gives a law of the copies another mean."""

    def turn(model: Model, value: float) -> Model:
        law = getattr(model.copy, key)
        scaled = law.scaled(value / law.mean)
        changed: dict[str, Any] = {key: scaled}
        return replace(model, copy=replace(model.copy, **changed))

    return turn


def _with(model: Model, name: str, part: object) -> Model:
    changed: dict[str, Any] = {name: part}
    return replace(model, **changed)


def _need(part: object, name: str) -> None:
    if part is None:
        raise SweepError(f"the model has no [{name}]; expected one to sweep")


def _site(name: str, key: str) -> Callable[[Model, float], Model]:
    def turn(model: Model, value: float) -> Model:
        site: Site | None = getattr(model, name)
        _need(site, name)
        assert site is not None, "checked"
        if key == "rate":
            return _with(model, name, replace(site, rate=value))
        if site.rebuilt is None:
            raise SweepError(f"{name}.rebuilt is never; expected a law to sweep")
        law = site.rebuilt.scaled(value / site.rebuilt.mean)
        return _with(model, name, replace(site, rebuilt=law))

    return turn


def _latent(model: Model, value: float, key: str) -> Model:
    _need(model.latent, "latent")
    latent: Latent | None = model.latent
    assert latent is not None, "checked"
    if key == "rate":
        return replace(model, latent=replace(latent, rate=value))
    return replace(
        model, latent=replace(latent, found=latent.found.scaled(value / latent.found.mean))
    )


def _domain(model: Model, value: float, key: str) -> Model:
    _need(model.domain, "domain")
    domain: Domain | None = model.domain
    assert domain is not None, "checked"
    if key == "lasts":
        return replace(
            model, domain=replace(domain, lasts=domain.lasts.scaled(value / domain.lasts.mean))
        )
    changed: dict[str, Any] = {key: value}
    return replace(model, domain=replace(domain, **changed))


def _layout(key: str) -> Callable[[Model, float], Model]:
    return lambda model, value: model.with_layout(**{key: int(value)})


def _fire(model: Model, value: float, key: str) -> Model:
    if not any(shock.name == "fire" for shock in model.shocks):
        _need(None, "fire")
    changed: dict[str, Any] = {key: value}
    shocks = tuple(
        replace(shock, **changed) if shock.name == "fire" else shock for shock in model.shocks
    )
    return replace(model, shocks=shocks)


def _knob(kind: str, doc: str, turn: Callable[[Model, float], Model]) -> Knob:
    return Knob(kind=kind, doc=doc, turn=turn)


#: Name -> what it turns; the names of ``--sweep``.
KNOBS: Final[dict[str, Knob]] = {
    "repair": _knob("duration", "mean time to copy a copy again", _copy("repaired")),
    "lost": _knob("rate", "copies lost per copy and year", lambda m, v: _copy("lost")(m, 1 / v)),
    "scrub": _knob(
        "duration", "mean time until a latent error is found", lambda m, v: _latent(m, v, "found")
    ),
    "latent": _knob("rate", "latent errors per copy and year", lambda m, v: _latent(m, v, "rate")),
    "azs": _knob("count", "AZs of a region", _layout("azs")),
    "copies": _knob("count", "copies in each AZ", _layout("copies")),
    "regions": _knob("count", "regions of a key", _layout("regions")),
    "needed": _knob("count", "copies that are enough", _layout("needed")),
    "az-destroyed": _knob("rate", "AZs destroyed per AZ and year", _site("az", "rate")),
    "az-rebuilt": _knob("duration", "mean time to replace an AZ", _site("az", "rebuilt")),
    "region-destroyed": _knob(
        "rate", "regions destroyed per region and year", _site("region", "rate")
    ),
    "region-rebuilt": _knob(
        "duration", "mean time to replace a region", _site("region", "rebuilt")
    ),
    "dark": _knob(
        "rate", "times an AZ is dark, per AZ and year", lambda m, v: _domain(m, v, "dark")
    ),
    "dark-lasts": _knob(
        "duration", "mean time that it is dark", lambda m, v: _domain(m, v, "lasts")
    ),
    "safe": _knob("share", "probability that a safe helps", lambda m, v: _domain(m, v, "safe")),
    "ring": _knob(
        "duration", "how long old domain keys are kept", lambda m, v: _domain(m, v, "ring")
    ),
    "fire": _knob("rate", "fires per region and year", lambda m, v: _fire(m, v, "rate")),
    "fire-kills": _knob(
        "share", "probability that a fire takes an AZ", lambda m, v: _fire(m, v, "kills")
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One knob at several values: years, rates per year, shares or counts."""

    name: str
    values: tuple[float, ...]

    @property
    def knob(self) -> Knob:
        """What is turned."""
        return KNOBS[self.name]

    def spell(self, value: float) -> str:
        """Return a value as people write it."""
        kind = self.knob.kind
        if kind == "duration":
            return spell_years(value)
        return str(int(value)) if kind == "count" else f"{value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One setting and what it comes to."""

    setting: tuple[float, ...]  #: a value for each axis
    probability: float
    states: int


def parse_axis(text: str) -> Axis:
    """Return the axis of ``NAME=LOW..HIGH[,log|lin][,POINTS]`` or ``NAME=VALUE,VALUE,...``.

    Raises:
      SweepError: it is none.
    """
    name, equals, rest = text.partition("=")
    if not equals or not rest:
        raise SweepError(f"sweep {text!r}: expected NAME=LOW..HIGH[,log|lin][,POINTS]")
    if name not in KNOBS:
        raise SweepError(f"sweep {text!r}: no {name!r}; there are: {', '.join(KNOBS)}")
    kind, words = KNOBS[name].kind, rest.split(",")
    if ".." not in words[0]:
        return Axis(name=name, values=tuple(_value(text, kind, word) for word in words))
    low, high = (_value(text, kind, word) for word in words[0].split("..", 1))
    if not low < high:
        raise SweepError(f"sweep {text!r}: expected the lower end first")
    if kind == "count":
        if len(words) > 1:
            raise SweepError(f"sweep {text!r}: counts are taken one by one; expected LOW..HIGH")
        return Axis(name=name, values=tuple(float(n) for n in range(int(low), int(high) + 1)))
    scale, points = _scale(text, words[1:], "log" if low > 0 and kind != "share" else "lin")
    if scale == "log" and low <= 0:
        raise SweepError(f"sweep {text!r}: expected a lower end above 0 with log")
    return Axis(name=name, values=tuple(_between(low, high, scale, points)))


def _scale(text: str, words: Sequence[str], scale: str) -> tuple[str, int]:
    """Return scale and number of points, as an axis says after its ends."""
    points = _POINTS
    for word in words:
        if word in {"log", "lin"}:
            scale = word
        elif word.isdecimal() and 2 <= int(word) <= POINTS_MAX:
            points = int(word)
        else:
            raise SweepError(f"sweep {text!r}: expected log, lin or 2 to {POINTS_MAX} points")
    return scale, points


def _between(low: float, high: float, scale: str, points: int) -> list[float]:
    steps = [k / (points - 1) for k in range(points)]
    if scale == "lin":
        return [low + (high - low) * step for step in steps]
    inner = [low * (high / low) ** step for step in steps]
    return [low, *inner[1:-1], high]


def _value(text: str, kind: str, word: str) -> float:
    try:
        found = years_of(word) if kind == "duration" else float(word)
    except (PlanError, ValueError):
        like = {"duration": "a duration such as 6h", "count": "a whole number"}.get(
            kind, "a number"
        )
        raise SweepError(f"sweep {text!r}: expected {like}, not {word!r}") from None
    least = 1.0 if kind == "count" else 0.0
    if not least <= found < math.inf or (kind == "count" and (found != int(found) or found > 64)):
        raise SweepError(f"sweep {text!r}: {word!r} is out of range")
    if kind == "share" and found > 1:
        raise SweepError(f"sweep {text!r}: expected a share from 0 to 1, not {word!r}")
    if kind == "duration" and found == 0:
        raise SweepError(f"sweep {text!r}: expected a duration above 0")
    return found


def turned(model: Model, axes: Sequence[Axis], setting: Sequence[float]) -> Model:
    """Return the model at a setting.

    Raises:
      SweepError: it has not what is turned, or contradicts itself then.
    """
    for axis, value in zip(axes, setting, strict=True):
        try:
            model = axis.knob.turn(model, value)
        except ModelError as error:
            raise SweepError(f"sweep {axis.name}={axis.spell(value)}: {error}") from error
        except SweepError as error:
            raise SweepError(f"sweep {axis.name}: {error}") from error
    return model


def sweep(model: Model, axes: Sequence[Axis], *, jobs: int = 1) -> tuple[Point, ...]:
    """Return every point of the axes' product, the last axis fastest.

    Raises:
      SweepError: a setting cannot be, or there are too many.
      ModelError: a chain is too large.
    """
    count = math.prod(len(axis.values) for axis in axes)
    if count > POINTS_MAX:
        raise SweepError(f"sweep of {count} points: expected at most {POINTS_MAX}")
    settings = list(itertools.product(*(axis.values for axis in axes)))
    models = [turned(model, axes, setting) for setting in settings]
    if jobs == 1 or count < 2:
        found = [point(each) for each in models]
    else:
        with ProcessPoolExecutor(min(jobs, count), mp_context=get_context("spawn")) as pool:
            found = list(pool.map(point, models, chunksize=max(1, count // (8 * jobs))))
    return tuple(
        Point(setting=setting, probability=probability, states=states)
        for setting, (probability, states) in zip(settings, found, strict=True)
    )


def point(model: Model) -> tuple[float, int]:
    """Return the loss of one model and how many states its chain has; a process does this."""
    found = answer(model)
    return found.exact.probability, len(found.chain.states)
