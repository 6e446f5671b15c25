"""Errors that CloudTrail Lake answers with, beside those that every service or trail has.

What does not belong here: the texts, which stand where each error is raised.
Source: botocore service models cloudtrail/2013-11-01 and cloudtrail-data/2021-08-11.
"""

from typing import Any, Final

from regions.errors import ServiceError


class EventDataStoreAlreadyExistsException(ServiceError):
    """The account has an event data store of that name in the region."""


class EventDataStoreARNInvalidException(ServiceError):
    """The ARN is not one of an event data store of this account and region."""


class EventDataStoreMaxLimitExceededException(ServiceError):
    """The account has as many event data stores in the region as it may have."""


class EventDataStoreNotFoundException(ServiceError):
    """There is no such event data store."""


class EventDataStoreTerminationProtectedException(ServiceError):
    """The event data store is protected from being deleted."""


class EventDataStoreHasOngoingImportException(ServiceError):
    """Events are being copied into the event data store."""


class InactiveEventDataStoreException(ServiceError):
    """The event data store waits for its deletion."""


class InvalidEventDataStoreStatusException(ServiceError):
    """The event data store's status forbids the action."""


class InvalidEventDataStoreCategoryException(ServiceError):
    """The event data store is for events of another category."""


class InvalidQueryStatementException(ServiceError):
    """The statement is no query, or says what a query may not say."""


class InvalidQueryStatusException(ServiceError):
    """There is no such status of a query."""


class InvalidDateRangeException(ServiceError):
    """The range starts after its end."""


class MaxConcurrentQueriesException(ServiceError):
    """As many queries of the account run as may run."""


class QueryIdNotFoundException(ServiceError):
    """There is no such query, or its results are kept no longer."""


class InactiveQueryException(ServiceError):
    """The query has ended already."""


class ImportNotFoundException(ServiceError):
    """There is no such import."""


class InvalidImportSourceException(ServiceError):
    """Nothing can be imported from there."""


class AccountHasOngoingImportException(ServiceError):
    """The account imports something already."""


class ChannelMaxLimitExceededException(ServiceError):
    """The account has as many channels in the region as it may have."""


class ChannelAlreadyExistsException(ServiceError):
    """The account has a channel of that name in the region."""


class ChannelARNInvalidException(ServiceError):
    """The ARN is not one of a channel."""


class ChannelNotFoundException(ServiceError):
    """There is no such channel."""


class ChannelExistsForEDSException(ServiceError):
    """A channel leads to the event data store, so it cannot be deleted."""


class InvalidSourceException(ServiceError):
    """A channel's source is not acceptable."""


class ResourceARNNotValidException(ServiceError):
    """The ARN is not one of an event data store or a channel."""


class ResourcePolicyNotFoundException(ServiceError):
    """The resource has no policy."""


class ResourcePolicyNotValidException(ServiceError):
    """The policy is no valid document, or speaks of another resource."""


class ChannelNotFound(ServiceError):
    """There is no such channel, as PutAuditEvents says it."""


class InvalidChannelARN(ServiceError):
    """The ARN is not one of a channel, as PutAuditEvents says it."""


class ChannelUnsupportedSchema(ServiceError):
    """The channel does not take such events."""


class DuplicatedAuditEventId(ServiceError):
    """Two events of one call have the same id."""


#: Wire ids 700–734, of 700–739. Ids are never reused.
LAKE_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    700: EventDataStoreAlreadyExistsException,
    701: EventDataStoreARNInvalidException,
    702: EventDataStoreMaxLimitExceededException,
    703: EventDataStoreNotFoundException,
    704: EventDataStoreTerminationProtectedException,
    705: EventDataStoreHasOngoingImportException,
    706: InactiveEventDataStoreException,
    707: InvalidEventDataStoreStatusException,
    708: InvalidEventDataStoreCategoryException,
    709: InvalidQueryStatementException,
    710: InvalidQueryStatusException,
    711: InvalidDateRangeException,
    713: MaxConcurrentQueriesException,
    714: QueryIdNotFoundException,
    715: InactiveQueryException,
    716: ImportNotFoundException,
    717: InvalidImportSourceException,
    718: AccountHasOngoingImportException,
    719: ChannelMaxLimitExceededException,
    720: ChannelAlreadyExistsException,
    721: ChannelARNInvalidException,
    722: ChannelNotFoundException,
    723: ChannelExistsForEDSException,
    724: InvalidSourceException,
    725: ResourceARNNotValidException,
    726: ResourcePolicyNotFoundException,
    727: ResourcePolicyNotValidException,
    731: ChannelNotFound,
    732: InvalidChannelARN,
    733: ChannelUnsupportedSchema,
    734: DuplicatedAuditEventId,
}
