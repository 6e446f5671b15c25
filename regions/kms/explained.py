"""Why a call of the key service is allowed or denied: policies and grants of one key.

What does not belong here: the engine (policy/), and where key, policies and grants come from (files
or a running server).
Source: AWS KMS Developer Guide, "Troubleshooting AWS KMS permissions".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import ApiCall, Principal
from regions.kms.condition_keys import condition_context
from regions.kms.grant import Grant, Wanted, named_as_grantee, objection
from regions.kms.key import Key
from regions.kms.key_policy import compile_key_policy
from regions.kms.keyring import Keyring
from regions.kms.operation import Turn, granting
from regions.kms.operations import OPERATIONS
from regions.kms.operations.create_grant import drawn
from regions.names import key_arn
from regions.policy.evaluate import KEY_POLICY, Access
from regions.policy.explained import GRANT, Explanation, Finding, explain
from regions.policy.principals import NOT_NAMED

#: Permission to the action that asks for it and its parameter with the encryption context.
_SIDES: Final = {
    "ReEncryptFrom": ("ReEncrypt", "SourceEncryptionContext"),
    "ReEncryptTo": ("ReEncrypt", "DestinationEncryptionContext"),
}
_CONTEXT: Final = "EncryptionContext"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question: may this principal do this, with these parameters?"""

    principal: Principal
    permission: str  #: such as ``kms:ReEncryptFrom``
    parameters: Mapping[str, Any] = field(default_factory=dict)  #: as the service model names them
    context: Mapping[str, str] = field(default_factory=dict)  #: encryption context
    conditions: Mapping[str, Any] = field(
        default_factory=dict
    )  #: beside, or instead of, the call's
    source_ip: str = ""
    alias: str = ""  #: by which the call names its key
    tokens: frozenset[str] = frozenset()  #: ids of the grants that its grant tokens name


def explain_call(
    inquiry: Inquiry, keyring: Keyring, key: Key | None, *, now_ns: int, place: str = ""
) -> Explanation:
    """Return why a call is allowed or denied.

    Args:
      inquiry: the question.
      keyring: has the key, its aliases and its grants.
      key: that the call names; None of a call that names none.
      now_ns: calendar.
      place: name of an AZ that hears of grants late; "" of one that does at once.

    Raises:
      MalformedPolicyDocumentException: the key's policy is none.
    """
    operation = inquiry.permission.removeprefix("kms:")
    turn, member = _turn(inquiry, operation, keyring, key, now_ns=now_ns, place=place)

    def conditions() -> dict[str, Any]:
        own = {name.lower(): value for name, value in inquiry.conditions.items()}
        return {**condition_context(turn, key, member), **own}

    identity_only = operation in OPERATIONS and OPERATIONS[operation].identity_only
    if key is None or identity_only:
        principal = inquiry.principal
        own = Access(principal, inquiry.permission, "*", principal.account, None, conditions)
        return explain(own, "")
    policy = key.policy_text(keyring.region)
    access = Access(
        inquiry.principal,
        inquiry.permission,
        key_arn(keyring.region, key.account, key.key_id),
        key.account,
        compile_key_policy(policy),
        conditions,
        KEY_POLICY,
        granting(turn, inquiry.permission, key, member),
    )
    grants = keyring.grants.on_key_after(key.key_id, 0)
    wanted = Wanted(operation, turn.parameters.get(member), turn.child)
    return explain(access, policy, tuple(_finding(one, wanted, turn) for one in grants))


def _turn(
    inquiry: Inquiry,
    operation: str,
    keyring: Keyring,
    key: Key | None,
    *,
    now_ns: int,
    place: str,
) -> tuple[Turn, str]:
    """Return a call that asks for the permission, and its parameter of the encryption context."""
    action, member = _SIDES.get(operation, (operation, _CONTEXT))
    parameters = dict(inquiry.parameters)
    if inquiry.context:
        parameters[member] = dict(inquiry.context)
    call = ApiCall(
        service="kms",
        region=keyring.region,
        action=action,
        parameters=parameters,
        principal=inquiry.principal,
        source_ip=inquiry.source_ip,
        user_agent="",
    )
    turn = Turn(call, keyring, now_ns=now_ns, seed="", place=place)
    turn.key, turn.alias, turn.grant_ids = key, inquiry.alias, inquiry.tokens
    if action == "CreateGrant" and key is not None:
        parameters.setdefault("Operations", ())
        turn.child = drawn(turn, key)
    return turn, member


def _finding(grant: Grant, wanted: Wanted, turn: Turn) -> Finding:
    named = named_as_grantee(grant, turn.principal)
    text = ""
    if named == NOT_NAMED:
        text = f"its grantee is {grant.holder}"
    elif grant.ended_ns and not turn.sees(grant):
        text = "it was retired or revoked"
    elif not turn.sees(grant):
        text = f"{turn.place} has not heard of it yet, and the call brings no token of it"
    else:
        text = objection(grant, wanted, turn.principal).format(
            operation=wanted.operation, constraint=grant.constraint
        )
    return Finding(
        where=GRANT,
        name=grant.grant_id,
        allows=True,
        applies=not text,
        why=text or f"its grantee is {grant.holder}",
        named=named,
    )
