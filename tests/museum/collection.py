"""All bugs of the museum, by name; each file in bugs/ has a tuple BUGS.

What does not belong here: the bugs themselves.
"""

import importlib
from pathlib import Path
from typing import Final

from museum.bug import Bug

_FOLDER: Final = Path(__file__).parent / "bugs"


def collect() -> dict[str, Bug]:
    """Return every bug, files in the order of their names."""
    found: dict[str, Bug] = {}
    for path in sorted(_FOLDER.glob("*.py")):
        for bug in importlib.import_module(f"museum.bugs.{path.stem}").BUGS:
            assert bug.name not in found, f"two bugs are called {bug.name}"
            found[bug.name] = bug
    return found


BUGS: Final = collect()
