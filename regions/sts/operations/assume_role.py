"""AssumeRole: a session of a role, for whom the role trusts.

Source: STS API Reference, AssumeRole; IAM User Guide, "Roles terms and concepts" (chaining),
"Pass session tags in AWS STS"; texts as observed.
"""

from typing import Any, Final

from regions.api.errors import ValidationError
from regions.errors import AccessDeniedException, UnsupportedOperationException
from regions.iam.documents import refusal_of, size_of
from regions.iam.errors import InvalidInput, MalformedPolicyDocument
from regions.iam.identifiers import account_of_role, session_arn
from regions.iam.messages import FoundRole
from regions.policy.document import compile_identity_policy, compile_trust_policy
from regions.policy.evaluate import TRUST_POLICY, Access, authorize
from regions.policy.flaws import PolicyError
from regions.policy.request import request_context
from regions.service.operation import Desk, Values
from regions.sts.errors import AccessDenied, PackedPolicyTooLarge
from regions.sts.operation import Counter, StsOperation, shown, whole_second
from regions.sts.token import Claims
from sim.units import NS_PER_SECOND

#: Seconds of a session when nobody says.
SESSION_S: Final = 3_600
#: Of a session that was asked for from within a session.
CHAINED_MAX_S: Final = 3_600
TAGS_MAX: Final = 50
#: Characters of session policies and tags that are 100 % of what a token holds; chosen, as the
#: real, unpublished limit is one of a packed form: a policy of 2,048 characters leaves room.
PACKED_MAX: Final = 4_096
_UNMODELLED: Final = ("SerialNumber", "TokenCode", "TransitiveTagKeys", "ProvidedContexts")


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    principal, counter = desk.call.principal, _counter(desk)
    arn, session = parameters["RoleArn"], parameters["RoleSessionName"]
    if account_of_role(arn) is None:
        raise ValidationError(f"{arn} is invalid")
    if principal.kind == "Root":
        raise AccessDenied("Roles may not be assumed by root accounts.")
    for member in _UNMODELLED:
        if parameters.get(member):
            raise UnsupportedOperationException(f"{member} is not modelled")
    role = counter.role
    if role is None:
        raise AccessDeniedException(
            f"User: {principal.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        )
    tags, source = _tags(parameters), _source_identity(desk, parameters)
    _authorize(desk, role, tags, source)
    duration_s = _duration_s(desk, role)
    policy, arns = _session_policies(parameters)
    packed = size_of([policy]) + sum(map(len, arns)) + sum(len(k) + len(v) for k, v in tags.items())
    if packed > PACKED_MAX:
        percent = -(-100 * packed // PACKED_MAX)
        raise PackedPolicyTooLarge(
            f"Packed size of session policies and tags consumes {percent}% of allotted space."
        )
    issued_ns = whole_second(desk.now_ns)
    claims = Claims(
        access_key_id="",
        kind="AssumedRole",
        account=role.account,
        owner=role.name,
        owner_id=role.role_id,
        session=session,
        policy=policy,
        policy_arns=arns,
        tags=tuple(tags.items()),
        source_identity=source,
        issued_ns=issued_ns,
        expires_ns=issued_ns + duration_s * NS_PER_SECOND,
    )
    credentials = counter.issue(claims)
    partition = role.arn.split(":", 2)[1]
    who = {
        "AssumedRoleId": f"{role.role_id}:{session}",
        "Arn": session_arn(partition, role.account, role.name, session),
    }
    body: dict[str, Any] = {"AssumedRoleUser": who}
    if packed:
        body["PackedPolicySize"] = -(-100 * packed // PACKED_MAX)
    if source:
        body["SourceIdentity"] = source
    desk.recorded = {"Credentials": shown(credentials), **body}
    return {"Credentials": credentials, **body}


def _counter(desk: Desk) -> Counter:
    counter: Counter = desk.state
    return counter


def _tags(parameters: Values) -> dict[str, str]:
    given = [(tag["Key"], tag["Value"]) for tag in parameters.get("Tags", ())]
    if len(given) > TAGS_MAX:
        raise ValidationError(f"Number of tags {len(given)} exceeds the limit of {TAGS_MAX}")
    names = [name.lower() for name, _ in given]
    if len(names) != len(frozenset(names)):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    return dict(given)


def _source_identity(desk: Desk, parameters: Values) -> str:
    """Return who is behind the session: it stays what it was in a chain of roles."""
    held: str = desk.call.principal.source_identity
    given: str = parameters.get("SourceIdentity", held)
    if held and given != held:
        raise AccessDenied("The SourceIdentity of a session cannot be changed.")
    return given


def _authorize(desk: Desk, role: FoundRole, tags: dict[str, str], source: str) -> None:
    """Ask the role's trust and the caller's own policies.

    Raises:
      AccessDeniedException: they do not allow the session, its tags or its source identity.
    """
    call, parameters = desk.call, desk.call.parameters
    try:
        trust = compile_trust_policy(role.trust)
    except PolicyError as error:  # It was checked when it was put.
        raise refusal_of(error) from None

    def context() -> dict[str, str | tuple[str, ...]]:
        seen = request_context(
            call,
            desk.now_ns,
            resource_account=role.account,
            resource_tags=dict(role.tags),
            request_tags=tags,
        )
        seen["sts:rolesessionname"] = parameters["RoleSessionName"]
        seen |= {f"iam:resourcetag/{name.lower()}": value for name, value in role.tags}
        if "ExternalId" in parameters:
            seen["sts:externalid"] = parameters["ExternalId"]
        if source:
            seen["sts:sourceidentity"] = source
        return seen

    needed = ["sts:AssumeRole"]
    needed += ["sts:TagSession"] if tags else []
    needed += ["sts:SetSourceIdentity"] if source else []
    for action in needed:
        authorize(
            Access(call.principal, action, role.arn, role.account, trust, context, TRUST_POLICY)
        )


def _duration_s(desk: Desk, role: FoundRole) -> int:
    duration_s: int = desk.call.parameters.get("DurationSeconds", SESSION_S)
    if desk.call.principal.session_ns and duration_s > CHAINED_MAX_S:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining."
        )
    if duration_s > role.max_session_s:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return duration_s


def _session_policies(parameters: Values) -> tuple[str, tuple[str, ...]]:
    """Return the session policy given as text, and the ARNs of managed ones."""
    policy: str = parameters.get("Policy", "")
    if policy:
        try:
            compile_identity_policy(policy)
        except PolicyError as error:
            raise refusal_of(error) from None
    arns = tuple(entry.get("arn", "") for entry in parameters.get("PolicyArns", ()))
    for arn in arns:
        if not arn.startswith("arn:") or ":policy/" not in arn:
            raise MalformedPolicyDocument(f"{arn} is no ARN of a managed policy")
    return policy, arns


OPERATION = StsOperation(
    name="AssumeRole",
    perform=_perform,
    read_only=True,
    secret=frozenset({"TokenCode"}),
    role_arn=lambda parameters: parameters["RoleArn"],
)
