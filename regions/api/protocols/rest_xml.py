"""REST-XML: s3; the action is in method, path, query and headers, structures are XML bodies.

A streamed member (``Body`` of PutObject and GetObject) is bytes here. What does not belong here:
aws-chunked bodies, which are undone before, and whether a bucket or an object exists.
Source: Amazon S3 API Reference; Smithy, "AWS restXml protocol"; service model s3/2006-03-01.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus

from regions.api.errors import (
    ActionNotImplemented,
    InvalidArgument,
    MalformedPolicy,
    MalformedXML,
    MethodNotAllowed,
    MissingRequestBodyError,
)
from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.models import Shape, model_of, resolved
from regions.api.protocols.protocol import Parsed, Protocol
from regions.api.protocols.s3_actions import Place, find_rule, place_of, rules_of
from regions.api.protocols.values import to_base64
from regions.api.protocols.words import S3_WORDS, in_words
from regions.api.protocols.xml_shapes import (
    Reader,
    Writer,
    XmlReaders,
    XmlWriters,
    text_to_value,
    value_to_text,
)
from regions.api.protocols.xml_text import DECLARATION, quote, read_root
from regions.api.s3_shapes import MALFORMED, NO_BODY
from regions.errors import ServiceError

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
CONTENT_TYPE: Final = "application/xml"
#: Of an object that was put without a type. Source: API Reference, PutObject.
OBJECT_TYPE: Final = "binary/octet-stream"
NO_CONTENT: Final = 204
PARTIAL: Final = 206

#: Action -> root element of its answer, if it is not the action's name and ``Result``; the model
#: does not say. Source: API Reference, examples.
ROOTS: Final[Mapping[str, str]] = {
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
}
#: Actions whose success is 204 though the model says nothing. Source: API Reference.
_NO_CONTENT_ACTIONS: Final = frozenset({"PutBucketPolicy"})
#: Conditions with a date that is none are passed over. Source: RFC 9110, section 13.1.3.
_LENIENT: Final = frozenset({"IfModifiedSince", "IfUnmodifiedSince"})
#: Members that ``EncodingType=url`` has percent-encoded, by the list they stand in ("" for none).
#: Source: API Reference, ListObjectsV2, ListObjectVersions, ListMultipartUploads: EncodingType.
_URL_MEMBERS: Final = (
    *("Delimiter", "KeyMarker", "Marker", "NextKeyMarker", "NextMarker", "Prefix", "StartAfter"),
)
_URL_LISTS: Final[Mapping[str, str]] = {
    "CommonPrefixes": "Prefix",
    "Contents": "Key",
    "DeleteMarkers": "Key",
    "Uploads": "Key",
    "Versions": "Key",
}
#: Error code -> what else its body says of the request. Source: answers of the service.
_ABOUT_BUCKET: Final = frozenset(
    {
        *("BucketAlreadyExists", "BucketAlreadyOwnedByYou", "BucketNotEmpty", "InvalidBucketName"),
        *("NoSuchBucket", "NoSuchBucketPolicy", "NoSuchLifecycleConfiguration"),
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
_ABOUT_KEY: Final = frozenset({"NoSuchKey", "NoSuchVersion"})

_QUOTED_OR_NOT: Final = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)', re.DOTALL)
_PLAIN_HEADER: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Input:
    """How one action's request is read."""

    uri: Mapping[str, str]  #: Bucket or Key -> member
    query: tuple[tuple[str, str, Callable[[str], Any]], ...]  #: member, key, reader
    headers: tuple[tuple[str, str, Callable[[str], Any]], ...]  #: member, lower-case name, reader
    prefixed: tuple[tuple[str, str], ...]  #: member, lower-case prefix of header names
    payload: str  #: member that the body is, "" for none
    payload_kind: str  #: its type
    payload_required: bool
    root: str  #: element of a structure
    read_body: Reader | None


@dataclass(frozen=True, slots=True)
class _Output:
    """How one action's answer is written."""

    status: int
    headers: tuple[tuple[str, str, Callable[[Any], str]], ...]
    prefixed: tuple[tuple[str, str], ...]
    payload: str
    payload_kind: str
    write_body: Writer | None  #: of the payload or, without one, of what is in no header
    root: str  #: element around members that are no payload


def _list_reader(read: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    def read_list(text: str) -> list[Any]:
        found, at = [], 0
        while at < len(text):
            match = _QUOTED_OR_NOT.match(text, at)
            if match is None or match.end() == at:
                raise ValueError(f"{text!r} is no list")
            quoted, plain = match.groups()
            item = plain.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found.append(read(item))
            at = match.end()
        return found

    return read_list


def _input(shapes: Mapping[str, Shape], shape: Shape, readers: XmlReaders) -> _Input:
    uri: dict[str, str] = {}
    query: list[tuple[str, str, Callable[[str], Any]]] = []
    headers: list[tuple[str, str, Callable[[str], Any]]] = []
    prefixed: list[tuple[str, str]] = []
    for member, to in shape["members"].items():
        whole_shape = resolved(shapes, to)
        location, name = to.get("location"), to.get("locationName", member)
        if location == "uri":
            uri[name] = member
        elif location == "headers":
            prefixed.append((member, name.lower()))
        elif location in {"querystring", "header"}:
            default_time = "rfc822" if location == "header" else "iso8601"
            if whole_shape["type"] == "list":
                item = resolved(shapes, whole_shape["member"])
                read = _list_reader(text_to_value(item, default_time))
            else:
                read = text_to_value(whole_shape, default_time)
            place = query if location == "querystring" else headers
            place.append((member, name if location == "querystring" else name.lower(), read))
    payload = shape.get("payload", "")
    reference = shape["members"].get(payload, {})
    kind = shapes[reference["shape"]]["type"] if payload else ""
    return _Input(
        uri,
        tuple(query),
        tuple(headers),
        tuple(prefixed),
        payload,
        kind,
        payload in shape.get("required", ()),
        reference.get("locationName", payload),
        readers.reader(reference) if kind == "structure" else None,
    )


def _output(model: Mapping[str, Any], action: str, writers: XmlWriters) -> _Output:
    operation, shapes = model["operations"][action], model["shapes"]
    status = operation["http"].get("responseCode", 200)
    if action in _NO_CONTENT_ACTIONS:
        status = NO_CONTENT
    if "output" not in operation:
        return _Output(status, (), (), "", "", None, "")
    shape = shapes[operation["output"]["shape"]]
    headers, prefixed = [], []
    for member, to in shape["members"].items():
        name = to.get("locationName", member)
        if to.get("location") == "headers":
            prefixed.append((member, name))
        elif to.get("location") == "header":
            headers.append((member, name, value_to_text(resolved(shapes, to), "rfc822")))
    payload = shape.get("payload", "")
    kind = shapes[shape["members"][payload]["shape"]]["type"] if payload else ""
    write, root = None, ""
    if kind == "structure":
        reference = {"xmlNamespace": NAMESPACE, **shape["members"][payload]}
        write = writers.element(payload, reference)
    elif not payload and any("location" not in to for to in shape["members"].values()):
        write, root = (
            writers.content(operation["output"]["shape"]),
            ROOTS.get(action, f"{action}Result"),
        )
    return _Output(status, tuple(headers), tuple(prefixed), payload, kind, write, root)


class RestXml(Protocol):
    """REST-XML for s3."""

    def __init__(self, service: str) -> None:
        self._model = model_of(service)
        self._rules = rules_of(self._model)
        self._readers = XmlReaders(self._model["shapes"])
        self._writers = XmlWriters(self._model["shapes"], always_milliseconds=True)
        self._inputs: dict[str, _Input] = {}
        self._outputs: dict[str, _Output] = {}

    def action_of(self, request: HttpRequest) -> str:
        """Return the action of method, path, query keys and headers.

        Raises:
          InvalidURI: path or query is not UTF-8 in percent-encoding.
          MethodNotAllowed: S3 has no such method there.
          ActionNotImplemented: an HTML form, or a question about origins: not modelled.
        """
        return self._action(request, place_of(request))

    def _action(self, request: HttpRequest, place: Place) -> str:
        rule = find_rule(self._rules, request, place)
        if rule is None and request.method == "POST" and place.bucket and not place.key:
            raise ActionNotImplemented("Posting an HTML form is not modelled.")
        if rule is None and request.method == "OPTIONS":
            raise ActionNotImplemented("Cross-origin requests are not modelled.")
        if rule is None:
            raise MethodNotAllowed("The specified method is not allowed against this resource.")
        return rule.action

    def parse(self, request: HttpRequest) -> Parsed:
        """Return what a request asks for; CopySource and Range stay as they were sent.

        Raises:
          ServiceError: as ``action_of``; InvalidArgument for a header or query value, MalformedXML
            for a body that cannot be read, MissingRequestBodyError for one that is not there.
        """
        place = place_of(request)
        action = self._action(request, place)
        plan = self._input(action)
        parameters: dict[str, Any] = {}
        for name, member in plan.uri.items():
            parameters[member] = place.bucket if name == "Bucket" else place.key
        for member, name, read in plan.query:
            if name in place.query:
                _take(parameters, member, name, place.query[name], read)
        fields = dict(reversed(request.headers))  # The first of equal names counts.
        for member, name, read in plan.headers:
            if name in fields:
                _take(parameters, member, name, fields[name].strip(), read)
        _undo_chunking(parameters)
        for member, prefix in plan.prefixed:
            found = {
                name[len(prefix) :]: fields[name]
                for name, _ in request.headers
                if name.startswith(prefix) and name != prefix
            }
            if found:
                parameters[member] = found
        self._take_body(plan, request.body, parameters)
        return Parsed(action, parameters)

    def _input(self, action: str) -> _Input:
        if action not in self._inputs:
            shape = self._model["shapes"][self._model["operations"][action]["input"]["shape"]]
            self._inputs[action] = _input(self._model["shapes"], shape, self._readers)
        return self._inputs[action]

    @staticmethod
    def _take_body(plan: _Input, body: bytes, parameters: dict[str, Any]) -> None:
        if plan.payload_kind == "blob":
            parameters[plan.payload] = body
        elif not body:
            if plan.payload_required:
                raise MissingRequestBodyError(NO_BODY)
        elif plan.payload_kind == "string":
            try:
                parameters[plan.payload] = body.decode("utf-8")
            except UnicodeDecodeError:
                raise MalformedPolicy("Policies must be text in UTF-8.") from None
        elif plan.read_body is not None:
            try:
                parameters[plan.payload] = plan.read_body([read_root(body, plan.root)])
            except ValueError:
                raise MalformedXML(MALFORMED) from None

    def answer(self, action: str, body: dict[str, Any], request_id: str) -> HttpAnswer:
        """Return the answer of an action; the bytes of ``Body`` become its content.

        HeadObject's and HeadBucket's Content-Length is among the headers, as they have no content
        that it could be counted from.
        """
        if action not in self._outputs:
            self._outputs[action] = _output(self._model, action, self._writers)
        plan = self._outputs[action]
        is_head = self._model["operations"][action]["http"]["method"] == "HEAD"
        headers = [("x-amz-request-id", request_id), ("x-amz-id-2", host_id(request_id))]
        for member, name, text in plan.headers:
            if body.get(member) is not None and (is_head or name.lower() != "content-length"):
                headers.append((name, header_text(text(body[member]))))
        for member, prefix in plan.prefixed:
            found = body.get(member) or {}
            headers += [(prefix + name, header_text(value)) for name, value in found.items()]
        status = plan.status
        if body.get("ContentRange"):
            status = PARTIAL
        content, kind = self._content(action, plan, body)
        if kind and all(name.lower() != "content-type" for name, _ in headers):
            headers.append(("Content-Type", kind))
        return HttpAnswer(status, tuple(headers), b"" if is_head else content)

    @staticmethod
    def _content(action: str, plan: _Output, body: dict[str, Any]) -> tuple[bytes, str]:
        """Return content and its type, "" for no content."""
        if plan.payload_kind == "blob":
            return bytes(body.get(plan.payload) or b""), OBJECT_TYPE
        if plan.payload_kind == "string":
            return (body.get(plan.payload) or "").encode("utf-8"), "application/json"
        if plan.write_body is None:
            return b"", ""
        out = [DECLARATION]
        if action == "GetBucketLocation":  # Its one member is the text of the root itself.
            text = quote(body.get("LocationConstraint") or "")
            out.append(f'<{plan.root} xmlns="{NAMESPACE}">{text}</{plan.root}>')
        elif plan.payload:
            plan.write_body(body.get(plan.payload) or {}, out)
        else:
            out.append(f'<{plan.root} xmlns="{NAMESPACE}">')
            plan.write_body(url_encoded(body) if body.get("EncodingType") == "url" else body, out)
            out.append(f"</{plan.root}>")
        return "".join(out).encode("utf-8"), CONTENT_TYPE

    def error(
        self,
        error: ServiceError,
        request_id: str,
        action: str | None = None,  # noqa: ARG002 - the request tells more
        request: HttpRequest | None = None,
    ) -> HttpAnswer:
        """Return ``<Error>`` with code, message and what it is about; nothing for HEAD or 304."""
        code, status = in_words(S3_WORDS, error)
        host = host_id(request_id)
        headers = (("x-amz-request-id", request_id), ("x-amz-id-2", host))
        headers += getattr(error, "headers", ())
        if status in {NO_CONTENT, 304} or (request is not None and request.method == "HEAD"):
            return HttpAnswer(status, headers, b"")
        parts = [("Code", code), ("Message", error.message)]
        parts += getattr(error, "members", ())  # What a refusal of the edge says besides.
        parts += _about(code, request) if request is not None else []
        parts += [("RequestId", request_id), ("HostId", host)]
        inside = "".join(f"<{name}>{quote(text)}</{name}>" for name, text in parts)
        content = f"{DECLARATION}<Error>{inside}</Error>".encode()
        return HttpAnswer(status, (*headers, ("Content-Type", CONTENT_TYPE)), content)


def host_id(request_id: str) -> str:
    """Return what S3 calls the extended request id; here it is made of the plain one."""
    return to_base64(request_id.encode("utf-8"))


def _take(
    parameters: dict[str, Any], member: str, name: str, text: str, read: Callable[[str], Any]
) -> None:
    try:
        parameters[member] = read(text)
    except ValueError:
        if member not in _LENIENT:
            raise InvalidArgument(f"Provided {name} can not be read: {text[:64]!r}") from None


def _undo_chunking(parameters: dict[str, Any]) -> None:
    """Take ``aws-chunked`` out of the content's encodings: it is one of the transfer only."""
    encodings = parameters.get("ContentEncoding")
    if encodings is not None and "aws-chunked" in encodings:
        kept = [part.strip() for part in encodings.split(",")]
        kept = [part for part in kept if part != "aws-chunked" and part]
        parameters["ContentEncoding"] = ",".join(kept)
        if not kept:
            del parameters["ContentEncoding"]


def header_text(text: str) -> str:
    """Return what a header can carry: all but printable ASCII goes as RFC 2047 has it.

    So does space at an end, which HTTP does not carry.
    """
    if _PLAIN_HEADER.fullmatch(text) is not None:
        return text
    return f"=?UTF-8?B?{to_base64(text.encode('utf-8', 'replace'))}?="


def _encoded(text: str) -> str:
    return quote_plus(text, safe="/*", errors="replace").replace("~", "%7E")


def url_encoded(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listing with keys and prefixes as a URL writes them; ``/`` stays."""
    shown = dict(body)
    for member in _URL_MEMBERS:
        if shown.get(member) is not None:
            shown[member] = _encoded(shown[member])
    for name, member in _URL_LISTS.items():
        if shown.get(name):
            shown[name] = [
                {**item, member: _encoded(item[member])} if item.get(member) is not None else item
                for item in shown[name]
            ]
    return shown


def _about(code: str, request: HttpRequest) -> list[tuple[str, str]]:
    """Return elements that tell which bucket, key or method an error is about."""
    try:
        place = place_of(request)
    except ServiceError:
        return []
    version = place.query.get("versionId")
    parts = {
        "BucketName": place.bucket if code in _ABOUT_BUCKET else None,
        "Key": place.key if code in _ABOUT_KEY else None,
        "VersionId": version if code in _ABOUT_KEY else None,
        "Method": request.method if code == "MethodNotAllowed" else None,
        "UploadId": place.query.get("uploadId") if code == "NoSuchUpload" else None,
        "RangeRequested": request.header("range") if code == "InvalidRange" else None,
    }
    return [(name, text) for name, text in parts.items() if text]
