"""CreateGrant: let a principal do some things with a key.

Source: AWS KMS API Reference, CreateGrant and GrantConstraints; AWS KMS Developer Guide, "Creating
grants". Messages of "More than one constraint" and "only the CreateGrant operation" as users report
them; the others are chosen.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import ValidationException
from regions.kms.changes import GrantCreated
from regions.kms.grant import (
    CREATE_GRANT,
    EQUALS,
    OPERATIONS_OF_USAGE,
    RETIRE_GRANT,
    SUBSET,
    SYMMETRIC_OPERATIONS,
    Grant,
    principals_of,
)
from regions.kms.grant_tokens import grant_id_of, grant_token
from regions.kms.key import Key, metadata
from regions.kms.key_specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from regions.kms.operation import Operation, Turn

PAIRS_MAX: Final = 8  #: of one constraint
CHARACTERS_MAX: Final = 384  #: of all names and values of one constraint
_PRINCIPALS: Final = ("GranteePrincipal", "RetiringPrincipal")
_SERVICES: Final = ("GranteeServicePrincipal", "RetiringServicePrincipal")


class CreateGrant(Operation):
    """Add a grant; a Name makes the request repeatable."""

    action = "CreateGrant"
    read_only = False
    key_member = "KeyId"
    crosses_accounts = True
    recorded = (
        "KeyId Operations GranteePrincipal GranteeServicePrincipal RetiringPrincipal "
        "RetiringServicePrincipal Name DryRun"
    )

    def check(self, turn: Turn) -> None:
        """Refuse principals, constraints and operations that no grant has."""
        super().check(turn)
        given = turn.parameters
        _check_principals(given)
        constraints = given.get("Constraints") or {}
        contexts = [constraints[kind] for kind in (EQUALS, SUBSET) if kind in constraints]
        if len(contexts) > 1:
            raise ValidationException("More than one constraint supplied")
        for context in contexts:
            _check_context(context)
        if not given["Operations"]:
            raise ValidationException("Grants must contain at least one operation.")
        if set(given["Operations"]) == {CREATE_GRANT}:
            raise ValidationException("Grants must not contain only the CreateGrant operation.")

    def resolve(self, turn: Turn) -> None:
        """Find the key, and draw the grant: leave to make it may come from another grant."""
        super().resolve(turn)
        turn.child = drawn(turn, turn.found)

    def allow_in_state(self, turn: Turn) -> None:
        """Ask the key's state, and whether a key of its kind can do what is to be allowed."""
        super().allow_in_state(turn)
        _check_operations(turn.parameters, turn.found, turn.region)

    def change(self, turn: Turn) -> GrantCreated | None:
        """Add the grant, unless one of its Name says the same."""
        assert turn.child is not None, "resolve() has drawn it"
        turn.standing = turn.keyring.grants.same(turn.child)
        if turn.standing is not None:
            return None
        return GrantCreated(grant=turn.child, limited=turn.limited)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the id of the grant that stands, and one more token of it."""
        grant_id = turn.standing.grant_id
        return {"GrantToken": grant_token(turn.region, grant_id, turn.seed), "GrantId": grant_id}

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the constraints in the record's own spelling."""
        seen = super().request_parameters(turn)
        constraints = turn.parameters.get("Constraints")
        if not constraints:
            return seen
        shown = {name[0].lower() + name[1:]: value for name, value in constraints.items()}
        return {**(seen or {}), "constraints": shown}

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the grant and the key; of tokens no record tells."""
        grant = turn.child if turn.standing is None else turn.standing
        assert grant is not None, "resolve() has drawn it"
        return {"grantId": grant.grant_id, "keyId": turn.found.arn(turn.region)}


def drawn(turn: Turn, key: Key) -> Grant:
    """Return the grant that a call asks for."""
    given = turn.parameters
    constraints = given.get("Constraints") or {}
    kind = next((kind for kind in (EQUALS, SUBSET) if kind in constraints), "")
    return Grant(
        grant_id=grant_id_of(turn.seed),
        key_id=key.key_id,
        issuer=turn.principal.account,
        created_ns=turn.now_ns,
        operations=tuple(given["Operations"]),
        grantee=given.get("GranteePrincipal") or "",
        grantee_service=given.get("GranteeServicePrincipal") or "",
        retiring=given.get("RetiringPrincipal") or "",
        retiring_service=given.get("RetiringServicePrincipal") or "",
        name=given.get("Name") or "",
        constraint=kind,
        pairs=dict(constraints[kind]) if kind else None,
        source_arn=constraints.get("SourceArn") or "",
    )


def _check_principals(given: Mapping[str, Any]) -> None:
    for person, service in zip(_PRINCIPALS, _SERVICES, strict=True):
        if given.get(person) and given.get(service):
            raise ValidationException(f"You cannot specify both {person} and {service}.")
    if not given.get("GranteePrincipal") and not given.get("GranteeServicePrincipal"):
        raise ValidationException(
            "You must specify either GranteePrincipal or GranteeServicePrincipal."
        )
    if given.get("GranteeServicePrincipal"):
        if not (given.get("Constraints") or {}).get("SourceArn"):
            raise ValidationException("GranteeServicePrincipal requires a SourceArn constraint.")
        if not given.get("RetiringPrincipal") and not given.get("RetiringServicePrincipal"):
            raise ValidationException(
                "GranteeServicePrincipal requires RetiringPrincipal or RetiringServicePrincipal."
            )
    for member in (*_PRINCIPALS, *_SERVICES):
        if given.get(member):
            principals_of(given[member])


def _check_context(context: Mapping[str, str]) -> None:
    if len(context) > PAIRS_MAX:
        raise ValidationException(f"A grant constraint has at most {PAIRS_MAX} pairs.")
    length = sum(len(name) + len(value) for name, value in context.items())
    if length > CHARACTERS_MAX:
        raise ValidationException(f"A grant constraint has at most {CHARACTERS_MAX} characters.")


def _check_operations(given: Mapping[str, Any], key: Key, region: str) -> None:
    shown = metadata(key, region)
    spec, usage = shown["KeySpec"], shown["KeyUsage"]
    symmetric = (spec, usage) == (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT)
    possible = SYMMETRIC_OPERATIONS if symmetric else OPERATIONS_OF_USAGE[usage]
    for operation in given["Operations"]:
        if operation not in possible:
            raise ValidationException(
                f"Operation {operation} is not valid for a grant on a key of spec {spec} and"
                f" usage {usage}."
            )
    constraints = given.get("Constraints") or {}
    bound = EQUALS in constraints or SUBSET in constraints
    if bound and not symmetric and not {*given["Operations"]} <= {"DescribeKey", RETIRE_GRANT}:
        raise ValidationException(
            "Encryption context constraints are valid for symmetric encryption keys only."
        )
