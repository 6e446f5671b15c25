"""A trail sees less than before: what follows stands in no log file.

An attempt that was refused counts as well: who tries it is worth a look.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from scenarios.audit.detections.detection import HIGH, OneByOne, tried
from scenarios.audit.event import Event, rows, text

_KEY_SERVICE: Final = "kms.amazonaws.com"


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


def _selectors(parameters: Mapping[str, Any]) -> str:
    """Return what no selector of a PutEventSelectors takes in; "" when nothing of ours."""
    if "advancedEventSelectors" in parameters:
        return _advanced(parameters)
    seen: set[str] = set()
    excluded = set()
    for selector in rows(parameters, "eventSelectors"):
        if selector.get("includeManagementEvents") is False:
            continue
        left_out = selector.get("excludeManagementEventSources") or ()
        if _KEY_SERVICE in left_out:
            excluded.add(_KEY_SERVICE)
            continue
        kind = selector.get("readWriteType", "All")
        seen |= {"ReadOnly", "WriteOnly"} if kind == "All" else {str(kind)}
    if not seen:
        return f"{_KEY_SERVICE} left out" if excluded else "management events left out"
    if "WriteOnly" not in seen:
        return "management events that write left out"
    return "" if "ReadOnly" in seen else "management events that read left out"


def _advanced(parameters: Mapping[str, Any]) -> str:
    found = False
    for selector in rows(parameters, "advancedEventSelectors"):
        fields = {text(one, "field"): one for one in rows(selector, "fieldSelectors")}
        category = fields.get("eventCategory", {})
        if "Management" not in (category.get("equals") or ()):
            continue
        found = found or fields.keys() == {"eventCategory"}
    return "" if found else "management events left out, at least some"


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
    "PutEventSelectors": _selectors,
    "UpdateTrail": _update,
    "DeleteEventDataStore": lambda _: "event data store deleted",
    "StopEventDataStoreIngestion": lambda _: "event data store takes nothing in any more",
}
