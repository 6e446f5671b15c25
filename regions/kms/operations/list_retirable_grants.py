"""ListRetirableGrants: the grants of this region that name one principal as theirs to retire.

Source: AWS KMS API Reference, ListRetirableGrants: grants on keys of any account; the permission is
asked for on the retiring principal.
"""

from typing import Any

from regions.errors import ValidationException
from regions.kms.grant import principals_of
from regions.kms.grant_pages import page
from regions.kms.operation import Operation, Turn, authorize_identity


class ListRetirableGrants(Operation):
    """Return one page, oldest grants first."""

    action = "ListRetirableGrants"
    recorded = "RetiringPrincipal RetiringServicePrincipal Limit Marker"

    def check(self, turn: Turn) -> None:
        """Demand one principal; a service is asked for by services only."""
        super().check(turn)
        person = turn.parameters.get("RetiringPrincipal")
        service = turn.parameters.get("RetiringServicePrincipal")
        if bool(person) == bool(service):
            raise ValidationException(
                "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not"
                " both."
            )
        if service and turn.principal.kind != "AWSService":
            raise ValidationException(
                "RetiringServicePrincipal is a filter for service principals only."
            )
        principals_of(person or service)

    def authorize(self, turn: Turn) -> None:
        """Ask the caller's own policies, about the retiring principal."""
        authorize_identity(turn, self.permission, self._retirer(turn))

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        grants, retirer = turn.keyring.grants, self._retirer(turn)
        return page(turn, lambda sequence: grants.retirable_after(retirer, sequence))

    def _retirer(self, turn: Turn) -> str:
        given = turn.parameters
        retirer: str = given.get("RetiringPrincipal") or given["RetiringServicePrincipal"]
        return retirer
