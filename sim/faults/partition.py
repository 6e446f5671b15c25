"""A cut network: messages between places are lost.

Model: ``A<->B`` cuts both ways, ``A->B`` one way, a lone ``A`` cuts A from everything else, the
host's own questions included. A partial partition, in which a third place still reaches both,
is ``A<->B`` between two of three AZs; an AZ from the rest of its region is ``REGION<->AZ``.
Messages on their way when the cut begins still arrive. Limits: nothing is ever half cut: for
loss and delay there are other faults.
"""

from typing import ClassVar

from sim.faults.links import LinkFault
from sim.network import Partition as Cut
from sim.network import Rule


class Partition(LinkFault):
    """Messages between two places, or between one and all others, are lost."""

    name: ClassVar[str] = "partition"

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the cut."""
        return Cut(one=one, other=other, both_ways=both_ways)
