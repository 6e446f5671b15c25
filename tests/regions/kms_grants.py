"""What tests of grants share: people, policies and calls in few words."""

import json
from typing import Any

from regions.calls import Principal

ACCOUNT, AWAY = "111122223333", "444455556666"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
CID = f"arn:aws:iam::{AWAY}:user/cid"
SESSION = Principal(
    kind="AssumedRole",
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/monday",
    user_name="worker",
    issuer_arn=ROLE,
)
ABSENT = "ab" * 32
PAIR = {"Tenant": "7"}


def ben(kit: Any, policy: str = "") -> Any:
    """Somebody without any policy of his own."""
    return kit.user("ben", policy=policy)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def give(desk: Any, key_id: str, to: str, *operations: str, **more: Any) -> Any:
    return desk.call(
        "CreateGrant", KeyId=key_id, GranteePrincipal=to, Operations=list(operations), **more
    )


def code(desk: Any, caller: Any, action: str, **parameters: Any) -> str:
    """The code of a call's error; "" of a success."""
    answer = desk.outcome(action, caller, **parameters).answer
    return answer.code if isinstance(answer, Exception) else ""


def retirable(desk: Any, kit: Any, *operations: str) -> Any:
    """A grant on another account's behalf: cid may retire it, ben holds it, ana made it."""
    key_id = desk.create_key()
    given = give(desk, key_id, ben(kit).arn, "Encrypt", *operations, RetiringPrincipal=CID)
    return key_id, given
