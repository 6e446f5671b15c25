"""Key policies compiled, with the key service's errors.

What does not belong here: the language of policies (policy/), and the rules for a key's policy
(policies.py).
Source: the service's texts as observed: it tells what is wrong with principals, and else nothing.
"""

from functools import lru_cache
from typing import Final

from regions.errors import MalformedPolicyDocumentException
from regions.policy.document import Document, compile_resource_policy
from regions.policy.flaws import Flaw, PolicyError

INVALID_PRINCIPALS: Final = "Policy contains a statement with one or more invalid principals."
NO_PRINCIPAL: Final = "Policy contains a statement with no principal."

_TEXTS: Final = {Flaw.PRINCIPAL: INVALID_PRINCIPALS, Flaw.NO_PRINCIPAL: NO_PRINCIPAL}


@lru_cache(maxsize=4096)
def compile_key_policy(text: str) -> Document:
    """Compile a key policy.

    Raises:
      MalformedPolicyDocumentException: it is no valid one, with the service's message.
    """
    try:
        return compile_resource_policy(text)
    except PolicyError as error:
        raise MalformedPolicyDocumentException(_TEXTS.get(error.flaw, "")) from None
