"""The condition keys of KMS: what a policy's Condition may ask of one call.

A key that a call has no value for is absent, so that operators treat it as missing. What a key is
like is read from its metadata, so a property that DescribeKey shows is the one that policies see.
What does not belong here: keys that every service has (policy/request.py), and how they compare
(policy/conditions.py).
Source: AWS KMS Developer Guide, "AWS KMS condition keys". kms:RecipientAttestation:ImageSha384 and
kms:RecipientAttestation:PCR<n> are what the attestation document says, in lower-case hex.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from regions.kms.attestation import attested_conditions
from regions.kms.key import Key, metadata
from regions.kms.key_specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from regions.names import via_service
from regions.policy.request import Values, request_context

if TYPE_CHECKING:
    from regions.kms.operation import Turn

#: Parameter to the condition key that shows it.
_PARAMETERS: Final = {
    "EncryptionAlgorithm": "kms:encryptionalgorithm",
    "ExpirationModel": "kms:expirationmodel",
    "KeyAgreementAlgorithm": "kms:keyagreementalgorithm",
    "KeyPairSpec": "kms:datakeypairspec",
    "MacAlgorithm": "kms:macalgorithm",
    "MessageType": "kms:messagetype",
    "PendingWindowInDays": "kms:schedulekeydeletionpendingwindowindays",
    "PolicyName": "kms:policyname",
    "PrimaryRegion": "kms:primaryregion",
    "ReplicaRegion": "kms:replicaregion",
    "RotationPeriodInDays": "kms:rotationperiodindays",
    "SigningAlgorithm": "kms:signingalgorithm",
    "ValidTo": "kms:validto",
    "WrappingAlgorithm": "kms:wrappingalgorithm",
    "WrappingKeySpec": "kms:wrappingkeyspec",
}
#: Parameters whose default policies see when the caller leaves them out, and of which actions.
_DEFAULTS: Final = (
    (
        "EncryptionAlgorithm",
        SYMMETRIC_DEFAULT,
        (
            *("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
            *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
        ),
    ),
    ("MessageType", "RAW", ("Sign", "Verify")),
    ("PolicyName", "default", ("GetKeyPolicy", "PutKeyPolicy")),
)
_DEFAULTS_OF: Final = {
    action: {member: default} for member, default, actions in _DEFAULTS for action in actions
}
#: Actions that take BypassPolicyLockoutSafetyCheck, which is false unless the caller sets it.
_LOCKABLE: Final = frozenset(("CreateKey", "PutKeyPolicy", "ReplicateKey"))
#: Actions that kms:GrantIsForAWSResource speaks of.
_GRANTING: Final = frozenset(("CreateGrant", "ListGrants", "RevokeGrant"))
#: Parameter of CreateGrant to the condition key that shows it.
_GRANT: Final = {
    "GranteePrincipal": "kms:granteeprincipal",
    "GranteeServicePrincipal": "kms:granteeserviceprincipal",
    "RetiringPrincipal": "kms:retiringprincipal",
    "RetiringServicePrincipal": "kms:retiringserviceprincipal",
}
#: ReEncrypt's parameter of either side's context to that of its algorithm.
_ALGORITHM_BESIDE: Final = {
    "SourceEncryptionContext": "SourceEncryptionAlgorithm",
    "DestinationEncryptionContext": "DestinationEncryptionAlgorithm",
}


def condition_context(turn: "Turn", key: Key | None, context_member: str) -> Values:
    """Return the condition keys of a call, lower-cased, for the policies that ask for them.

    Args:
      turn: the call.
      key: the key that is asked for; None of a call that needs none.
      context_member: the parameter whose pairs are the encryption context.
    """
    call, principal, parameters = turn.call, turn.principal, turn.parameters
    tags = parameters.get("Tags")
    seen = request_context(
        call,
        turn.now_ns,
        resource_account="" if key is None else key.account,
        resource_tags=None if key is None else key.tags,
        request_tags={tag["TagKey"]: tag["TagValue"] for tag in tags} if tags else None,
    )
    if parameters.get("TagKeys"):
        seen["aws:tagkeys"] = tuple(parameters["TagKeys"])
    seen["kms:calleraccount"] = principal.account
    if principal.via_service:
        seen["kms:viaservice"] = via_service(principal.via_service, turn.region)
    if key is not None:
        seen.update(_of_key(key, turn.region))
        names = turn.keyring.alias_names(key.key_id)
        if names:
            seen["kms:resourcealiases"] = names
    elif call.action == "CreateKey":
        seen.update(_of_new_key(parameters))
    if turn.alias:
        seen["kms:requestalias"] = turn.alias
    if turn.source is not None and turn.key is not None:
        seen["kms:reencryptonsamekey"] = _truth(turn.source.key_id == turn.key.key_id)
    if call.action in _LOCKABLE:
        bypass = parameters.get("BypassPolicyLockoutSafetyCheck")
        seen["kms:bypasspolicylockoutsafetycheck"] = _truth(bypass)
    if turn.recipient is not None:
        seen.update(attested_conditions(turn.recipient))
    _add_parameters(seen, call.action, parameters, context_member)
    _add_grant(seen, turn)
    return seen


def _of_key(key: Key, region: str) -> Iterator[tuple[str, str]]:
    shown = metadata(key, region)
    return _of_metadata(
        spec=shown["KeySpec"],
        usage=shown["KeyUsage"],
        origin=shown["Origin"],
        kind=shown.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType", ""),
        multi_region=shown.get("MultiRegion"),
    )


def _of_new_key(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    spec = parameters.get("KeySpec") or parameters.get("CustomerMasterKeySpec")
    multi_region = parameters.get("MultiRegion")
    return _of_metadata(
        spec=spec or SYMMETRIC_DEFAULT,
        usage=parameters.get("KeyUsage") or ENCRYPT_DECRYPT,
        origin=parameters.get("Origin") or "AWS_KMS",
        kind="PRIMARY" if multi_region else "",
        multi_region=multi_region,
    )


def _of_metadata(
    *, spec: str, usage: str, origin: str, kind: str, multi_region: object
) -> Iterator[tuple[str, str]]:
    yield "kms:keyspec", spec
    yield "kms:customermasterkeyspec", spec  # deprecated twins
    yield "kms:keyusage", usage
    yield "kms:customermasterkeyusage", usage
    yield "kms:keyorigin", origin
    yield "kms:multiregion", _truth(multi_region)
    if kind:
        yield "kms:multiregionkeytype", kind


def _add_parameters(
    seen: Values, action: str, parameters: Mapping[str, Any], context_member: str
) -> None:
    context = parameters.get(context_member)
    if context:
        _add_encryption_context(seen, context)
    algorithm = _ALGORITHM_BESIDE.get(context_member)
    if algorithm is not None:
        seen["kms:encryptionalgorithm"] = parameters.get(algorithm, SYMMETRIC_DEFAULT)
    given = {**_DEFAULTS_OF.get(action, {}), **parameters}
    for member, name in _PARAMETERS.items():
        value = given.get(member)
        if value is not None:
            seen[name] = str(value)


def _add_encryption_context(seen: Values, context: Mapping[str, str]) -> None:
    seen["kms:encryptioncontextkeys"] = tuple(context)
    for name, value in context.items():
        seen[f"kms:encryptioncontext:{name.lower()}"] = value


def _add_grant(seen: Values, turn: "Turn") -> None:
    action, parameters = turn.call.action, turn.parameters
    if action in _GRANTING:
        principal = turn.principal
        served = principal.via_service or principal.kind == "AWSService"
        seen["kms:grantisforawsresource"] = _truth(served)
    if action != "CreateGrant":
        return
    seen["kms:grantoperations"] = tuple(parameters["Operations"])
    for member, name in _GRANT.items():
        if parameters.get(member):
            seen[name] = parameters[member]
    constraints = parameters.get("Constraints") or {}
    for kind in ("EncryptionContextEquals", "EncryptionContextSubset"):
        if constraints.get(kind):
            seen["kms:grantconstrainttype"] = kind
            _add_encryption_context(seen, constraints[kind])
    if constraints.get("SourceArn"):
        seen["kms:grantconstraintsourcearn"] = constraints["SourceArn"]


def _truth(value: object) -> str:
    return "true" if value else "false"
