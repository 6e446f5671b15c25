"""GetResourcePolicy: the policy of an event data store or a channel.

Source: CloudTrail API Reference, GetResourcePolicy.
"""

from typing import Any

from regions.lake.desk import LakeDesk
from regions.lake.errors import ResourcePolicyNotFoundException
from regions.lake.policies import find_resource, on_resource
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    arn = desk.arn_of(find_resource(desk, parameters["ResourceArn"]))
    if arn not in desk.state.policies:
        raise ResourcePolicyNotFoundException(f"Resource {arn} has no policy.")
    return {"ResourceArn": arn, "ResourcePolicy": desk.state.policies[arn]}


OPERATION = on_resource("GetResourcePolicy", _perform, read_only=True)
