"""Lets tests import ``museum``: the bugs, and what hunts them."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1]
# The root first: its packages have the names of folders of tests.
sys.path[:0] = [str(_TESTS.parent), str(_TESTS)]
