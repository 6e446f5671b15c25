"""What the tests of the protocols share: botocore as the other side, and values from its models.

Values are drawn in our own form: blobs are bytes, timestamps float seconds.
"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import PROTOCOL_PARSERS
from botocore.serialize import SERIALIZERS
from botocore.utils import parse_timestamp
from hypothesis import strategies as st

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.models import model_of, resolved
from regions.kms.operations import OPERATIONS as KMS
from regions.trail.operations import OPERATIONS as TRAIL

#: Service -> what is, or will be, behind the wire.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "kms": tuple(sorted(KMS)),
    "cloudtrail": tuple(sorted(TRAIL)),
    "logs": (
        *("CreateLogGroup", "DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents"),
        *("GetLogEvents", "PutMetricFilter"),
    ),
    "events": ("DeleteRule", "ListRules", "PutRule", "PutTargets", "RemoveTargets"),
    "sts": ("AssumeRole", "GetCallerIdentity", "GetSessionToken"),
    "sns": ("CreateTopic", "Publish", "Subscribe"),
    "iam": (
        *("AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey", "CreatePolicy"),
        *("CreateRole", "CreateUser", "DeleteAccessKey", "DeletePolicy", "DeleteRole"),
        *("DeleteRolePolicy", "DeleteUser", "DeleteUserPolicy", "DetachRolePolicy"),
        *("DetachUserPolicy", "GetPolicy", "GetPolicyVersion", "GetRole", "GetRolePolicy"),
        *("GetUser", "GetUserPolicy", "ListAccessKeys", "ListAttachedRolePolicies"),
        *("ListAttachedUserPolicies", "ListPolicies", "ListRolePolicies", "ListRoles"),
        *("ListUserPolicies", "ListUsers", "PutRolePolicy", "PutUserPolicy"),
        *("UpdateAccessKey", "UpdateAssumeRolePolicy"),
    ),
    "s3": (
        *("AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateBucket"),
        *("CreateMultipartUpload", "DeleteBucket", "DeleteBucketPolicy", "DeleteObject"),
        *("DeleteObjects", "GetBucketAcl", "GetBucketEncryption"),
        *("GetBucketLifecycleConfiguration", "GetBucketLocation", "GetBucketPolicy"),
        *("GetBucketVersioning", "GetObject", "HeadBucket", "HeadObject", "ListBuckets"),
        *("ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2"),
        *("ListParts", "PutBucketEncryption", "PutBucketLifecycleConfiguration"),
        *("PutBucketPolicy", "PutBucketVersioning", "PutObject", "UploadPart"),
        "UploadPartCopy",
    ),
}
NAMED = [(service, action) for service, actions in ACTIONS.items() for action in actions]

#: Deeper than this, lists are empty and optional members absent: some shapes contain themselves.
DEPTH_MAX = 6
#: The years 1970 to 2099, in milliseconds.
LAST_MS = 4_102_444_800_000

ANY_TEXT = st.text(max_size=12)
XML_TEXT = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"),
        exclude_characters="\ufffe\uffff",
        include_characters="\t\n",
    ),
    max_size=12,
)
HEADER_TEXT = st.from_regex(r"[!-~]([ -\[\]-~]{0,10}[!-~])?", fullmatch=True).filter(
    lambda text: "\\" not in text
)
TOKENS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
BUCKETS = st.from_regex(r"[a-z0-9][a-z0-9-]{1,10}[a-z0-9]", fullmatch=True)


REALS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN: Mapping[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(1 << 31), (1 << 31) - 1),
    "long": st.integers(-(1 << 63), (1 << 63) - 1),
    "boolean": st.booleans(),
    "blob": st.binary(max_size=20),
    "float": REALS,
    "double": REALS,
}


@cache
def protocol_name(service: str) -> str:
    name: str = model_of(service)["metadata"]["protocol"]
    return name


@cache
def operation_model(service: str, action: str) -> OperationModel:
    return ServiceModel(model_of(service), service).operation_model(action)


def has_event_stream(service: str, action: str) -> bool:
    operation = operation_model(service, action)
    return operation.get_event_stream_input() is not None or operation.has_event_stream_output


def _times(shape: Mapping[str, Any], location: str) -> st.SearchStrategy[float]:
    if location == "header" or shape.get("timestampFormat") == "rfc822":  # To the second.
        return st.integers(0, LAST_MS // 1000).map(float)
    return st.integers(0, LAST_MS).map(lambda ms: ms / 1000)


def _texts(protocol: str, location: str) -> st.SearchStrategy[str]:
    if location in {"header", "headers"}:
        return HEADER_TEXT
    return XML_TEXT if protocol == "rest-xml" and not location else ANY_TEXT


class Draw:
    """Strategies for one direction of one service."""

    def __init__(self, service: str, *, answers: bool) -> None:
        self.shapes = model_of(service)["shapes"]
        self.protocol, self.answers = protocol_name(service), answers
        self.is_xml_answer = answers and self.protocol != "json"
        #: Neither query strings nor XML tell an empty list from none in all places.
        self.least = 0 if self.protocol == "json" else 1

    def value(self, reference: Mapping[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
        shape = resolved(self.shapes, reference)
        kind, location = shape["type"], shape.get("location", "")
        if kind == "structure":
            return self.structure(shape, depth + 1)
        if kind == "list":
            item = {**shape["member"], **({"location": location} if location else {})}
            most = self.least if depth >= DEPTH_MAX else 3
            return st.lists(self.value(item, depth + 1), min_size=self.least, max_size=most)
        if kind == "map":
            if location == "headers":
                return st.dictionaries(TOKENS, HEADER_TEXT, min_size=1, max_size=3)
            key, part = (self.value(shape[name], depth + 1) for name in ("key", "value"))
            return st.dictionaries(key, part, min_size=self.least, max_size=3)
        return self.scalar(shape, kind, location)

    def scalar(self, shape: Mapping[str, Any], kind: str, location: str) -> st.SearchStrategy[Any]:
        if kind == "timestamp":
            return _times(shape, location)
        if kind == "string":
            if shape.get("xmlAttribute"):
                return TOKENS
            protocol = "rest-xml" if self.is_xml_answer else self.protocol
            return _texts(protocol, location)
        return PLAIN[kind]

    def structure(
        self, shape: Mapping[str, Any], depth: int, given: Mapping[str, Any] | None = None
    ) -> st.SearchStrategy[dict[str, Any]]:
        members = {} if given is None else dict(given)
        for name, to in shape["members"].items():
            if depth < DEPTH_MAX or name in shape.get("required", ()) or self.protocol == "query":
                members.setdefault(name, self.value(to, depth))
        if self.protocol == "query" and depth > 1:
            members = {name: part for name, part in members.items() if self._says(shape, name)}
        if shape.get("union"):
            return st.one_of(st.fixed_dictionaries({name: part}) for name, part in members.items())
        must = {name: members.pop(name) for name in shape.get("required", ()) if name in members}
        drawn = st.fixed_dictionaries(must, optional=members)
        if self.protocol == "query" and depth > 1 and not self.answers and not must:
            return drawn.filter(bool)  # A form does not say an empty structure.
        return drawn

    def _says(self, shape: Mapping[str, Any], name: str) -> bool:
        to = resolved(self.shapes, shape["members"][name])
        return to["type"] != "structure" or bool(to["members"])


@cache
def requests(service: str, action: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the parameters of an action; S3's body is always there."""
    operation = model_of(service)["operations"][action]
    if "input" not in operation:
        return st.just({})
    draw = Draw(service, answers=False)
    shape = dict(resolved(draw.shapes, operation["input"]))
    given: dict[str, st.SearchStrategy[Any]] = {}
    if service == "s3":
        payload = shape.get("payload")
        if payload:
            shape["required"] = [*shape.get("required", ()), payload]
            kind = resolved(draw.shapes, shape["members"][payload])["type"]
            if kind == "string":
                given[payload] = st.text(min_size=1, max_size=20)
        given["Bucket"], given["Key"] = BUCKETS, st.text(min_size=1, max_size=12)
        given = {name: part for name, part in given.items() if name in shape["members"]}
    return draw.structure(shape, 1, given)


@cache
def answers(service: str, action: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the body of an action's answer."""
    operation = model_of(service)["operations"][action]
    if "output" not in operation:
        return st.just({})
    draw = Draw(service, answers=True)
    shape = dict(resolved(draw.shapes, operation["output"]))
    if shape.get("payload"):
        shape["required"] = [*shape.get("required", ()), shape["payload"]]
    return draw.structure(shape, 1)


def http_request(
    service: str, action: str, parameters: Mapping[str, Any], host: str = "localhost:4599"
) -> HttpRequest:
    """Return the request that botocore makes, unsigned, as a server receives it."""
    serializer = SERIALIZERS[protocol_name(service)]()
    made = serializer.serialize_to_request(dict(parameters), operation_model(service, action))
    target = made["url_path"]
    query = made["query_string"]
    if query:
        joint = "&" if "?" in target else "?"
        target += joint + urlencode(query, doseq=True, quote_via=quote)
    body = made["body"]
    if isinstance(body, Mapping):
        body = urlencode(body, quote_via=quote).encode("ascii")
    headers = [("host", host)]
    headers += [(name.lower(), str(value)) for name, value in made["headers"].items()]
    return HttpRequest(made["method"], target, tuple(headers), body, "127.0.0.1")


def read_of(service: str, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what botocore should read: the body, and members that are there without it."""
    output = operation_model(service, action).output_shape
    members = {} if output is None else output.members
    found: dict[str, Any] = {
        name: {}
        for name, shape in members.items()
        if shape.serialization.get("location") == "headers"
    }
    found |= body
    if operation_model(service, action).has_streaming_output:
        payload = output.serialization["payload"]
        if "ContentType" in members:
            found.setdefault("ContentType", "binary/octet-stream")
        if "ContentLength" in members:
            found["ContentLength"] = len(body[payload])
    return found


def read_answer(service: str, action: str, answer: HttpAnswer) -> dict[str, Any]:
    """Return what botocore makes of an answer; times are float seconds, metadata is left in."""
    parser = PROTOCOL_PARSERS[protocol_name(service)](
        timestamp_parser=lambda value: parse_timestamp(value).timestamp()
    )
    operation = operation_model(service, action)
    body: Any = answer.body
    if operation.has_streaming_output and answer.status < 300:
        body = BytesIO(body)
    headers = HeadersDict()
    for name, value in answer.headers:
        headers[name] = value
    if operation.has_streaming_output:
        headers["content-length"] = str(len(answer.body))  # As the server counts it.
    response = {"status_code": answer.status, "headers": headers, "body": body, "context": {}}
    parsed: dict[str, Any] = parser.parse(response, operation.output_shape)
    if operation.has_streaming_output and answer.status < 300:
        payload = operation.output_shape.serialization["payload"]
        parsed[payload] = parsed[payload].read()
    return parsed
