"""Ways to rare places: each leads there, and every campaign that is judged by them goes them."""

import pytest

from scenarios.coverage import PROBES
from scenarios.swarm import PROBES_FROM
from scenarios.swarm_worker import HOLDS, Task, run_task
from scenarios.ways import WAYS, way


@pytest.mark.parametrize("probe", WAYS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_way_leads_to_its_place_and_all_promises_hold(probe: str, seed: int) -> None:
    found = run_task(Task(seed=seed, scenario=WAYS[probe]), ".")
    assert (found.verdict, found.detail) == (HOLDS, "")
    assert probe in found.probes


def test_a_campaign_that_must_reach_every_place_goes_every_way() -> None:
    assert WAYS.keys() <= PROBES.keys()
    gone = {way(number) for number in range(PROBES_FROM)}
    assert gone == {"", *WAYS.values()}
