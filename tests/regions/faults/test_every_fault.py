"""Every fault of the domain begins, ends, leaves nothing behind, and is the same every time."""

import pytest
from regional import AZS, REGION
from ward import assert_well, begin, knock, ward

from regions.faults import DOMAIN_FAULTS, FAULTS
from regions.faults.affliction import DomainFault
from sim.faults import FAULTS as KERNEL_FAULTS
from sim.units import minutes, ms

#: Short forms of those whose defaults take longer than a test.
WITH = {
    "bad-config": "bake=5s kind=crash",
    "hsm-restart": "down=3s gap=1s",
    "rolling-upgrade": "gap=5s down=2s",
}
#: With every HSM of a region empty the safe must be opened, which takes hours.
TARGETS = {"hsm-restart": AZS[1], "hsm-tamper": AZS[1], "launch-region": "eu-west-1"}
#: An AZ that leaves does not come back; see the tests of membership.
FOR_GOOD = {"remove-az", "replace-az"}


def play(name: str, seed: int) -> str:
    """Let a fault hit its place during some calls; return the trace hash."""
    with ward(seed=seed) as (arena, key_id):
        options = f" with {WITH[name]}" if name in WITH else ""
        fault = begin(arena, f"{name} {TARGETS.get(name, REGION)}{options}")
        knock(arena, key_id, times=20, every_ns=ms(750))
        fault.heal()
        arena.world.run_for(minutes(2))
        assert_well(arena, key_id)
        return arena.world.trace.hash


@pytest.mark.parametrize("name", sorted(DOMAIN_FAULTS.keys() - FOR_GOOD))
def test_a_fault_heals_and_replays(name: str) -> None:
    assert play(name, seed=11) == play(name, seed=11)


def test_the_table_holds_the_kernels_faults_and_these() -> None:
    assert FAULTS.keys() == KERNEL_FAULTS.keys() | DOMAIN_FAULTS.keys()
    assert KERNEL_FAULTS.keys().isdisjoint(DOMAIN_FAULTS)
    for name, fault in DOMAIN_FAULTS.items():
        assert issubclass(fault, DomainFault)
        assert fault.name == name
