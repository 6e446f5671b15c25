"""Tags of keys: what CreateKey and TagResource take.

What does not belong here: tags of identities (iam/tagging.py).
Source: AWS KMS Developer Guide, "Tags in AWS KMS"; AWS KMS API Reference, TagResource; messages as
observed from the service.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from regions.errors import TagException

TAGS_MAX: Final = 50
_RESERVED_PREFIX: Final = "aws:"


def tags_of(
    pairs: Sequence[Mapping[str, Any]], had: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the tags of a key that is given these, by name.

    Args:
      pairs: TagKey and TagValue each.
      had: the key's tags so far; a tag of the same name is replaced.

    Raises:
      TagException: a key takes no such tags.
    """
    given = {tag["TagKey"]: tag["TagValue"] for tag in pairs}
    tags = {**(had or {}), **given}
    if max(len(tags), len(pairs)) > TAGS_MAX:
        raise TagException("Too many tags")
    check_names(given)
    if len(given) < len(pairs):
        raise TagException("Duplicate tag keys")
    return tags


def check_names(names: Mapping[str, Any] | Sequence[str]) -> None:
    """Refuse names that only AWS itself may give.

    Raises:
      TagException: there is one.
    """
    if any(name.lower().startswith(_RESERVED_PREFIX) for name in names):
        raise TagException("Tags beginning with aws: are reserved")


def shown(pairs: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return tags as records spell them; a malformed call may lack either part."""
    return tuple({"tagKey": tag.get("TagKey"), "tagValue": tag.get("TagValue")} for tag in pairs)
