"""HSMs that miss the rotations of their domain's key.

Model: as if the update never came through: an HSM in the domain answers InstallDomain with the
state that it has, and an empty one stays empty. Its host sees that it is behind and asks others
first; a token under a newer domain key opens there. At the end it asks for what it missed.
Limits: an HSM that is behind can still issue domain tokens, from the newest one it is handed.
"""

from typing import ClassVar

from regions.ailments import MISSES_TOKENS
from regions.faults.affliction import Affliction


class MissedRotation(Affliction):
    """The HSMs of a place install no new domain token until the end."""

    name: ClassVar[str] = "missed-rotation"
    hits: ClassVar[str] = "hsm"
    place: ClassVar[str] = "a region, an AZ or one HSM"
    ailment: ClassVar[str] = MISSES_TOKENS
