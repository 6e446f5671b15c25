"""Keeps campaigns out of ordinary runs: ``pytest -m campaign`` runs them."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "campaign" not in config.getoption("-m"):
        for item in items:
            if item.get_closest_marker("campaign"):
                item.add_marker(pytest.mark.skip(reason="a campaign: pytest -m campaign runs it"))
