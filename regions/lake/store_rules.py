"""What settings an event data store may have, and what may be done to it when.

What does not belong here: shapes of requests (the service's model), and what a store is.
Source: CloudTrail API Reference, CreateEventDataStore and AdvancedFieldSelector; quotas. Texts of
these errors are our own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from regions.errors import InvalidEventSelectorsException, InvalidParameterException
from regions.lake.changes import EventDataStore
from regions.lake.desk import LakeDesk
from regions.lake.errors import (
    EventDataStoreAlreadyExistsException,
    EventDataStoreMaxLimitExceededException,
    InvalidEventDataStoreCategoryException,
    InvalidEventDataStoreStatusException,
)
from regions.lake.stores import (
    FIXED,
    OF_CALLS,
    RETENTION_FIXED,
    STORES_MAX,
    category_of,
    status,
)
from regions.trail.selector_rules import STORE_FIELDS, read_advanced
from regions.trail.selectors import AdvancedSelector

#: Categories of events that nothing here makes; a store of them would stay empty.
UNMODELLED: Final = ("ConfigurationItem", "Evidence")


def check_name(desk: LakeDesk, name: str) -> None:
    """Refuse a name that another store of the account has.

    Raises:
      EventDataStoreAlreadyExistsException: it is taken.
    """
    mine = desk.state.stores_of(desk.account)
    if any(store.name == name and not store.deleted_ns for store in mine):
        raise EventDataStoreAlreadyExistsException(f"Event data store {name} already exists.")


def check_room(desk: LakeDesk) -> None:
    """Refuse one more store where there are as many as there may be.

    Raises:
      EventDataStoreMaxLimitExceededException: there are ten.
    """
    mine = [store for store in desk.state.stores_of(desk.account) if not store.deleted_ns]
    if len(mine) >= STORES_MAX:
        raise EventDataStoreMaxLimitExceededException(
            f"User: {desk.account} already has {STORES_MAX} event data stores in {desk.region}."
        )


def check_retention(retention_days: int, billing: str) -> int:
    """Return a retention period that its price allows.

    Raises:
      InvalidParameterException: it is longer.
    """
    if billing == FIXED and retention_days > RETENTION_FIXED:
        raise InvalidParameterException(
            f"RetentionPeriod {retention_days}: expected at most {RETENTION_FIXED} days with"
            f" {FIXED}."
        )
    return retention_days


def read_selectors(given: Sequence[Mapping[str, Any]]) -> tuple[AdvancedSelector, ...]:
    """Return the advanced event selectors of a request, if a store may have them.

    Raises:
      InvalidEventSelectorsException: one is not as the API Reference says, its category is not
        modelled, or their categories do not go together.
    """
    for one in given:
        for field in one["FieldSelectors"]:
            for value in field.get("Equals") or ():
                if field["Field"] == "eventCategory" and value in UNMODELLED:
                    raise InvalidEventSelectorsException(f"Event category {value} is not modelled.")
    selectors = read_advanced(given, STORE_FIELDS)
    categories = {selector.category for selector in selectors}
    if len(categories) > 1 and not categories <= OF_CALLS:
        raise InvalidEventSelectorsException(
            f"Event categories {', '.join(sorted(categories))} cannot be in one event data store."
        )
    return selectors


def check_ingests(store: EventDataStore) -> None:
    """Refuse to start or stop what does not take events of calls in.

    Raises:
      InvalidEventDataStoreCategoryException: it is filled by channels, or with Insights events.
    """
    if category_of(store) not in OF_CALLS:
        raise InvalidEventDataStoreCategoryException(
            f"Event data store {store.name} is for events of category {category_of(store)}."
        )


def check_status(store: EventDataStore, now_ns: int, expected: str) -> None:
    """Refuse what a store's status forbids.

    Raises:
      InvalidEventDataStoreStatusException: it has another status.
    """
    found = status(store, now_ns)
    if found != expected:
        raise InvalidEventDataStoreStatusException(
            f"Event data store {store.name} has status {found}; expected {expected}."
        )
