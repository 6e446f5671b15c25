"""One request for an API action as a value: made by strategies, read by people, sent by clients.

What does not belong here: how requests are drawn (strategies/api_calls.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore import xform_name

#: Texts and bytes as long as this are still written out.
_LONG: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ApiRequest:
    """A request that was not made yet; its repr is the line that makes it with boto3."""

    service: str  #: as its client is called, such as ``kms``
    action: str  #: as the service model names it, such as ``GenerateDataKey``
    parameters: Mapping[str, Any] = field(default_factory=dict)  #: as boto3 takes them
    flaw: str = ""  #: what is wrong with it, such as ``Limit is more than 1000``; "" if nothing is

    @property
    def method(self) -> str:
        """Name of the client's method, such as ``generate_data_key``."""
        return str(xform_name(self.action))

    def send(self, client: Any) -> Any:
        """Make the request with a client of the service and return its answer.

        Some flaws are refused by botocore itself, before anything is sent, unless the client was
        made with ``Config(parameter_validation=False)``.

        Raises:
          ClientError: the service refused; its ``response`` has the code.
          ParamValidationError: botocore refused.
        """
        return getattr(client, self.method)(**self.parameters)

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={_shown(value)}" for name, value in self.parameters.items())
        note = f"  # {self.flaw}" if self.flaw else ""
        return f"{self.service}.{self.method}({given}){note}"


def _shown(value: Any) -> str:
    """Return how Python writes a value; what is long and monotonous is written as a product."""
    if isinstance(value, str | bytes) and len(value) > _LONG and value == value[:1] * len(value):
        return f"{value[:1]!r} * {len(value)}"
    return repr(value)
