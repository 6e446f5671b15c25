"""What those who must know callers ask of IAM, beside API calls.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
Resolve               gateway asks IAM               Resolved, or NoSuchAccessKey
====================  =============================  ==============================================

What does not belong here: API calls (calls.py), and what IAM keeps on its disk.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import Principal
from sim.wire import Message, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(Message):
    """Who holds this access key, and what does he know?"""

    access_key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Message):
    """The holder of an active access key, or of a session's."""

    principal: Principal  #: with all policies that apply to it now
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False, default="")  #: "" of a long-term key
    expires_ns: int = 0  #: calendar; 0: it does not expire


class NoSuchAccessKey(Refusal):
    """There is no such key, or it is inactive."""


#: Wire ids 450–459.
IAM_FRAMES: Final[dict[int, type[Any]]] = {450: Resolve, 451: Resolved, 452: NoSuchAccessKey}
