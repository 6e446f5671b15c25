"""The scenarios that come with the project, one TOML file each; SCENARIOS is the table.

A scenario is named as its file is. The names are known at once; a file is read when its scenario
is first asked for. Other packages register theirs as entry points of the group
``nines.scenarios``: a ``Scenario``, the path of a file, or a folder of files.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Final

from scenarios.files import load
from scenarios.scenario import Scenario
from sim.registry import Registry

_EXPECTED: Final = "expected a Scenario, the Path of a TOML file, or a folder or package of such"


class Catalogue(Mapping[str, Scenario]):
    """The scenarios of a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.toml"))}
        self._read: dict[str, Scenario] = {}

    def __getitem__(self, name: str) -> Scenario:
        if name not in self._read:
            self._read[name] = load(self._paths[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths


def _accept(name: str, part: object) -> Mapping[str, Callable[[], Scenario]]:
    if isinstance(part, Scenario):
        _same(name, part.name)
        return {name: lambda: part}
    if isinstance(part, ModuleType):
        folders = [Path(folder) for folder in getattr(part, "__path__", ())]
    elif isinstance(part, Path) and part.is_file():
        _same(name, part.stem)
        return {name: partial(load, part)}
    elif isinstance(part, Path) and part.is_dir():
        folders = [part]
    else:
        shown = repr(str(part)) if isinstance(part, Path) else type(part).__name__
        raise ValueError(f"{_EXPECTED}, not {shown}")
    paths = sorted(path for folder in folders for path in folder.glob("*.toml"))
    if not paths:
        raise ValueError(f"{_EXPECTED}; there is no TOML file in it")
    return {path.stem: partial(load, path) for path in paths}


def _same(name: str, called: str) -> None:
    if called != name:
        raise ValueError(f"expected the scenario {name!r}, as its entry is called, not {called!r}")


SCENARIOS: Final[Registry[Scenario]] = Registry(
    "nines.scenarios", "scenario", Catalogue(Path(__file__).parent), _accept, several=True
)
