"""The log files that the trails of a run delivered: kept beside the run, or made again from it.

Each bucket is a folder, and in it each object a file under its key, as gzip.
What does not belong here: the rest of a run folder (run_folder.py), and reading records (audit/).
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from regions.bucket import to_gzip
from scenarios.arena import Arena
from scenarios.audit.reader import LogFile
from scenarios.audit.source import HEAD, head_of

_TRAIL_ACTIONS: Final = (("GetTrailStatus", "Name"), ("GetEventSelectors", "TrailName"))


class LogKeeper:
    """An observer that keeps what the trails of a run delivered, in memory."""

    def __init__(self) -> None:
        self._arena: Arena | None = None

    def attach(self, arena: Arena) -> None:
        """Have everything kept that is read from buckets after the last quiet stretch."""
        self._arena = arena
        arena.log_files = {}

    def files(self) -> list[LogFile]:
        """Return the files as gzip, in order of their paths, with their objects' metadata."""
        found = {} if self._arena is None else self._arena.log_files or {}
        return [
            LogFile(
                f"{bucket}/{key}", partial(to_gzip, stored.body), partial(dict, stored.metadata)
            )
            for bucket, objects in sorted(found.items())
            for key, stored in sorted(objects.items())
        ]

    def write(self, _result: Any, folder: Path) -> None:
        """Write the files below a folder, and the metadata of those that have some beside them.

        Raises:
          OSError: one cannot be written.
        """
        for file in self.files():
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())
            if metadata := file.metadata():
                beside = path.with_name(path.name + HEAD)
                beside.write_text(head_of(metadata), encoding="utf-8")


class TrailKeeper:
    """An observer that asks for the settings of all trails once everything is over.

    The calls come after the last promise was judged, so none of them is missed in the audit.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str, str], Mapping[str, Any]] = {}
        self.regions: tuple[str, ...] = ()

    def attach(self, _arena: Arena) -> None:
        """Watch nothing while it goes on."""

    def conclude(self, arena: Arena) -> None:
        """Ask what setup.of_endpoint will want to know."""
        self.regions = arena.regions
        for account in sorted({trail.account for trail in arena.trails.values()}):
            admin = arena.administrator(account)
            for region in arena.regions:
                found = arena.api(region, "DescribeTrails", {}, admin, service="cloudtrail")
                kept = self._answers.setdefault(
                    ("cloudtrail", region, "DescribeTrails", ""), {"trailList": []}
                )
                kept["trailList"].extend(found["trailList"])
                for trail in found["trailList"]:
                    if trail["HomeRegion"] != region:
                        continue
                    for action, member in _TRAIL_ACTIONS:
                        arn = trail["TrailARN"]
                        self._answers["cloudtrail", region, action, arn] = arena.api(
                            region, action, {member: arn}, admin, service="cloudtrail"
                        )

    def ask(
        self, service: str, region: str, action: str, parameters: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Return the answer to a call that was made; None for what was not asked."""
        name = parameters.get("Name") or parameters.get("TrailName") or ""
        return self._answers.get((service, region, action, name))
