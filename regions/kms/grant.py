"""One grant: leave for one principal to do some things with one key, and when it counts.

A grant only allows. It is weighed as one more statement of the key's policy that names its grantee
(policy/evaluate.py), so an explicit deny anywhere ends it, and across accounts the caller's own
account must allow the call too.
What does not belong here: which grants there are (grants.py), and who may make them (operations/).
Source: AWS KMS Developer Guide, "Grants in AWS KMS", "Creating grants", "Retiring and revoking
grants"; AWS KMS API Reference, CreateGrant and GrantConstraints.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from regions.calls import Principal
from regions.errors import InvalidArnException
from regions.names import root_arn
from regions.policy.flaws import PolicyError
from regions.policy.principals import NOT_NAMED, Principals, parse_principals
from sim.wire import Message

EQUALS: Final = "EncryptionContextEquals"
SUBSET: Final = "EncryptionContextSubset"
CREATE_GRANT: Final = "CreateGrant"
RETIRE_GRANT: Final = "RetireGrant"

_ALWAYS: Final = frozenset((CREATE_GRANT, RETIRE_GRANT, "DescribeKey"))
_PUBLIC: Final = _ALWAYS | {"GetPublicKey"}
_BOTH_WAYS: Final = frozenset(("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"))
_DATA_KEYS: Final = frozenset(
    (
        *("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
        *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
    )
)
#: Operations that carry an encryption context; no other one is bound by a constraint on it.
WITH_CONTEXT: Final = _BOTH_WAYS | _DATA_KEYS
#: What a grant on a symmetric encryption key may allow.
SYMMETRIC_OPERATIONS: Final = _ALWAYS | WITH_CONTEXT
#: KeyUsage of any other key to what a grant on it may allow.
OPERATIONS_OF_USAGE: Final[dict[str, frozenset[str]]] = {
    "ENCRYPT_DECRYPT": _PUBLIC | _BOTH_WAYS,
    "SIGN_VERIFY": _PUBLIC | {"Sign", "Verify"},
    "GENERATE_VERIFY_MAC": _ALWAYS | {"GenerateMac", "VerifyMac"},
    "KEY_AGREEMENT": _PUBLIC | {"DeriveSharedSecret"},
    "ENCAPSULATE_DECAPSULATE": _PUBLIC | {"Encapsulate", "Decapsulate"},
}
#: Everything that some grant can allow.
GRANT_OPERATIONS: Final = SYMMETRIC_OPERATIONS.union(*OPERATIONS_OF_USAGE.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Message):
    """A grant as every replica of its region keeps it."""

    grant_id: str  #: 64 lower-case hex digits
    key_id: str
    issuer: str  #: the account that made it
    created_ns: int  #: calendar
    operations: tuple[str, ...]  #: as given
    grantee: str = ""  #: ARN or service; "" if the grantee is a service principal
    grantee_service: str = ""  #: GranteeServicePrincipal
    retiring: str = ""
    retiring_service: str = ""
    name: str = ""
    constraint: str = ""  #: EQUALS, SUBSET or neither
    pairs: dict[str, Any] | None = None  #: of the constraint on the encryption context
    source_arn: str = ""  #: the resource on whose behalf the call must be made; "" of any
    sequence: int = 0  #: given when it is applied; the order of listings
    ended_ns: int = 0  #: calendar time at which it was retired or revoked; 0 while it stands

    @property
    def holder(self) -> str:
        """Whoever has the permissions: an ARN or a service."""
        return self.grantee or self.grantee_service


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a grant."""

    operation: str  #: such as ``ReEncryptFrom``
    context: Mapping[str, Any] | None = None  #: encryption context of the call
    child: Grant | None = None  #: of CreateGrant, what is to be made


OTHER_OPERATION: Final = "its operations do not include {operation}"
OTHER_CONTEXT: Final = "the encryption context does not satisfy its {constraint}"
OTHER_SOURCE: Final = "the call is not made on behalf of its SourceArn"
WIDER_CHILD: Final = "the new grant would allow more than it does"


def objection(grant: Grant, wanted: Wanted, principal: Principal) -> str:
    """Return why a grant does not allow what its grantee wants; "" if it does.

    The text has the placeholders ``{operation}`` and ``{constraint}``.
    """
    if wanted.operation not in grant.operations:
        return OTHER_OPERATION
    if grant.source_arn and grant.source_arn != principal.source_arn:
        return OTHER_SOURCE
    child = wanted.child
    if child is not None:
        return "" if covers(grant, child) else WIDER_CHILD
    if grant.constraint and wanted.operation in WITH_CONTEXT:
        found, needed = _pairs(wanted.context), _pairs(grant.pairs)
        exact = grant.constraint == EQUALS
        if found != needed if exact else not needed <= found:
            return OTHER_CONTEXT
    return ""


def covers(parent: Grant, child: Grant) -> bool:
    """Tell whether a grant allows nothing that the grant does not by whose leave it is made."""
    if not set(child.operations) <= set(parent.operations):
        return False
    if parent.source_arn and child.source_arn != parent.source_arn:
        return False
    if not parent.constraint:
        return True
    found, needed = _pairs(child.pairs), _pairs(parent.pairs)
    if parent.constraint == EQUALS:
        return child.constraint == EQUALS and found == needed
    return child.constraint in (EQUALS, SUBSET) and needed <= found


def _pairs(context: Mapping[str, Any] | None) -> set[tuple[str, Any]]:
    """Return pairs as constraints compare them: names without regard to case, values with it."""
    return {(name.lower(), value) for name, value in (context or {}).items()}


def alike(one: Grant, other: Grant) -> bool:
    """Tell whether two grants say the same, as a repeated request of the same Name does."""
    return _meaning(one) == _meaning(other)


def _meaning(grant: Grant) -> tuple[object, ...]:
    return (
        *(grant.key_id, grant.issuer, grant.name, frozenset(grant.operations)),
        *(grant.holder, grant.grantee_service, grant.retiring, grant.retiring_service),
        *(grant.constraint, grant.pairs, grant.source_arn),
    )


# ---- whom a grant names ----


@lru_cache(maxsize=4096)
def principals_of(text: str) -> Principals:
    """Return whom a grant's principal stands for.

    Raises:
      InvalidArnException: for nobody; the text of the message is chosen.
    """
    kind = "AWS" if text.startswith("arn:") else "Service"
    try:
        return parse_principals({kind: text}, inverted=False, denies=False)
    except PolicyError:
        raise InvalidArnException(f"ARN does not refer to a valid principal: {text}") from None


def named_as_grantee(grant: Grant, principal: Principal) -> int:
    """Tell how a grant names its grantee: from NOT_NAMED to BY_NAME."""
    return principals_of(grant.holder).names(principal)


def named_as_retirer(grant: Grant, principal: Principal, region: str) -> int:
    """Tell how a grant names whoever wants to retire it: from NOT_NAMED to BY_NAME.

    That may the retiring principal, the grantee if RetireGrant is among the operations, and the
    account that made the grant.
    """
    texts = [grant.retiring, grant.retiring_service, root_arn(region, grant.issuer)]
    if RETIRE_GRANT in grant.operations:
        texts.append(grant.holder)
    return max((principals_of(text).names(principal) for text in texts if text), default=NOT_NAMED)


# ---- how callers see a grant ----


def entry(grant: Grant, key_arn: str, issuer_arn: str, created: float) -> dict[str, Any]:
    """Return a grant as ListGrants shows it."""
    principals = {
        "GranteePrincipal": grant.grantee,
        "GranteeServicePrincipal": grant.grantee_service,
        "RetiringPrincipal": grant.retiring,
        "RetiringServicePrincipal": grant.retiring_service,
    }
    seen: dict[str, Any] = {
        "KeyId": key_arn,
        "GrantId": grant.grant_id,
        **({"Name": grant.name} if grant.name else {}),
        "CreationDate": created,
        **{member: value for member, value in principals.items() if value},
        "IssuingAccount": issuer_arn,
        "Operations": grant.operations,
    }
    constraints: dict[str, Any] = {}
    if grant.constraint:
        constraints[grant.constraint] = dict(grant.pairs or {})
    if grant.source_arn:
        constraints["SourceArn"] = grant.source_arn
    if constraints:
        seen["Constraints"] = constraints
    return seen
