"""How records show a key: its metadata, in the record's own spelling of names and dates.

What does not belong here: what the metadata is (key.py), and which record shows it (operations/).
Source: AWS KMS Developer Guide, log entries of CreateKey and ReplicateKey.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.kms.key import Key, metadata
from regions.kms.operation import date_text

#: The one name that keeps its capital.
_ACCOUNT: Final = "AWSAccountId"


def shown_metadata(key: Key, region: str) -> dict[str, Any]:
    """Return the keyMetadata of a key that is new in a region."""
    seen: dict[str, Any] = _spelled(metadata(key, region))
    return {**seen, "creationDate": date_text(key.created_ns)}


def _spelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_name(name): _spelled(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    return value


def _name(name: str) -> str:
    return name if name == _ACCOUNT else name[0].lower() + name[1:]
