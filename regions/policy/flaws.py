"""What can be wrong with a policy document, in no service's words.

What does not belong here: the errors and texts with which a service refuses such a document; each
maps the flaws itself.
Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from enum import Enum


class Flaw(Enum):
    """One kind of mistake."""

    SYNTAX = "it is no JSON, or not in the grammar of policies"
    VERSION = "its Version is not known"
    EFFECT = "a statement has an Effect that is neither Allow nor Deny"
    NO_ACTION = "a statement has no Action, or an empty one"
    ACTION = "an Action is not of the form service:name"
    NO_RESOURCE = "a statement has no Resource, or an empty one"
    RESOURCE = "a Resource is neither an ARN nor *"
    RESOURCE_FORBIDDEN = "a statement has a Resource, which this kind of policy has not"
    NO_PRINCIPAL = "a statement has no Principal"
    PRINCIPAL = "a Principal is of no known form"
    PRINCIPAL_FORBIDDEN = "a statement has a Principal, which this kind of policy has not"
    CONDITION = "a Condition has an unknown operator, or a value that its operator cannot take"
    SID = "a Sid is not alphanumeric"
    SID_TWICE = "two statements have the same Sid"


class PolicyError(ValueError):
    """A policy document that is none.

    Args:
      flaw: what is wrong with it.
      found: the offending part, as far as it is a text; may be as long as the document.
    """

    def __init__(self, flaw: Flaw, found: str = "") -> None:
        super().__init__(flaw, found)
        self.flaw = flaw
        self.found = found

    def __str__(self) -> str:
        return f"policy: {self.flaw.value}" + (f": {self.found}" if self.found else "")
