"""What a signed request to a service that is not modelled gets: an error that its client can read.

What does not belong here: actions that a modelled service does not have; it refuses those itself.
Source: as for the protocols that it borrows the forms of errors from.
"""

from typing import Any, Final, NoReturn

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.protocols.aws_json import json_error
from regions.api.protocols.protocol import Protocol
from regions.api.protocols.query import query_error
from regions.errors import ServiceError, UnknownOperationException

NAMESPACE: Final = "http://webservices.amazon.com/AWSFault/2005-15-09"


class UnknownService(Protocol):
    """Refuses whatever is asked of a service; errors are JSON if the request has X-Amz-Target."""

    def __init__(self, service: str) -> None:
        self._service = service

    def action_of(self, request: HttpRequest) -> NoReturn:  # noqa: ARG002 - all are refused
        """Refuse the request.

        Raises:
          UnknownOperationException: always.
        """
        raise UnknownOperationException(f"Service {self._service[:64]!r} is not modelled.")

    def parse(self, request: HttpRequest) -> NoReturn:
        """Refuse the request.

        Raises:
          UnknownOperationException: always.
        """
        self.action_of(request)

    def answer(self, action: str, body: dict[str, Any], request_id: str) -> NoReturn:
        """Fail: nothing can have answered."""
        raise AssertionError(
            f"{self._service} is not modelled, yet {action} of {request_id} answered {body}"
        )

    def error(
        self,
        error: ServiceError,
        request_id: str,
        action: str | None = None,  # noqa: ARG002 - there is none
        request: HttpRequest | None = None,
    ) -> HttpAnswer:
        """Return an error as JSON or as XML, whichever the request looks like."""
        if request is not None and "json" in request.header("content-type"):
            return json_error(error, request_id)
        if request is not None and request.header("x-amz-target"):
            return json_error(error, request_id)
        return query_error(error, request_id, NAMESPACE)
