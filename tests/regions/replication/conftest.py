"""Lets the tests of this folder import the helpers beside them, and keeps campaigns for -m."""

import sys
from pathlib import Path

import pytest

# The helpers are modules of this folder, not part of any package.
sys.path.insert(0, str(Path(__file__).parent))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "campaign" not in config.getoption("-m"):
        for item in items:
            if item.get_closest_marker("campaign"):
                item.add_marker(pytest.mark.skip(reason="a campaign: pytest -m campaign runs it"))
