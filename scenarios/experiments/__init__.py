"""Questions that people ask, one file each; EXPERIMENTS is the table.

``nines experiment NAME`` answers one with a table and a picture.
"""

from typing import Final

from scenarios.experiments.correlated_azs import CorrelatedAzs
from scenarios.experiments.dark_az import DarkAz
from scenarios.experiments.experiment import Experiment
from scenarios.experiments.fourth_az import FourthAz
from scenarios.experiments.half_repair import HalfRepair
from scenarios.experiments.imported_keys import ImportedKeys
from scenarios.experiments.second_region import SecondRegion

#: Name -> experiment, in the order of the documentation.
EXPERIMENTS: Final[dict[str, Experiment]] = {
    one.name: one
    for one in (
        FourthAz(),
        HalfRepair(),
        SecondRegion(),
        CorrelatedAzs(),
        DarkAz(),
        ImportedKeys(),
    )
}
