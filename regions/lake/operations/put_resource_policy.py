"""PutResourcePolicy: the policy of an event data store or a channel, in place of another.

Source: CloudTrail API Reference, PutResourcePolicy.
"""

from typing import Any

from regions.lake.changes import ResourcePolicy
from regions.lake.desk import LakeDesk
from regions.lake.policies import check_policy, find_resource, on_resource
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    arn = desk.arn_of(find_resource(desk, parameters["ResourceArn"]))
    document = parameters["ResourcePolicy"]
    check_policy(document, arn)
    desk.change(ResourcePolicy(arn=arn, document=document))
    return {"ResourceArn": arn, "ResourcePolicy": document}


OPERATION = on_resource("PutResourcePolicy", _perform)
