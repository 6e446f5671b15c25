"""Pictures of durability, one file each; PICTURES is the table.

Each is a function that draws on an axis of matplotlib, or on a whole page.
"""

from collections.abc import Callable
from typing import Final

from scenarios.durability.pictures.causes import causes
from scenarios.durability.pictures.experiment import experiment
from scenarios.durability.pictures.intervals import intervals
from scenarios.durability.pictures.overview import overview
from scenarios.durability.pictures.paper import PlotError, draw
from scenarios.durability.pictures.survival import survival
from scenarios.durability.pictures.sweep import sweep

__all__ = ["PICTURES", "PlotError", "draw"]

#: Name -> what draws it; the first three fill a page, the others an axis.
PICTURES: Final[dict[str, Callable[..., None]]] = {
    "overview": overview,
    "sweep": sweep,
    "experiment": experiment,
    "intervals": intervals,
    "causes": causes,
    "survival": survival,
}
