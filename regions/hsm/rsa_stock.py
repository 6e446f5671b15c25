"""RSA keys that one HSM finds ahead, so that nobody waits for a search for primes.

Of each size that was asked for since its power-on, the HSM has one pair of primes ready or under
way; the first of a size, and whoever comes before the next one is found, waits for it.
What does not belong here: waiting (hsm.py), the search itself (crypto/rsa.py).
Source: sizes of the stock chosen; the service publishes no times, but its quotas of
GenerateDataKeyPair (20, 4 and 1 a second) show that larger keys take longer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from regions.hsm.commands import GenerateKey, HsmSealFor
from regions.hsm.importing import MakeImportKey
from regions.hsm.key_commands import HsmDataKeyPair
from regions.hsm.kinds import KINDS
from sim.aside import Aside
from sim.wire import Message


@dataclass(frozen=True, slots=True)
class Coming:
    """Primes on their way."""

    ready_ns: int  #: on the HSM's clock
    search: Aside


class RsaStock:
    """The searches of one HSM.

    Args:
      begin: begins the search for primes of a modulus of so many bits.
      search_ns: how long it takes, by bits.
    """

    def __init__(self, begin: Callable[[int], Aside], search_ns: dict[int, int]) -> None:
        self._begin, self._search_ns = begin, search_ns
        self._coming: dict[int, list[Coming]] = {}

    def take(self, bits: int, now_ns: int) -> Coming:
        """Return the primes that are ready first, and begin to search for the next ones."""
        coming = self._coming.setdefault(bits, [])
        if not coming:
            coming.append(self._begun(bits, now_ns))
        taken = coming.pop(0)
        # One search after the other: the next one begins when this one is over.
        coming.append(self._begun(bits, max(now_ns, taken.ready_ns)))
        return taken

    def _begun(self, bits: int, now_ns: int) -> Coming:
        return Coming(now_ns + self._search_ns[bits], self._begin(bits))


def bits_wanted(command: Message) -> int:
    """Return the bits of the RSA key that a command makes; 0 if it makes none."""
    if isinstance(command, HsmSealFor):
        return bits_wanted(command.command)
    if isinstance(command, GenerateKey | HsmDataKeyPair | MakeImportKey):
        return KINDS[command.spec].bits
    return 0
