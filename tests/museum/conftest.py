"""Lets tests import ``museum``: the bugs, and what hunts them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
