"""Drawn keys with policies and grants: what the oracle expects of a call, and what the service does.

The oracle takes a grant that applies for one more statement of the key's policy; whether it applies
it finds out itself.
"""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from oracle import Caller, Question, Verdict, judge

from regions.calls import ApiCall, Principal
from regions.errors import AccessDeniedException
from regions.kms import grant as grant_module
from regions.kms.changes import Command, GrantCreated, KeyCreated
from regions.kms.grant import Grant
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.operation import Turn, authorize_on_key

HOME, AWAY, REGION = "111122223333", "444455556666", "us-east-1"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:{REGION}:{HOME}:key/{KEY_ID}"
ROOT, ROLE = f"arn:aws:iam::{HOME}:root", f"arn:aws:iam::{HOME}:role/app"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/app/s1"
ANA, BOB = f"arn:aws:iam::{HOME}:user/ana", f"arn:aws:iam::{AWAY}:user/bob"
SQS, SOURCE = "sqs.amazonaws.com", f"arn:aws:sqs:{REGION}:{HOME}:orders"

#: Kind, account, ARN, whose session, service, resource on whose behalf.
CALLERS = [
    ("IAMUser", HOME, ANA, "", "", ""),
    ("IAMUser", HOME, ANA, "", "", ""),
    ("IAMUser", AWAY, BOB, "", "", ""),
    ("Root", HOME, ROOT, "", "", ""),
    ("AssumedRole", HOME, SESSION, ROLE, "", ""),
    ("AWSService", HOME, "", "", SQS, SOURCE),
    ("AWSService", HOME, "", "", SQS, ""),
]
GRANTEES = [ROOT, ROLE, SESSION, ANA, ANA, BOB, SQS, f"arn:aws:iam::{AWAY}:root"]
ACTIONS = ["Encrypt", "Decrypt", "DescribeKey", "ReEncryptFrom"]
CONTEXTS: list[dict[str, str]] = [{}, {"a": "1"}, {"A": "1"}, {"a": "1", "b": "2"}, {"a": "X"}]
PRINCIPALS = ["*", {"AWS": ROOT}, {"AWS": [ROLE]}, {"AWS": [ANA, BOB]}, {"Service": SQS}]


@dataclass(frozen=True)
class Ask:
    """What is asked, and by whom, of a key with a policy and grants."""

    caller: Caller
    source: str
    action: str
    context: dict[str, str]
    policy: Any
    grants: tuple[dict[str, Any], ...]


def statements(dice: Random, *, named: bool) -> list[dict[str, Any]]:
    found = []
    for _ in range(dice.choice([1, 1, 2])):
        entry: dict[str, Any] = {"Effect": dice.choice(["Allow", "Allow", "Allow", "Deny"])}
        entry["Action"] = dice.choice(["kms:*", "kms:Encrypt", "kms:De*", "s3:*"])
        entry["Resource"] = "*"
        if named:
            entry["Principal"] = dice.choice(PRINCIPALS)
        if dice.choice([False, False, True]):
            test = dice.choice(["StringEquals", "StringEqualsIgnoreCase", "StringNotEquals"])
            entry["Condition"] = {test: {"kms:EncryptionContext:a": dice.choice(["1", "x"])}}
        found.append(entry)
    return found


def document(dice: Random, *, named: bool = False) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements(dice, named=named)}


def drawn_grant(dice: Random) -> dict[str, Any]:
    return {
        "to": dice.choice(GRANTEES),
        "operations": tuple({dice.choice(ACTIONS): None, dice.choice(ACTIONS): None}),
        "kind": dice.choice(["", "", grant_module.EQUALS, grant_module.SUBSET]),
        "pairs": dice.choice(CONTEXTS),
        "source": dice.choice(["", "", "", SOURCE]),
    }


def ask_of(dice: Random) -> Ask:
    kind, account, arn, issuer, service, source = dice.choice(CALLERS)
    owns = kind not in ("AWSService", "Root")
    caller = Caller(
        kind=kind,
        account=account,
        arn=arn,
        issuer=issuer,
        service=service,
        identity=(document(dice),) if owns and dice.choice([False, True]) else (),
        session=(document(dice),) if issuer and dice.choice([False, False, True]) else (),
    )
    return Ask(
        caller=caller,
        source=source,
        action=dice.choice(ACTIONS),
        context=dice.choice(CONTEXTS),
        policy=document(dice, named=True),
        grants=tuple(drawn_grant(dice) for _ in range(dice.choice([0, 1, 2, 3, 4]))),
    )


# ---- the oracle's own idea of a grant ----


def binds(kind: str, pairs: dict[str, str], context: dict[str, str]) -> bool:
    if not kind:
        return True
    wanted = sorted((name.lower(), value) for name, value in pairs.items())
    found = sorted((name.lower(), value) for name, value in context.items())
    if kind == "EncryptionContextEquals":
        return wanted == found
    return all(pair in found for pair in wanted)


def applies(one: dict[str, Any], ask: Ask) -> bool:
    if ask.action not in one["operations"] or one["source"] not in ("", ask.source):
        return False
    if ask.action == "DescribeKey":
        return True  # It has no encryption context to be bound.
    return binds(one["kind"], one["pairs"], ask.context)


def expected(ask: Ask) -> Verdict:
    policy = json.loads(json.dumps(ask.policy))
    for one in ask.grants:
        if applies(one, ask):
            kind = "AWS" if one["to"].startswith("arn:") else "Service"
            policy["Statement"].append(
                {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {kind: one["to"]}}
            )
    context: dict[str, Any] = {}
    if ask.action != "DescribeKey":
        context = {f"kms:encryptioncontext:{name.lower()}": v for name, v in ask.context.items()}
    return judge(
        Question(
            caller=ask.caller,
            action=f"kms:{ask.action}",
            resource=ARN,
            owner=HOME,
            policy=policy,
            required=True,
            context=context,
        )
    )


# ---- the key service's ----


def keyring_of(ask: Ask) -> Keyring:
    keyring = Keyring(REGION)
    key = Key(
        key_id=KEY_ID,
        account=HOME,
        sequence=0,
        created_ns=0,
        policy=json.dumps(ask.policy),
        tokens=(),
    )
    keyring.apply(Command(change=KeyCreated(key=key), record=None))
    for number, one in enumerate(ask.grants):
        made = Grant(
            grant_id=f"{number:064x}",
            key_id=KEY_ID,
            issuer=HOME,
            created_ns=0,
            operations=one["operations"],
            grantee=one["to"],
            constraint=one["kind"],
            pairs=one["pairs"] if one["kind"] else None,
            source_arn=one["source"],
        )
        keyring.apply(Command(change=GrantCreated(grant=made), record=None))
    return keyring


def principal_of(ask: Ask) -> Principal:
    caller = ask.caller
    return Principal(
        kind=caller.kind,
        account=caller.account,
        arn=caller.arn,
        issuer_arn=caller.issuer,
        invoked_by=caller.service,
        source_arn=ask.source,
        policies=tuple(json.dumps(policy) for policy in caller.identity),
        session_policies=tuple(json.dumps(policy) for policy in caller.session),
    )


def allowed(ask: Ask) -> bool:
    keyring = keyring_of(ask)
    call = ApiCall(
        service="kms",
        region=REGION,
        action=ask.action,
        parameters={} if ask.action == "DescribeKey" else {"EncryptionContext": ask.context},
        principal=principal_of(ask),
        source_ip="",
        user_agent="",
    )
    held = keyring.key(KEY_ID)
    assert held is not None
    try:
        authorize_on_key(Turn(call, keyring, now_ns=1, seed=""), f"kms:{ask.action}", held)
    except AccessDeniedException:
        return False
    return True


def agree(ask: Ask) -> bool:
    return allowed(ask) is expected(ask).allowed


#: Questions enough to tell every planted bug, the same ones in every run.
DRAWN = [ask_of(Random(seed)) for seed in range(1_500)]
