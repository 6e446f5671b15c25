"""Regions with lakes, for the tests of this folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lakeside import Lakeside, opened


@pytest.fixture
def lake() -> Iterator[Lakeside]:
    """Two regions of their own for one test."""
    with opened() as world:
        yield Lakeside(world)
