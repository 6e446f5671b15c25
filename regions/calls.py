"""What a caller sends to the service and what comes back.

What does not belong here: HTTP, signatures and JSON bodies (api/), or what any one action means
(kms/operations/, trail/operations/).
Source: AWS KMS API Reference; CloudTrail User Guide, userIdentity element.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.quick import changed
from sim.wire import SINCE, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal(Message):
    """Who makes a call, as the audit record will name them."""

    #: userIdentity.type: IAMUser, AssumedRole, Root, AWSService, FederatedUser, WebIdentityUser,
    #: SAMLUser, AWSAccount (someone of another account, as the owner of what he used is told),
    #: Unknown; Anonymous, whom S3 alone lets in, has no account and no ARN.
    kind: str
    account: str  #: twelve digits; of an AWSService, the account it acts for
    arn: str
    principal_id: str = ""
    user_name: str = ""  #: of an IAMUser; of an AssumedRole, the role's name
    access_key_id: str = ""
    issuer_arn: str = ""  #: whose permissions a session has: the role's ARN, the federating user's
    invoked_by: str = ""  #: service DNS name, such as ``ssm.amazonaws.com``, or ``AWS Internal``
    via_service: str = ""  #: ``ssm`` when a service calls with this principal's authority
    policies: tuple[str, ...] = ()  #: identity policies, JSON documents; () grants nothing
    #: What a session was made with, JSON documents: together they grant at most; () limits nothing.
    session_policies: tuple[str, ...] = field(default=(), metadata={SINCE: 2})
    boundary: str = field(default="", metadata={SINCE: 2})  #: permissions boundary, a JSON document
    #: aws:PrincipalTag: name and value of each tag of the user, the role or the session.
    tags: tuple[tuple[str, str], ...] = field(default=(), metadata={SINCE: 2})
    session_ns: int = field(default=0, metadata={SINCE: 2})  #: calendar; 0: long-term credentials
    mfa_ns: int = field(default=0, metadata={SINCE: 2})  #: calendar; 0: no second factor was shown
    source_identity: str = field(default="", metadata={SINCE: 2})
    #: Of an AWSService, the resource it acts for, such as a trail; else empty.
    source_arn: str = field(default="", metadata={SINCE: 2})


def as_recorded(principal: Principal) -> Principal:
    """Return a principal as records keep it: who it was, not what it was allowed to do."""
    return changed(principal, policies=(), session_policies=(), boundary="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Message):
    """How a request reached its endpoint, as its record tells."""

    host: str = ""  #: the Host header as the client gave it
    tls_version: str = ""  #: such as ``TLSv1.3``; "" of plain HTTP
    cipher_suite: str = ""  #: by OpenSSL's name; "" of plain HTTP
    console: bool = False  #: signed with credentials of a session of the management console
    presigned: bool = False  #: the signature stood in the query
    body_bytes: int = 0  #: of the request's body


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall(Message):
    """One API request as it reaches an endpoint."""

    service: str  #: ``kms`` or ``cloudtrail``
    region: str  #: the region whose endpoint the caller addressed
    action: str  #: such as ``Encrypt``
    parameters: dict[str, Any] = field(repr=False)  #: as the service model names them; blobs bytes
    principal: Principal
    source_ip: str
    user_agent: str
    request_id: str = ""  #: set by the endpoint that first takes the call, a UUID
    secure: bool = field(default=True, metadata={SINCE: 2})  #: it came over TLS
    #: None: it entered the world as a value, as if an SDK with its defaults had sent it.
    connection: Connection | None = field(default=None, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer(Message):
    """The successful outcome of one API request; failures travel as ServiceError."""

    request_id: str  #: equals the audit record's requestID
    body: dict[str, Any] = field(repr=False)  #: as the service model names it


#: Wire ids 1–19 and 740.
CALL_FRAMES: Final[dict[int, type[Any]]] = {
    1: Principal,
    2: ApiCall,
    3: ApiAnswer,
    740: Connection,
}
