"""The same seed is the same run in any process; if it is not, the first event is named."""

import sys
from pathlib import Path

from scenarios.determinism import describe, there, to_text, variant_of, verify
from scenarios.determinism_child import Job, perform
from scenarios.files import dumps
from scenarios.scenario import Scenario, Workload
from scenarios.swarm_worker import Task, scenario_of
from sim.units import minutes

ROOT = Path(__file__).resolve().parents[2]

TINY = dumps(
    Scenario(
        name="tiny",
        summary="one caller for a minute",
        length_ns=minutes(1),
        workloads=(Workload(clients=1, regions=("us-east-1",)),),
    )
)


def test_every_way_to_differ_comes_up() -> None:
    found = [variant_of(seed) for seed in range(8)]
    assert len({v["hash_seed"] for v in found}) == 8
    assert {(v["hypothesis"], v["after_seed"] is None) for v in found} == {
        (False, False), (False, True), (True, False), (True, True)
    }


def test_a_seed_is_the_same_run_in_fresh_processes_that_differ() -> None:
    jobs = [
        Job(scenario=dumps(scenario_of(Task(seed=seed))), seed=seed, **variant_of(seed))
        for seed in (1, 2, 3)
    ]
    reruns = list(verify(jobs, workers=2))
    assert [rerun.same for rerun in reruns] == [True] * 3
    assert [rerun.variant for rerun in reruns] == [describe(job) for job in jobs]


#: A process in which actors of one name draw from dice that nobody seeded.
PLANTED = """
import os
from sim.kernel import Kernel
original = Kernel.actor_rng
def unseeded(self, actor, names):
    found = original(self, actor, names)
    if actor.name.endswith("use1-az2/node") and "election" in names:
        found.seed(os.getpid())
    return found
Kernel.actor_rng = unseeded
from scenarios.determinism_child import main
main()
"""


def test_runs_that_differ_are_parted_at_the_first_event() -> None:
    """A planted bug: in the fresh process one stream of chance does not come from the seed."""
    job = Job(scenario=TINY, seed=1, **variant_of(1))
    (rerun,) = verify([job], launcher=(sys.executable, "-c", PLANTED))
    assert not rerun.same
    assert rerun.parting is not None
    parting = rerun.parting
    assert parting.index > 0
    assert parting.here != parting.there
    # The other events of that index are the same in both: the first difference is the first.
    looked = perform(Job(scenario=TINY, seed=1, window=(parting.index, parting.index)))
    assert looked["window"] == [[parting.index, parting.here]]
    text = to_text(rerun)
    assert text.startswith("seed 1 was another run in a fresh process (PYTHONHASHSEED=")
    assert f"  the first event that differs is number {parting.index:,}\n" in text


def test_a_child_reports_the_same_as_this_process() -> None:
    job = Job(scenario=TINY, seed=5, checkpoint_every=500, window=(500, 502))
    found = there(job)
    assert found == perform(job)
    assert len(found["window"]) == 3
