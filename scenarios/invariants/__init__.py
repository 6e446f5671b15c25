"""What a run promises, one file each; INVARIANTS is the table.

An invariant knows messages, traces, taps and answers; never the code that it judges.
"""

from typing import Final

from scenarios.invariants.audit_complete import AuditComplete
from scenarios.invariants.bounded_staleness import BoundedStaleness
from scenarios.invariants.custody import Custody
from scenarios.invariants.event_lookup import EventLookup
from scenarios.invariants.fresh_secrets import FreshSecrets
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
from scenarios.invariants.token_spread import TokenSpread

INVARIANTS: Final[dict[str, type[Promise]]] = {
    promise.name: promise
    for promise in (
        KeySurvival,
        PlaintextFidelity,
        AuditComplete,
        EventLookup,
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
