"""REST with JSON bodies: cloudtrail-data; the action is told by method and path.

Members of a request stand in its body or in its query. Actions whose path holds parameters, and
members in headers, occur in no service that is modelled.
What does not belong here: constraints (shapes.py), which the service itself checks.
Source: Smithy, "AWS restJson1 protocol"; service models of botocore.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from regions.api.canonical import query_pairs
from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.models import model_of
from regions.api.protocols.aws_json import JsonReaders, JsonWriters, Mismatch, read_object
from regions.api.protocols.protocol import Parsed, Protocol
from regions.api.shapes import refuse_type
from regions.errors import ServiceError, UnknownOperationException

CONTENT_TYPE: Final = "application/json"


class RestJson(Protocol):
    """REST and JSON for one service."""

    def __init__(self, service: str) -> None:
        model = model_of(service)
        self._service = service
        self._shapes: Mapping[str, Any] = model["shapes"]
        self._readers, self._writers = JsonReaders(self._shapes), JsonWriters(self._shapes)
        self._operations: Mapping[str, Any] = model["operations"]
        self._places: dict[tuple[str, str], str] = {
            (each["http"]["method"], each["http"]["requestUri"]): name
            for name, each in self._operations.items()
        }

    def action_of(self, request: HttpRequest) -> str:
        """Return the action of a method and path.

        Raises:
          UnknownOperationException: the service has none there.
        """
        path = unquote(request.target.partition("?")[0])
        action = self._places.get((request.method, path))
        if action is None:
            raise UnknownOperationException(
                f"{self._service} has no action at {request.method} {path[:128]}."
            )
        return action

    def parse(self, request: HttpRequest) -> Parsed:
        """Return the action, and the parameters of body and query.

        Raises:
          UnknownOperationException: no such action is modelled.
          SerializationException: the body is no JSON object, or a value has the wrong type.
        """
        action = self.action_of(request)
        name = self._operations[action]["input"]["shape"]
        value = read_object(request.body) if request.body else {}
        try:
            parameters = self._readers.reader(name)(value)
        except Mismatch as mismatch:
            refuse_type(mismatch.value, mismatch.path, mismatch.kind)
        given = dict(reversed(query_pairs(request.target.partition("?")[2])))
        for member, shape in self._shapes[name]["members"].items():
            if shape.get("location") == "querystring":
                parameters.pop(member, None)
                if shape["locationName"] in given:
                    parameters[member] = unquote(given[shape["locationName"]])
        return Parsed(action, parameters)

    def answer(self, action: str, body: dict[str, Any], request_id: str) -> HttpAnswer:
        """Return the body as JSON."""
        headers = (("x-amzn-RequestId", request_id), ("Content-Type", CONTENT_TYPE))
        write = self._writers.writer(self._operations[action]["output"]["shape"])
        return HttpAnswer(200, headers, write(body).encode("ascii"))

    def error(
        self,
        error: ServiceError,
        request_id: str,
        action: str | None = None,  # noqa: ARG002 - the protocol writes all errors alike
        request: HttpRequest | None = None,  # noqa: ARG002 - the same
    ) -> HttpAnswer:
        """Return the code in the header X-Amzn-ErrorType, and the text as JSON."""
        headers = (
            ("x-amzn-RequestId", request_id),
            ("x-amzn-ErrorType", error.code),
            ("Content-Type", CONTENT_TYPE),
        )
        body = json.dumps({"message": error.message}, separators=(",", ":"))
        return HttpAnswer(error.status, headers, body.encode("ascii"))
