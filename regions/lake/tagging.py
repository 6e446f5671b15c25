"""Tags of event data stores and channels.

What does not belong here: those of trails (trail/operations/).
Source: CloudTrail API Reference, AddTags: at most 50 tags, keys of 1–128 characters that do not
begin with ``aws:``, values of at most 256.
"""

from dataclasses import replace
from typing import Any, Final

from regions.errors import InvalidTagParameterException, TagsLimitExceededException
from regions.lake.changes import Channel, EventDataStore
from regions.lake.desk import LakeDesk, LakeOperation, Perform, wanted
from regions.lake.policies import find_resource
from regions.service.operation import Values, Wanted

TAGS_MAX: Final = 50


def on_tagged(name: str, perform: Perform) -> LakeOperation:
    """Return an action on the tags of the resource that the request names."""

    def wants(desk: LakeDesk, parameters: Values) -> Wanted:
        thing = find_resource(desk, parameters["ResourceId"])
        return wanted(desk, name, thing, parameters["TagsList"])

    return LakeOperation(name=name, perform=perform, read_only=False, wants=wants)


def retagged(desk: LakeDesk, thing: EventDataStore | Channel, tags: dict[str, str]) -> None:
    """Give a resource these tags in place of others.

    Raises:
      TagsLimitExceededException: there are more than 50.
      InvalidTagParameterException: a key is reserved.
    """
    for key in tags:
        if key.lower().startswith("aws:"):
            raise InvalidTagParameterException(f"Tag key {key}: aws: is reserved.")
    if len(tags) > TAGS_MAX:
        raise TagsLimitExceededException(
            f"Resource {desk.arn_of(thing)} would have {len(tags)} tags; at most {TAGS_MAX}."
        )
    desk.change(replace(thing, tags=tuple(sorted(tags.items()))))


def given_tags(parameters: Values) -> dict[str, Any]:
    """Return the tags of a request."""
    return {each["Key"]: each.get("Value", "") for each in parameters["TagsList"]}
