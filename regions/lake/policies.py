"""Policies of event data stores and channels: whose they are, and what one may say.

What does not belong here: evaluating one (policy/).
Source: CloudTrail API Reference, PutResourcePolicy; User Guide, "CloudTrail resource-based policy
examples": each statement names the resource that the policy is attached to.
"""

import json
from typing import Any

from regions.errors import ResourceNotFoundException, ResourceTypeNotSupportedException
from regions.lake.changes import Channel, EventDataStore
from regions.lake.desk import LakeDesk, LakeOperation, Perform, wanted
from regions.lake.errors import (
    ChannelARNInvalidException,
    ChannelNotFoundException,
    EventDataStoreARNInvalidException,
    EventDataStoreNotFoundException,
    ResourceARNNotValidException,
    ResourcePolicyNotValidException,
)
from regions.policy.document import compile_resource_policy
from regions.policy.flaws import PolicyError
from regions.service.operation import Values, Wanted


def find_resource(desk: LakeDesk, arn: str) -> EventDataStore | Channel:
    """Return the event data store or channel of an ARN.

    Raises:
      ResourceARNNotValidException: it is no ARN of this region.
      ResourceTypeNotSupportedException: it is one of something else.
      ResourceNotFoundException: there is no such thing.
    """
    try:
        if ":channel/" in arn:
            return desk.channel(arn)
        if ":eventdatastore/" in arn:
            return desk.store(arn)
    except (ChannelARNInvalidException, EventDataStoreARNInvalidException) as error:
        raise ResourceARNNotValidException(f"Resource ARN {arn} is not valid.") from error
    except (ChannelNotFoundException, EventDataStoreNotFoundException) as error:
        raise ResourceNotFoundException(f"Resource {arn} does not exist.") from error
    if not arn.startswith("arn:"):
        raise ResourceARNNotValidException(f"Resource ARN {arn} is not valid.")
    raise ResourceTypeNotSupportedException(f"Resource {arn} is no event data store or channel.")


def on_resource(name: str, perform: Perform, *, read_only: bool = False) -> LakeOperation:
    """Return an action on the policy of the resource that the request names."""

    def wants(desk: LakeDesk, parameters: Values) -> Wanted:
        return wanted(desk, name, find_resource(desk, parameters["ResourceArn"]))

    return LakeOperation(name=name, perform=perform, read_only=read_only, wants=wants)


def check_policy(text: str, arn: str) -> None:
    """Refuse what is no policy of a resource.

    Raises:
      ResourcePolicyNotValidException: it cannot be read, or speaks of something else.
    """
    try:
        compile_resource_policy(text)
        statements = json.loads(text)["Statement"]
    except (PolicyError, ValueError) as error:
        raise ResourcePolicyNotValidException(
            f"The resource policy is not valid: {error}"
        ) from error
    for statement in statements if isinstance(statements, list) else [statements]:
        if _resources(statement) != {arn}:
            raise ResourcePolicyNotValidException(f"The resource of each statement must be {arn}.")


def _resources(statement: Any) -> set[str]:
    found = statement.get("Resource", ())
    return {found} if isinstance(found, str) else set(found)
