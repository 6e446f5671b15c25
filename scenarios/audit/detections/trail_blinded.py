"""A trail sees less than before: what follows stands in no log file.

An attempt that was refused counts as well: who tries it is worth a look.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from scenarios.audit.detections.detection import HIGH, OneByOne, tried
from scenarios.audit.event import Event, text
from scenarios.audit.selectors import left_out


class TrailBlinded(OneByOne):
    """Logging was stopped, a trail deleted, or events left out; or somebody tried."""

    name = "trail-blinded"
    summary = "a trail was stopped, deleted, or made to leave events out, or somebody tried"
    severity = HIGH

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge a change of a trail."""
        if event.service != "cloudtrail":
            return None
        judge = _JUDGES.get(event.name)
        words = judge(event.parameters) if judge else ""
        name = text(event.parameters, "name") or text(event.parameters, "trailName")
        return (name, f"{words}{tried(event)}") if words else None


def _update(parameters: Mapping[str, Any]) -> str:
    words = {
        "isMultiRegionTrail": "other regions left out",
        "includeGlobalServiceEvents": "global service events left out",
        "enableLogFileValidation": "log file validation switched off",
    }
    found = [word for member, word in words.items() if parameters.get(member) is False]
    if bucket := text(parameters, "s3BucketName"):
        found.append(f"moved to bucket {bucket}")
    if parameters.get("kmsKeyId") == "":
        found.append("encryption under a key switched off")
    return ", ".join(found)


_JUDGES: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "StopLogging": lambda _: "logging stopped",
    "DeleteTrail": lambda _: "trail deleted",
    "PutEventSelectors": left_out,
    "UpdateTrail": _update,
    "DeleteEventDataStore": lambda _: "event data store deleted",
    "StopEventDataStoreIngestion": lambda _: "event data store takes nothing in any more",
}
