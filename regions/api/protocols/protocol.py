"""What every protocol does for its services: a request becomes parameters, a body an answer.

What does not belong here: signatures, sockets, and what an action means.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.errors import ServiceError
from sim.quick import hastened


@hastened
@dataclass(frozen=True, slots=True)
class Parsed:
    """What one request asks for."""

    action: str  #: such as ``Encrypt``
    parameters: dict[str, Any] = field(repr=False)
    #: as the service model names them; blobs are bytes, timestamps float seconds since 1970


class Protocol(ABC):
    """One service's way over the wire; it holds no state but what it has compiled."""

    @abstractmethod
    def action_of(self, request: HttpRequest) -> str:
        """Return the action that a request names, without a look at its parameters.

        Raises:
          ServiceError: it names none, or one that is not modelled.
        """

    @abstractmethod
    def parse(self, request: HttpRequest) -> Parsed:
        """Return what a request asks for; constraints are not checked (``check_request``).

        Members that the model does not know are left out.

        Raises:
          ServiceError: the request cannot be read; no other exception, whatever the bytes.
        """

    @abstractmethod
    def answer(self, action: str, body: dict[str, Any], request_id: str) -> HttpAnswer:
        """Return the HTTP answer of a call that succeeded with this body."""

    @abstractmethod
    def error(
        self,
        error: ServiceError,
        request_id: str,
        action: str | None = None,
        request: HttpRequest | None = None,
    ) -> HttpAnswer:
        """Return the HTTP answer of a call that failed.

        Args:
          action: what was asked for, if that much is known.
          request: tells an S3 error which bucket and key it is about, and that HEAD has no body.
        """
