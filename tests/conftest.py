"""Keeps campaigns out of ordinary runs, and ordinary runs free of what a busy machine would decide.

``pytest -m campaign`` runs the campaigns; ``pytest -n auto`` runs on every core.
"""

import os
import shutil
import tempfile
from functools import partial

import pytest
from hypothesis import HealthCheck, settings

#: A project of its own, which test_example_app.py installs and tests.
collect_ignore = ["example_app"]

# Both ask how quick this machine is at the moment; while other processes test, that says nothing.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("NINES_REWRITE") and config.getoption("numprocesses", None):
        raise pytest.UsageError("NINES_REWRITE is set: expected no -n, as tests share golden files")
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", "") and "PYTHONPYCACHEPREFIX" not in os.environ:
        # Hundreds of tests start a Python of their own, and each would compile all of us anew.
        folder = os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="nines-bytecode-")
        config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "campaign" not in config.getoption("-m"):
        for item in items:
            if item.get_closest_marker("campaign"):
                item.add_marker(pytest.mark.skip(reason="a campaign: pytest -m campaign runs it"))
