"""One question to the engine, told in few words: what the examples of this folder are made of."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from regions.calls import ApiCall, Principal
from regions.policy.document import compile_resource_policy, compile_trust_policy
from regions.policy.evaluate import RESOURCE_POLICY, TRUST_POLICY, Access, decide
from regions.policy.request import request_context

HOME, AWAY = "111122223333", "444455556666"
NOON_NS = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
BUCKET = "arn:aws:s3:::larder"
KEY = f"arn:aws:kms:us-east-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{HOME}:role/cook"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/cook/monday"


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(action: Any = "*", on: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


def deny(action: Any = "*", on: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, on, **more), "Effect": "Deny"}


def aws(*names: str) -> dict[str, Any]:
    return {"Principal": {"AWS": list(names)}}


ANY = document(allow())
ANA = Principal(
    kind="IAMUser",
    account=HOME,
    arn=f"arn:aws:iam::{HOME}:user/ana",
    principal_id="AIDAANA",
    user_name="ana",
)
BOB = replace(ANA, account=AWAY, arn=f"arn:aws:iam::{AWAY}:user/bob", user_name="bob")
ROOT = Principal(kind="Root", account=HOME, arn=f"arn:aws:iam::{HOME}:root")
COOK = Principal(kind="AssumedRole", account=HOME, arn=SESSION, issuer_arn=ROLE)
TRAIL = Principal(
    kind="AWSService",
    account=HOME,
    arn="",
    invoked_by="cloudtrail.amazonaws.com",
    source_arn=f"arn:aws:cloudtrail:us-east-1:{HOME}:trail/all",
)
NOBODY = Principal(kind="Anonymous", account="", arn="")


@dataclass(frozen=True, kw_only=True)
class Case:
    who: Principal
    action: str = "s3:GetObject"
    on: str = f"{BUCKET}/jam"
    policy: str = ""  # of the resource
    owner: str = HOME
    rule: Any = RESOURCE_POLICY
    source_ip: str = "203.0.113.7"
    secure: bool = True
    more: dict[str, Any] = field(default_factory=dict)  # keys of the service

    def clause(self) -> str:
        return decide(self.access())

    def access(self) -> Access:
        call = ApiCall(
            service=self.action.partition(":")[0],
            region="us-east-1",
            action=self.action.partition(":")[2],
            parameters={},
            principal=self.who,
            source_ip=self.source_ip,
            user_agent="cli",
            secure=self.secure,
        )
        compiled = compile_trust_policy if self.rule is TRUST_POLICY else compile_resource_policy
        return Access(
            self.who,
            self.action,
            self.on,
            self.owner,
            compiled(self.policy) if self.policy else None,
            lambda: {**request_context(call, NOON_NS), **self.more},
            self.rule,
        )


def holding(who: Principal, *policies: str, **more: Any) -> Principal:
    return replace(who, policies=policies, **more)
