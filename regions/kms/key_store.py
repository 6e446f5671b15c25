"""Custom key stores: what a region keeps of each, their states, and the errors of their actions.

A store is registered here and stands for a cluster or a proxy that its owner runs. What does not
belong here: how stores change (stores.py), and keys in stores: a key can be made only in a store
that is connected, and no store ever is, as long as there are no clusters and no proxies.
Limits: a store is created without a look at what it names, so errors that only a look can give
(a cluster that is not there, a proxy that does not answer) show when it is connected. Secrets
(KeyStorePassword, RawSecretAccessKey) open nothing and are not kept.
Source: AWS KMS API Reference, CreateCustomKeyStore and CustomKeyStoresListEntry; AWS KMS Developer
Guide, "Custom key stores", "External key stores".
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from regions.errors import ServiceError
from regions.kms.key import timestamp
from sim.units import minutes, seconds
from sim.wire import Message

CLOUDHSM: Final = "AWS_CLOUDHSM"
EXTERNAL: Final = "EXTERNAL_KEY_STORE"
#: Both kinds, in any state, per account and region; not adjustable.
STORES_MAX: Final = 10
#: How long it takes to find out that nothing is there; chosen: a connection that works takes up
#: to twenty minutes, one that cannot fails early.
CONNECTING_NS: Final = minutes(1)
DISCONNECTING_NS: Final = seconds(10)  #: chosen
#: Kind to the ConnectionErrorCode with which connecting ends.
CONNECTION_ERRORS: Final = {CLOUDHSM: "CLUSTER_NOT_FOUND", EXTERNAL: "XKS_PROXY_NOT_REACHABLE"}


class Connection(StrEnum):
    """CustomKeyStoresListEntry.ConnectionState; CONNECTED is not reached yet."""

    CONNECTED = "CONNECTED"
    CONNECTING = "CONNECTING"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"
    DISCONNECTING = "DISCONNECTING"


class CloudHsmClusterInUseException(ServiceError):
    """The cluster backs another key store already."""


class CustomKeyStoreInvalidStateException(ServiceError):
    """The store's connection state forbids this action."""


class CustomKeyStoreNameInUseException(ServiceError):
    """The account has a store of that name in the region."""


class CustomKeyStoreNotFoundException(ServiceError):
    """The account has no such store in the region."""


class IncorrectTrustAnchorException(ServiceError):
    """The certificate is none that a cluster could have been initialised with."""


class XksProxyUriInUseException(ServiceError):
    """Endpoint and path belong to another external store already."""


class XksProxyUriEndpointInUseException(ServiceError):
    """The endpoint belongs to another external store, and may not be shared."""


class XksProxyVpcEndpointServiceInUseException(ServiceError):
    """The VPC endpoint service belongs to another external store already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStore(Message):
    """A custom key store as every replica of its region keeps it."""

    store_id: str  #: ``cks-`` and 17 hex digits
    account: str
    name: str
    kind: str  #: AWS_CLOUDHSM or EXTERNAL_KEY_STORE
    created_ns: int  #: calendar
    connection: str = Connection.DISCONNECTED.value
    settles_ns: int = 0  #: calendar time at which connecting or disconnecting is over; 0: at rest
    cluster_id: str = ""
    trust_anchor: str = ""
    connectivity: str = ""  #: of an external store, as all that follow
    endpoint: str = ""
    path: str = ""
    endpoint_service: str = ""
    endpoint_owner: str = ""
    access_key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCreated(Message):
    """A key store is registered, disconnected."""

    store: KeyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChanged(Message):
    """Some properties of a store are others now."""

    account: str
    store_id: str
    fields: dict[str, Any]  #: of KeyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTurned(Message):
    """A store begins to connect or to disconnect."""

    account: str
    store_id: str
    action: str
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettled(Message):
    """A store has come to the end of connecting or of disconnecting."""

    store_id: str
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDeleted(Message):
    """A store is registered no more; its cluster or proxy is none of the service's business."""

    account: str
    store_id: str


#: Wire ids 660–669.
STORE_FRAMES: Final[dict[int, type[Any]]] = {
    660: KeyStore,
    661: StoreCreated,
    662: StoreChanged,
    663: StoreTurned,
    664: StoreSettled,
    665: StoreDeleted,
}

#: Wire ids 680–689.
STORE_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    680: CloudHsmClusterInUseException,
    681: CustomKeyStoreInvalidStateException,
    682: CustomKeyStoreNameInUseException,
    683: CustomKeyStoreNotFoundException,
    684: IncorrectTrustAnchorException,
    685: XksProxyUriInUseException,
    686: XksProxyUriEndpointInUseException,
    687: XksProxyVpcEndpointServiceInUseException,
}

#: Action to the connection states that allow it (CustomKeyStoreInvalidStateException).
ALLOWED: Final[dict[str, tuple[Connection, ...]]] = {
    "ConnectCustomKeyStore": (
        Connection.CONNECTED,
        Connection.CONNECTING,
        Connection.DISCONNECTED,
    ),
    "CreateKey": (Connection.CONNECTED,),
    "DeleteCustomKeyStore": (Connection.DISCONNECTED,),
    "DisconnectCustomKeyStore": (Connection.CONNECTED, Connection.CONNECTING, Connection.FAILED),
    "GenerateRandom": (Connection.CONNECTED,),
    "UpdateCustomKeyStore": (Connection.DISCONNECTED,),
}


def refusal_in_connection(action: str, store: KeyStore) -> ServiceError | None:
    """Return the error with which a store's state forbids an action; None if it does not."""
    if store.connection in ALLOWED[action]:
        return None
    return CustomKeyStoreInvalidStateException(
        f"Custom key store {store.store_id} is {store.connection}:"
        f" {action} requires {' or '.join(ALLOWED[action])}."
    )


def not_found(name: str) -> CustomKeyStoreNotFoundException:
    """Return the error of a store id or name that stands for nothing here."""
    return CustomKeyStoreNotFoundException(f"Custom key store {name} does not exist.")


def entry(store: KeyStore) -> dict[str, Any]:
    """Return a store as DescribeCustomKeyStores shows it."""
    seen: dict[str, Any] = {
        "CustomKeyStoreId": store.store_id,
        "CustomKeyStoreName": store.name,
        "ConnectionState": str(store.connection),
        "CreationDate": timestamp(store.created_ns),
        "CustomKeyStoreType": store.kind,
    }
    if store.connection == Connection.FAILED:
        seen["ConnectionErrorCode"] = CONNECTION_ERRORS[store.kind]
    if store.kind == CLOUDHSM:
        seen["CloudHsmClusterId"] = store.cluster_id
        seen["TrustAnchorCertificate"] = store.trust_anchor
        return seen
    proxy = {
        "Connectivity": store.connectivity,
        "AccessKeyId": store.access_key_id,
        "UriEndpoint": store.endpoint,
        "UriPath": store.path,
    }
    if store.endpoint_service:
        proxy["VpcEndpointServiceName"] = store.endpoint_service
    if store.endpoint_owner:
        proxy["VpcEndpointServiceOwner"] = store.endpoint_owner
    seen["XksProxyConfiguration"] = proxy
    return seen
