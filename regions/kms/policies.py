"""What CreateKey, GetKeyPolicy and PutKeyPolicy share: the rules for a key's policy document.

What does not belong here: the language of policies (policy/).
Source: AWS KMS Developer Guide, "Default key policy", "Resource quotas"; messages as observed.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import (
    LimitExceededException,
    MalformedPolicyDocumentException,
    NotFoundException,
)
from regions.kms.condition_keys import condition_context
from regions.kms.key_policy import compile_key_policy
from regions.kms.operation import Turn
from regions.policy.evaluate import ALLOWED, KEY_POLICY, Access, decide

POLICY_NAME: Final = "default"  #: the only name that a key policy can have
POLICY_BYTES_MAX: Final = 32_768
LOCKED_OUT: Final = "The new key policy will not allow you to update the key policy in the future."


def check_policy_name(parameters: Mapping[str, Any]) -> None:
    """Refuse any policy name but the one that exists."""
    if parameters.get("PolicyName", POLICY_NAME) != POLICY_NAME:
        raise NotFoundException("No such policy exists")


def accept_policy(turn: Turn, text: str, arn: str) -> str:
    """Return a policy text that may become the policy of the key with this ARN.

    Raises:
      LimitExceededException: it is longer than 32 KiB.
      MalformedPolicyDocumentException: it is no policy, or would lock the caller out.
    """
    if len(text.encode()) > POLICY_BYTES_MAX:
        raise LimitExceededException(f"The policy is longer than {POLICY_BYTES_MAX} bytes.")
    document = compile_key_policy(text)
    if turn.parameters.get("BypassPolicyLockoutSafetyCheck"):
        return text
    principal = turn.principal
    access = Access(
        principal,
        "kms:PutKeyPolicy",
        arn,
        principal.account,
        document,
        lambda: condition_context(turn, turn.key, ""),
        KEY_POLICY,
    )
    if decide(access) != ALLOWED:
        raise MalformedPolicyDocumentException(LOCKED_OUT)
    return text
