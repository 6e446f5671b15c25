"""Lets the tests of this folder import the helpers beside them."""

import sys
from pathlib import Path

# The helpers are modules of this folder, not part of any package.
sys.path.insert(0, str(Path(__file__).parent))
