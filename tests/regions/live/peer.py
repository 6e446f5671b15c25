"""A client below the SDKs: requests as botocore writes and signs them, on one connection.

It is quick, tells a request that was never answered from one that was refused, and sends what no
SDK would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from serving import PATIENCE_S, REGION, Running
from wire_peer import http_request, read_answer

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.protocols import PROTOCOLS


class Unanswered(Exception):
    """The server was gone before it answered: whether it did what was asked is open."""


@dataclass(frozen=True)
class Told:
    """What one call was answered with."""

    request_id: str
    code: str  #: of the error; "": it is none
    body: Mapping[str, Any]


class Peer:
    """One keep-alive connection whose requests are signed as the root's."""

    def __init__(self, server: Running) -> None:
        self._address = server.address
        self._http: HTTPConnection | None = None
        exports = server.exports
        self._keys = Credentials(exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"])

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def call(self, service: str, action: str, **parameters: Any) -> Told:
        """Call an operation once.

        Raises:
          Unanswered: the server was gone.
        """
        request = self.signed(service, http_request(service, action, parameters))
        try:
            answer = self.send(request)
        except (HTTPException, OSError) as error:
            self.close()
            raise Unanswered from error
        parsed = read_answer(service, action, answer)
        found = parsed.pop("ResponseMetadata", {})
        code = str(parsed.get("Error", {}).get("Code", "")) if answer.status >= 300 else ""
        request_id = found.get("RequestId") or dict(answer.headers).get("x-amzn-requestid", "")
        return Told(request_id, code, parsed)

    def signed(self, service: str, request: HttpRequest) -> HttpRequest:
        """Return a request as botocore signs it."""
        address = "{}:{}".format(*self._address)
        headers = {
            name: value for name, value in request.headers if name not in {"host", "content-length"}
        }
        made = AWSRequest(
            method=request.method,
            url=f"http://{address}{request.target}",
            headers=headers,
            data=request.body,
        )
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(self._keys, PROTOCOLS[service].signing_name, REGION).add_auth(made)
        prepared = made.prepare()
        target = prepared.url.partition(address)[2]
        kept = tuple((name.lower(), _text(value)) for name, value in prepared.headers.items())
        return replace(request, target=target or "/", headers=kept)

    def wire(self, service: str, action: str, **parameters: Any) -> bytes:
        """Return a signed request as it goes over the wire."""
        request = self.signed(service, http_request(service, action, parameters))
        fields = [f"{name}: {value}\r\n" for name, value in request.headers]
        fields.append("host: {}:{}\r\n".format(*self._address))
        fields.append(f"content-length: {len(request.body)}\r\n\r\n")
        head = f"{request.method} {request.target} HTTP/1.1\r\n{''.join(fields)}"
        return head.encode("latin-1") + request.body

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and return its answer.

        Raises:
          HTTPException, OSError: there is none; ``close()`` makes the next one try anew.
        """
        if self._http is None:
            self._http = HTTPConnection(*self._address, timeout=PATIENCE_S)
        self._http.request(request.method, request.target, request.body, dict(request.headers))
        answer = self._http.getresponse()
        headers = tuple((name.lower(), value) for name, value in answer.getheaders())
        return HttpAnswer(answer.status, headers, answer.read())


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
