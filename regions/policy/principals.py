"""The Principal and NotPrincipal elements of a resource's policy: whom a statement names, and how.

What does not belong here: what being named is worth (evaluate.py).
Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal". A name is matched
as written: that IAM stores a user's or role's unique id instead, so that a namesake made later is
not let in, is not modelled; policies may give the unique id themselves.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from regions.calls import Principal
from regions.names import canonical_id, is_account
from regions.policy.flaws import Flaw, PolicyError

#: How a statement names the asking principal; a higher value is a stronger way. By its account:
#: the account may let it in. By its role, or the user whose session it is: limited as that one
#: is. By name, or as everybody: it needs no more.
NOT_NAMED, BY_ACCOUNT, BY_ROLE, BY_NAME = 0, 1, 2, 3

_ARN: Final = re.compile(
    r"arn:aws(?:-cn|-us-gov)?:(?:iam|sts)::(\d{12}):"
    r"(root|user/[^*?]+|role/[^*?]+|assumed-role/[^*?]+/[^*?]+|federated-user/[^*?]+)"
)
#: Unique ids of users and roles, as their ARN reads once they are gone.
_UNIQUE_ID: Final = re.compile(r"A(?:ID|RO)A[A-Z0-9]{12,124}")
_CANONICAL: Final = re.compile(r"[0-9a-f]{64}")
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(?:\.cn)?")
_KINDS: Final = frozenset(("AWS", "Service", "Federated", "CanonicalUser"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """The Principal, or NotPrincipal, of one statement."""

    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    services: frozenset[str]
    federated: frozenset[str] = frozenset()  #: identity providers
    unique_ids: frozenset[str] = frozenset()
    canonical: frozenset[str] = frozenset()  #: of accounts, as S3 calls them
    inverted: bool = False
    denies: bool = False  #: the statement's effect, which tells what NotPrincipal means

    def names(self, principal: Principal) -> int:
        """Tell how the statement names a principal: from NOT_NAMED to BY_NAME."""
        if self.inverted:
            return self._not_listed(principal)
        arn = principal.arn
        if self.everyone or arn in self.arns or arn in self.federated:
            return BY_NAME
        strongest = NOT_NAMED
        if principal.issuer_arn in self.arns:
            strongest = BY_ROLE
        elif principal.kind == "AWSService":
            strongest = BY_NAME if principal.invoked_by in self.services else NOT_NAMED
        elif self.unique_ids and self._by_id(principal):
            strongest = self._by_id(principal)
        elif principal.account in self.accounts or (self.canonical and self._is_owned(principal)):
            strongest = BY_NAME if principal.kind == "Root" else BY_ACCOUNT
        return strongest

    def _not_listed(self, principal: Principal) -> int:
        """Tell whether NotPrincipal leaves a principal to the statement."""
        listed = self._listed(principal)
        # IAM may ask for the account, then the role, then the session: a denial spares only whom
        # it lists with all of them. An allow reaches only who is not listed in any way.
        spared = all(listed) if self.denies else any(listed)
        return NOT_NAMED if spared else BY_NAME

    def _is_owned(self, principal: Principal) -> bool:
        return canonical_id(principal.account) in self.canonical

    def _by_id(self, principal: Principal) -> int:
        owner, colon, _session = principal.principal_id.partition(":")
        if owner not in self.unique_ids:
            return NOT_NAMED
        return BY_ROLE if colon else BY_NAME

    def _listed(self, principal: Principal) -> list[bool]:
        """Tell of a principal, and of all that it belongs to, whether each is listed."""
        if self.everyone:
            return [True]
        if principal.kind == "AWSService":
            return [principal.invoked_by in self.services]
        account = principal.account in self.accounts or self._is_owned(principal)
        if principal.kind == "Root":
            return [account]
        own = principal.arn in self.arns or principal.arn in self.federated
        if not principal.issuer_arn:
            return [own or self._by_id(principal) == BY_NAME, account]
        issuer = principal.issuer_arn in self.arns or self._by_id(principal) != NOT_NAMED
        return [own, issuer, account]


def parse_principals(value: Any, *, inverted: bool, denies: bool) -> Principals:
    """Return the principals of one element's JSON value.

    Raises:
      PolicyError: it names something that is no principal.
    """
    if value == "*":
        value = {"AWS": "*"}
    if not isinstance(value, dict) or not value or not value.keys() <= _KINDS:
        raise PolicyError(Flaw.PRINCIPAL, value if isinstance(value, str) else "")
    named = [_of_aws(text) for text in _texts(value, "AWS")]

    def of(kind: str) -> frozenset[str]:
        return frozenset(text for found, text in named if found == kind)

    return Principals(
        everyone=("everyone", "") in named,
        accounts=of("account"),
        arns=of("arn"),
        services=frozenset(_checked(value, "Service", _SERVICE)),
        federated=frozenset(_texts(value, "Federated")),
        unique_ids=of("unique id"),
        canonical=frozenset(_checked(value, "CanonicalUser", _CANONICAL)),
        inverted=inverted,
        denies=denies,
    )


def _texts(value: dict[str, Any], kind: str) -> list[str]:
    found = value.get(kind, [])
    texts = found if isinstance(found, list) else [found]
    if not all(isinstance(text, str) and text for text in texts):
        raise PolicyError(Flaw.PRINCIPAL)
    return texts


def _checked(value: dict[str, Any], kind: str, form: re.Pattern[str]) -> list[str]:
    texts = _texts(value, kind)
    for text in texts:
        if form.fullmatch(text) is None:
            raise PolicyError(Flaw.PRINCIPAL, text)
    return texts


def _of_aws(text: str) -> tuple[str, str]:
    """Return what an AWS principal stands for: everyone, an account, one ARN or unique id."""
    if text == "*":
        return "everyone", ""
    if is_account(text):
        return "account", text
    if _UNIQUE_ID.fullmatch(text):
        return "unique id", text
    match = _ARN.fullmatch(text)
    if match is None:
        raise PolicyError(Flaw.PRINCIPAL, text)
    return ("account", match[1]) if match[2] == "root" else ("arn", text)
