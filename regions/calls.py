"""What a caller sends to the service and what comes back.

What does not belong here: HTTP, signatures and JSON bodies (api/), or what any one action means
(kms/operations/, trail/operations/).
Source: AWS KMS API Reference; CloudTrail User Guide, userIdentity element.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal(Message):
    """Who makes a call, as the audit record will name them."""

    kind: str  #: userIdentity.type: IAMUser, AssumedRole, Root or AWSService
    account: str  #: twelve digits; of an AWSService, the account it acts for
    arn: str
    principal_id: str = ""
    user_name: str = ""  #: of an IAMUser; of an AssumedRole, the role's name
    access_key_id: str = ""
    issuer_arn: str = ""  #: of an AssumedRole, the role's own ARN; else empty
    invoked_by: str = ""  #: service DNS name, such as ``ssm.amazonaws.com``, or ``AWS Internal``
    via_service: str = ""  #: ``ssm`` when a service calls with this principal's authority
    policies: tuple[str, ...] = ()  #: identity policies, JSON documents; () grants nothing


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer(Message):
    """The successful outcome of one API request; failures travel as ServiceError."""

    request_id: str  #: equals the audit record's requestID
    body: dict[str, Any] = field(repr=False)  #: as the service model names it


#: Wire ids 1–19.
CALL_FRAMES: Final[dict[int, type[Any]]] = {1: Principal, 2: ApiCall, 3: ApiAnswer}
