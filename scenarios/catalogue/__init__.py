"""The scenarios that come with the project, one TOML file each; SCENARIOS is the table.

A scenario is named as its file is. The names are known at once; a file is read when its scenario
is first asked for.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scenarios.files import load
from scenarios.scenario import Scenario


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


SCENARIOS: Final[Mapping[str, Scenario]] = Catalogue(Path(__file__).parent)
