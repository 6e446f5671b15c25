"""An HSM that is slow or loses commands, always or now and then: neither well nor down.

Model: the service time of a command is multiplied by ``factor``, or with ``kind=lossy`` nobody
works on it and nobody answers, for a ``share`` of commands drawn by chance, and only for commands
that carry ``bytes`` or more of their caller's data (plaintext, blob, data key or tokens; a domain
command carries none). After 250 ms its host gives up and asks another HSM, and leaves this one
alone for a second. Limits: it never gives a wrong answer.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.ailments import GRAY, Gray
from regions.faults.affliction import Affliction
from sim.options import Option


class GrayHsm(Affliction):
    """The HSMs of a place take longer, or do not answer: for all, some or only large commands."""

    name: ClassVar[str] = "gray-hsm"
    hits: ClassVar[str] = "hsm"
    place: ClassVar[str] = "a region, an AZ, one HSM, or `safe/REGION`"
    ailment: ClassVar[str] = GRAY
    options: ClassVar[Mapping[str, Option]] = {
        "kind": Option("slow", "word", "what happens to commands", ("slow", "lossy")),
        "factor": Option("100", "number", "how many times longer a slow one takes", least="1"),
        "share": Option("100%", "share", "of the commands, by chance"),
        "bytes": Option("0", "number", "only commands that carry so many bytes or more", least="0"),
    }

    def value(self) -> Gray:
        """Return how slow or lossy, how often, and for what."""
        return Gray(
            factor=self.number("factor"),
            share=self.share("share"),
            at_least=int(self.number("bytes")),
            lossy=self.word("kind") == "lossy",
        )
