"""What settings an event data store may have, and what may be done to it when.

What does not belong here: shapes of requests (the service's model), and what a store is.
Source: CloudTrail API Reference, CreateEventDataStore and AdvancedFieldSelector; quotas. Texts of
these errors are our own.
"""

from typing import Final

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
    ACTIVITY,
    FIXED,
    OF_CALLS,
    RETENTION_FIXED,
    STORES_MAX,
    category_of,
    status,
)
from regions.trail.selectors import FIELDS, INSIGHT, RESOURCE_FIELDS, AdvancedSelector

#: Source: quotas: values of all selectors of one store.
VALUES_MAX: Final = 500
#: Categories of events that are modelled; stores of others would stay empty.
CATEGORIES: Final = OF_CALLS | {ACTIVITY, INSIGHT}


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


def check_selectors(selectors: tuple[AdvancedSelector, ...]) -> None:
    """Refuse selectors that no store may have.

    Raises:
      InvalidEventSelectorsException: one has no category or no known field, their categories do
        not go together, or they have too many values.
    """
    categories = {_category(selector) for selector in selectors}
    if len(categories) > 1 and not categories <= OF_CALLS:
        raise InvalidEventSelectorsException(
            f"Event categories {', '.join(sorted(categories))} cannot be in one event data store."
        )
    values = 0
    for selector in selectors:
        for field in selector.fields:
            if field.field not in (*FIELDS, *RESOURCE_FIELDS):
                raise InvalidEventSelectorsException(f"Field {field.field} is not supported.")
            values += sum(
                len(given)
                for given in (
                    field.equals,
                    field.not_equals,
                    field.starts_with,
                    field.not_starts_with,
                    field.ends_with,
                    field.not_ends_with,
                )
            )
    if values > VALUES_MAX:
        raise InvalidEventSelectorsException(
            f"Selectors have {values} values; at most {VALUES_MAX} are allowed."
        )


def _category(selector: AdvancedSelector) -> str:
    for field in selector.fields:
        if field.field == "eventCategory" and len(field.equals) == 1:
            if field.equals[0] not in CATEGORIES:
                raise InvalidEventSelectorsException(
                    f"Event category {field.equals[0]} is not modelled."
                )
            return field.equals[0]
    raise InvalidEventSelectorsException("Each selector needs one eventCategory, with Equals.")


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
