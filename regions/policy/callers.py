"""Callers by their ARN: who calls, for whoever asks what somebody may do.

What does not belong here: what IAM knows of them (iam/principals.py).
Source: IAM User Guide, "IAM identifiers"; CloudTrail User Guide, "CloudTrail userIdentity element".
"""

import re
from typing import Final

from regions.calls import Principal

_ARN: Final = re.compile(
    r"arn:(?P<partition>aws(?:-cn|-us-gov)?):(?P<service>iam|sts)::(?P<account>\d{12}):"
    r"(?P<kind>root|user|role|assumed-role|federated-user)(?:/(?P<path>[^*?]+))?"
)
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(?:\.cn)?")
#: The session of a role whose own ARN is given; it is not looked at by policies on roles.
SESSION_NAME: Final = "asked"

EXPECTED: Final = (
    "expected the ARN of a user, a role, a role's session or an account's root, or a service such"
    " as sqs.amazonaws.com"
)


def caller_named(text: str, account: str = "") -> Principal:
    """Return whom a text names, with no policy at all.

    Args:
      text: an ARN, or a service.
      account: for whom a service acts.

    Raises:
      ValueError: it names nobody; the text says what was expected.
    """
    if _SERVICE.fullmatch(text):
        return Principal(kind="AWSService", account=account, arn="", invoked_by=text)
    match = _ARN.fullmatch(text)
    parts = (match["path"] or "").split("/") if match is not None else []
    if match is None or (match["kind"] == "root") is (match["path"] is not None) or "" in parts[1:]:
        raise ValueError(f"principal {text!r}: {EXPECTED}")
    own, kind, name = match["account"], match["kind"], parts[-1]
    if kind == "root":
        return Principal(kind="Root", account=own, arn=text, principal_id=own)
    if kind == "user":
        return Principal(kind="IAMUser", account=own, arn=text, user_name=name)
    if kind == "federated-user":
        return Principal(kind="FederatedUser", account=own, arn=text)
    sts = f"arn:{match['partition']}:sts::{own}:assumed-role"
    if kind == "role":
        arn, role, issuer = f"{sts}/{name}/{SESSION_NAME}", name, text
    else:
        role = parts[0]
        arn, issuer = text, f"arn:{match['partition']}:iam::{own}:role/{role}"
    return Principal(kind="AssumedRole", account=own, arn=arn, user_name=role, issuer_arn=issuer)
