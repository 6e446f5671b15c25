"""Tags of users, roles and policies: what the actions of each have in common.

What does not belong here: what tags are good for (policy/).
Source: IAM User Guide, "Tags for IAM resources": names are unique whatever their case.
"""

from typing import Any, Final

from regions.iam.changes import Pairs, Policy, Role, User
from regions.iam.errors import InvalidInput
from regions.iam.pages import page
from regions.iam.quotas import check_quota
from regions.iam.wants import Perform, tags_of
from regions.service.operation import Desk, Values
from sim.quick import changed

Tagged = type[User] | type[Role] | type[Policy]
_RESERVED: Final = "aws:"


def joined(cls: Tagged, before: Pairs, parameters: Values) -> Pairs:
    """Return tags with those of a request: they replace others of the same name.

    Raises:
      InvalidInput: a name is reserved, or given twice.
      LimitExceeded: they are too many.
    """
    given = [(tag["Key"], tag["Value"]) for tag in parameters.get("Tags", ())]
    names = [name.lower() for name, _ in given]
    if len(names) != len(frozenset(names)):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(name.startswith(_RESERVED) for name in names):
        raise InvalidInput("System tags cannot be added/updated/deleted.")
    kept = tuple((name, value) for name, value in before if name.lower() not in names)
    check_quota(f"TagsPer{cls.__name__}", len(kept) + len(given))
    return (*kept, *given)


def _find(desk: Desk, cls: Any, parameters: Values) -> Any:
    if cls is Policy:
        return desk.state.own_policy(parameters["PolicyArn"], desk.account)
    return desk.state.find(cls, desk.account, parameters[f"{cls.__name__}Name"])


def tag(cls: Tagged) -> Perform:
    """Return what sets tags."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        found = _find(desk, cls, parameters)
        desk.change(changed(found, tags=joined(cls, found.tags, parameters)))
        return {}

    return perform


def untag(cls: Tagged) -> Perform:
    """Return what takes tags away; those that are not there do not matter."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        found = _find(desk, cls, parameters)
        gone = frozenset(name.lower() for name in parameters["TagKeys"])
        kept = tuple((name, value) for name, value in found.tags if name.lower() not in gone)
        desk.change(changed(found, tags=kept))
        return {}

    return perform


def list_tags(cls: Tagged) -> Perform:
    """Return what lists tags."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        tags = sorted(_find(desk, cls, parameters).tags, key=lambda pair: pair[0].lower())

        def name(pair: tuple[str, str]) -> str:
            return pair[0]

        def shape(pair: tuple[str, str]) -> dict[str, str]:
            return {"Key": pair[0], "Value": pair[1]}

        return page(parameters, "Tags", tags, name, shape)

    return perform


def new_tags(cls: Tagged, parameters: Values) -> Pairs:
    """Return the tags that something new gets."""
    return joined(cls, (), parameters) if tags_of(parameters) else ()
