"""Lets the tests of this folder import the helpers beside them, and share one server."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from serving import REGION, Running, serving


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server that checks signatures, for tests that leave it well and use names of their own."""
    data = tmp_path_factory.mktemp("shared") / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as running:
        yield running
