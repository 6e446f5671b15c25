"""A grant gives a key's use to another account: it stands in no policy, so few will look there."""

from scenarios.audit.detections.detection import HIGH, OneByOne, account_of
from scenarios.audit.event import Event, text
from scenarios.audit.naming import KMS, named


class ForeignGrant(OneByOne):
    """CreateGrant was accepted for a grantee of another account than the key's."""

    name = "foreign-grant"
    summary = "a grant was made to another account"
    severity = HIGH

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge a CreateGrant."""
        if event.service != KMS or event.name != "CreateGrant" or event.error:
            return None
        key = next(iter(named(event).arns), "")
        grantee = text(event.parameters, "granteePrincipal")
        owner, other = account_of(key) or event.account, account_of(grantee)
        if not other or other == owner:
            return None
        allowed = event.parameters.get("operations")
        words = ", ".join(map(str, allowed)) if isinstance(allowed, list) else "?"
        return key, f"granted to {grantee}: {words}"
