"""What a run promises, one file each; INVARIANTS is the table.

An invariant knows messages, traces, taps and answers; never the code that it judges. Other
packages register theirs as entry points of the group ``nines.invariants``; those are judged where
they are named.
"""

from collections.abc import Callable, Mapping
from typing import Final

from scenarios.invariants.audit_complete import AuditComplete
from scenarios.invariants.bounded_staleness import BoundedStaleness
from scenarios.invariants.custody import Custody
from scenarios.invariants.digest_chain import DigestChain
from scenarios.invariants.event_lookup import EventLookup
from scenarios.invariants.fresh_secrets import FreshSecrets
from scenarios.invariants.history_90_days import History90Days
from scenarios.invariants.key_state_linearizable import KeyStateLinearizable
from scenarios.invariants.key_survival import KeySurvival
from scenarios.invariants.liveness import Liveness
from scenarios.invariants.plaintext_fidelity import PlaintextFidelity
from scenarios.invariants.promise import Promise
from scenarios.invariants.quiet_time import QuietTime
from scenarios.invariants.recoverability import Recoverability
from scenarios.invariants.refusals import Refusals
from scenarios.invariants.replica_convergence import ReplicaConvergence
from scenarios.invariants.residency import Residency
from scenarios.invariants.sinks_complete import SinksComplete
from scenarios.invariants.token_spread import TokenSpread
from scenarios.invariants.trail_union import TrailUnion
from sim.registry import Registry, says, subclass

_OURS: Final[dict[str, type[Promise]]] = {
    promise.name: promise
    for promise in (
        KeySurvival,
        PlaintextFidelity,
        AuditComplete,
        SinksComplete,
        TrailUnion,
        EventLookup,
        History90Days,
        DigestChain,
        Custody,
        FreshSecrets,
        Residency,
        ReplicaConvergence,
        TokenSpread,
        Recoverability,
        KeyStateLinearizable,
        BoundedStaleness,
        Refusals,
        Liveness,
        QuietTime,
    )
}

#: What stands for several promises, or none, where promises are named.
WORDS: Final = ("all", "default", "none")


def _accept(name: str, part: object) -> Mapping[str, Callable[[], type[Promise]]]:
    promise = subclass(part, Promise, name, "name", public="scenarios.Promise")
    if name in WORDS:
        raise ValueError(f"expected another name, as {name!r} stands for several promises or none")
    if not says(promise, "compared"):
        raise ValueError("expected a promise that says in a text 'compared' what was compared")
    return {name: lambda: promise}


INVARIANTS: Final[Registry[type[Promise]]] = Registry(
    "nines.invariants", "promise", _OURS, _accept
)
