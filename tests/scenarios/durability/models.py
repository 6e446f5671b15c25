"""The models of the answer key, and other small ones."""

from scenarios.durability.laws import Exponential
from scenarios.durability.model import HOURS_PER_YEAR, Latent, Layout, Model, Site


def days(count: float) -> Exponential:
    return Exponential(count * 24 / HOURS_PER_YEAR)


LATENT = Latent(rate=0.05, found=days(14))
AZ = Site(rate=2e-3, rebuilt=days(14))
REGION = Site(rate=1e-5, rebuilt=days(30))

#: Three copies, disks only.
M1 = Model(name="M1")
#: 3 AZs of 2 copies with latent errors.
M4 = Model(name="M4", layout=Layout(copies=2), latent=LATENT, az=AZ)
#: Two regions of 3 AZs of 1 copy, and everything.
M5 = Model(name="M5", layout=Layout(regions=2), latent=LATENT, az=AZ, region=REGION)
