"""DeleteResourcePolicy: an event data store or a channel has no policy any more.

Source: CloudTrail API Reference, DeleteResourcePolicy.
"""

from typing import Any

from regions.lake.changes import ResourcePolicy
from regions.lake.desk import LakeDesk
from regions.lake.errors import ResourcePolicyNotFoundException
from regions.lake.policies import find_resource, on_resource
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    arn = desk.arn_of(find_resource(desk, parameters["ResourceArn"]))
    if arn not in desk.state.policies:
        raise ResourcePolicyNotFoundException(f"Resource {arn} has no policy.")
    desk.change(ResourcePolicy(arn=arn, document=""))
    return {}


OPERATION = on_resource("DeleteResourcePolicy", _perform)
