"""What a trail's event selectors leave out of management events.

What does not belong here: which events a selector takes in (regions/trail/).
Source: CloudTrail API Reference, EventSelector and AdvancedEventSelector.
"""

from collections.abc import Mapping
from typing import Any, Final

from scenarios.audit.event import rows, text

_KEY_SERVICE: Final = "kms.amazonaws.com"


def left_out(answer: Mapping[str, Any]) -> str:
    """Return what no selector takes in; "" when that is nothing of ours.

    Args:
      answer: eventSelectors or advancedEventSelectors, with names as records or as the API have.
    """
    said = _lowered(answer)
    if said.get("advancedEventSelectors"):
        return _advanced(said)
    seen: set[str] = set()
    excluded = False
    for selector in rows(said, "eventSelectors"):
        if selector.get("includeManagementEvents") is False:
            continue
        if _KEY_SERVICE in (selector.get("excludeManagementEventSources") or ()):
            excluded = True
            continue
        kind = selector.get("readWriteType", "All")
        seen |= {"ReadOnly", "WriteOnly"} if kind == "All" else {str(kind)}
    if not seen:
        return f"{_KEY_SERVICE} left out" if excluded else "management events left out"
    if "WriteOnly" not in seen:
        return "management events that write left out"
    return "" if "ReadOnly" in seen else "management events that read left out"


def _advanced(said: Mapping[str, Any]) -> str:
    for selector in rows(said, "advancedEventSelectors"):
        fields = {text(one, "field"): one for one in rows(selector, "fieldSelectors")}
        management = "Management" in (fields.get("eventCategory", {}).get("equals") or ())
        if management and len(fields) == 1:
            return ""
    return "management events left out, at least some"


def _lowered(value: Any) -> Any:
    """Return a value with names as records write them: the first letter small."""
    if isinstance(value, Mapping):
        return {f"{name[:1].lower()}{name[1:]}": _lowered(one) for name, one in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list | tuple) else value
