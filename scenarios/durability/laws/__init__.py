"""Laws of waiting times, one file each; LAWS is the table."""

from typing import Final

from scenarios.durability.laws.coxian import Coxian
from scenarios.durability.laws.deterministic import Deterministic
from scenarios.durability.laws.empirical import Empirical
from scenarios.durability.laws.erlang import Erlang
from scenarios.durability.laws.exponential import Exponential
from scenarios.durability.laws.hyperexponential import Hyperexponential
from scenarios.durability.laws.law import Law
from scenarios.durability.laws.periodic import Periodic
from scenarios.durability.laws.weibull import Weibull

__all__ = [
    "LAWS",
    "Coxian",
    "Deterministic",
    "Empirical",
    "Erlang",
    "Exponential",
    "Hyperexponential",
    "Law",
    "Periodic",
    "Weibull",
]

#: Name -> class, in the order of the documentation.
LAWS: Final[dict[str, type[Law]]] = {
    law.name: law
    for law in (
        Exponential,
        Deterministic,
        Erlang,
        Weibull,
        Hyperexponential,
        Coxian,
        Empirical,
        Periodic,
    )
}
