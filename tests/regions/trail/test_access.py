"""Identity policies decide who may call CloudTrail; what is refused is recorded."""

import json
import re

import pytest
from regional import REGION, booted

from regions.calls import ApiCall, Principal
from regions.errors import AccessDeniedException
from regions.trail.access import authorize_call

ACCOUNT = "111122223333"


def user(*statements: dict[str, object]) -> Principal:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return Principal(
        kind="IAMUser",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/eve",
        user_name="eve",
        policies=(document,) if statements else (),
    )


def call(principal: Principal, action: str, **parameters: object) -> ApiCall:
    return ApiCall(
        service="cloudtrail", region=REGION, action=action, parameters=parameters,
        principal=principal, source_ip="192.0.2.1", user_agent="test",
    )  # fmt: skip


STOP = {
    "Effect": "Allow",
    "Action": "cloudtrail:StopLogging",
    "Resource": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/mine",
}


@pytest.mark.parametrize("name", ["mine", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/mine"])
def test_a_policy_may_name_one_trail_however_the_call_does(name: str) -> None:
    authorize_call(call(user(STOP), "StopLogging", Name=name), REGION, 0)


def test_another_trail_than_the_policy_names_is_out_of_reach() -> None:
    text = (
        "AccessDeniedException: User: arn:aws:iam::111122223333:user/eve is not authorized to"
        " perform: cloudtrail:StopLogging on resource:"
        " arn:aws:cloudtrail:us-east-1:111122223333:trail/other because no identity-based policy"
        " allows the cloudtrail:StopLogging action"
    )
    with pytest.raises(AccessDeniedException, match=f"^{re.escape(text)}$"):
        authorize_call(call(user(STOP), "StopLogging", Name="other"), REGION, 0)


def test_nobody_looks_up_events_without_being_allowed_to_and_the_try_is_recorded() -> None:
    with booted() as arena:
        with pytest.raises(AccessDeniedException, match="cloudtrail:LookupEvents"):
            arena.world.ask(f"{REGION}/trail", call(user(), "LookupEvents"))
        allowed = user({"Effect": "Allow", "Action": "cloudtrail:Lookup*", "Resource": "*"})
        answer = arena.world.ask(f"{REGION}/trail", call(allowed, "LookupEvents"))
        (event,) = [e for e in answer.body["Events"] if e["EventName"] == "LookupEvents"]
        assert json.loads(event["CloudTrailEvent"])["errorCode"] == "AccessDenied"
