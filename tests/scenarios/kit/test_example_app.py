"""A project of its own installs this one, tests itself with it, and adds to `nines`.

Method: tests/example_app is copied, built and installed beside this project, as its own CI would.
"""

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from scenarios.catalogue import SCENARIOS
from scenarios.run import run

HERE = Path(__file__).parent
TOOL: dict[str, Any] = runpy.run_path(str(HERE / "empty_venv.py"))
PACKAGE = "orders-service 1.4.0"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """Return the environment that the project is installed in, and its folder."""
    folder = tmp_path_factory.mktemp("orders")
    venv = TOOL["Venv"](folder / "venv")
    shutil.copytree(HERE.parents[1] / "example_app", folder / "app")
    venv.good(folder / "app", "pip", "install", "--quiet", ".[test]")
    return venv, folder / "app"


def test_the_tests_of_the_project_pass_in_a_cloud_with_its_own_parts(app: tuple[Any, Path]) -> None:
    venv, folder = app
    said = venv.good(folder, "pytest", "-q", "-p", "no:cacheprovider").splitlines()
    assert said[-1].startswith("5 passed in ")


def test_list_names_the_parts_of_a_package_with_the_package(app: tuple[Any, Path]) -> None:
    venv, folder = app
    kinds = json.loads(venv.good(folder, "nines", "list", "--json"))
    found = {
        kind: {name: part["summary"] for name, part in parts.items() if part["package"] == PACKAGE}
        for kind, parts in kinds.items()
    }
    assert found == {
        "scenarios": {"orders-brown-out": "order services work through an hour of dips in one AZ"},
        "workloads": {
            "orders": "Order services that make a data key for each new customer of the hour, and"
            " read old orders."
        },
        "faults": {
            "brown-out": "The voltage of a place dips again and again; at each dip some of it loses"
            " power."
        },
        "promises": {
            "orders-apart": "No data key of the order service serves two customers, and each is on"
            " record."
        },
    }
    others = {part["package"] for parts in kinds.values() for part in parts.values()}
    assert others == {"", PACKAGE}


def test_its_scenario_runs_with_its_callers_fault_and_promise(app: tuple[Any, Path]) -> None:
    venv, folder = app
    told = json.loads(venv.good(folder, "nines", "run", "orders-brown-out", "--json", "--no-save"))
    assert told["plan"] == ["at 1m brown-out us-east-1/use1-az1 for 3m with every=15s"]
    (own,) = [verdict for verdict in told["promises"] if verdict["name"] == "orders-apart"]
    assert (told["holds"], own["word"], own["checked"] > 100) == (True, "holds", True)
    # What its callers say of themselves is held against the world by our promises.
    ours = {verdict["name"]: verdict["word"] for verdict in told["promises"]}
    # It is over long before history has an edge.
    assert {name for name, word in ours.items() if word != "holds"} == {"history-90-days"}


def test_a_package_that_is_installed_and_not_used_changes_no_trace(app: tuple[Any, Path]) -> None:
    venv, folder = app
    words = ("nines", "run", "az-outage", "--small", "--json", "--no-save")
    told = json.loads(venv.good(folder, *words))
    alone = run(SCENARIOS["az-outage"].small(), seed=1)
    assert told["trace_hash"] == alone.trace_hash
    assert [v["name"] for v in told["promises"]] == [v.name for v in alone.promises]


def test_a_swarm_draws_its_fault_and_callers_and_judges_its_promise(app: tuple[Any, Path]) -> None:
    venv, folder = app
    own = ("--promise", "orders-apart", "--workload", "orders", "--fault", "brown-out")
    told = json.loads(venv.good(folder, "nines", "swarm", "--seeds", "1", "--json", *own))
    assert told["failures"] == []
    results = (folder / ".nines" / "swarm" / "results.jsonl").read_text().splitlines()
    tasks = [json.loads(line)["task"] for line in results[1:]]
    assert {tuple(task["promises"] + task["workloads"] + task["faults"]) for task in tasks} == {
        ("orders-apart", "orders", "brown-out")
    }
