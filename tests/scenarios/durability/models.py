"""Small models that tests share."""

from scenarios.durability.laws import Exponential
from scenarios.durability.model import HOURS_PER_YEAR, Copies, Layout, Model
from scenarios.durability.published import M1, M4, M5

__all__ = ["M1", "M4", "M5", "RARE", "days"]


def days(count: float) -> Exponential:
    return Exponential(count * 24 / HOURS_PER_YEAR)


#: Five copies that are repaired in minutes: a loss is rarer than a double can tell from 1 - 1.
RARE = Model(name="rare", layout=Layout(azs=5), copy=Copies(repaired=days(0.02)))
