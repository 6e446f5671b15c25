"""What can go wrong with a key, one file each; CAUSES is the table."""

from typing import Final

from scenarios.durability.causes.az_dark import AzDark
from scenarios.durability.causes.az_destroyed import AzDestroyed
from scenarios.durability.causes.cause import Cause
from scenarios.durability.causes.copy_lost import CopyLost
from scenarios.durability.causes.latent_error import LatentError
from scenarios.durability.causes.mistake import Mistakes
from scenarios.durability.causes.region_dark import RegionDark
from scenarios.durability.causes.region_destroyed import RegionDestroyed
from scenarios.durability.causes.shock import Shocks

#: Name -> the cause, in the order of the documentation.
CAUSES: Final[dict[str, Cause]] = {
    cause.name: cause
    for cause in (
        CopyLost(),
        LatentError(),
        AzDestroyed(),
        RegionDestroyed(),
        AzDark(),
        RegionDark(),
        Shocks(),
        Mistakes(),
    )
}

#: Names of moves that mend; all others harm.
MENDS: Final = frozenset(name for cause in CAUSES.values() for name in cause.mends)
