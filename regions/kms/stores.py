"""The custom key stores of one region, and how they change.

Every change checks its preconditions again when it is applied, as all changes do.
What does not belong here: what a store is (key_store.py), and when connecting is over (jobs/).
Source: AWS KMS API Reference, CreateCustomKeyStore, "Errors"; AWS KMS Developer Guide, "External
key stores": which endpoints may be shared.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from regions.errors import LimitExceededException
from regions.kms.key_store import (
    CLOUDHSM,
    CONNECTING_NS,
    DISCONNECTING_NS,
    STORES_MAX,
    CloudHsmClusterInUseException,
    Connection,
    CustomKeyStoreNameInUseException,
    KeyStore,
    StoreChanged,
    StoreCreated,
    StoreDeleted,
    StoreSettled,
    StoreTurned,
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyVpcEndpointServiceInUseException,
    not_found,
    refusal_in_connection,
)
from regions.kms.schedule import Schedule
from sim.quick import changed
from sim.wire import Message

PUBLIC: Final = "PUBLIC_ENDPOINT"


class Stores:
    """All custom key stores of a region, oldest first."""

    def __init__(self) -> None:
        self._all: dict[str, KeyStore] = {}
        self._settling = Schedule()

    def __iter__(self) -> Iterator[KeyStore]:
        return iter(self._all.values())

    def find(self, account: str, store_id: str) -> KeyStore:
        """Return a store of an account.

        Raises:
          CustomKeyStoreNotFoundException: the account has no such store here.
        """
        store = self._all.get(store_id)
        if store is None or store.account != account:
            raise not_found(store_id)
        return store

    def of_account(self, account: str) -> list[KeyStore]:
        """Return the stores of an account, oldest first."""
        return [store for store in self if store.account == account]

    def next_settling(self) -> tuple[int, str] | None:
        """Return when, in calendar time, which store comes to rest next."""
        return self._settling.first()

    def keep(self, store: KeyStore) -> KeyStore:
        """Take a store as it is, in place of the one with its id."""
        self._all[store.store_id] = store
        if store.settles_ns:
            self._settling.put(store.store_id, store.settles_ns)
        else:
            self._settling.drop(store.store_id)
        return store

    def created(self, change: StoreCreated) -> KeyStore:
        """Register a store."""
        store = change.store
        others = self.of_account(store.account)
        if len(others) >= STORES_MAX:
            raise LimitExceededException(
                f"The account {store.account} has {STORES_MAX} custom key stores already."
            )
        _check_against(store, others)
        return self.keep(store)

    def changed(self, change: StoreChanged) -> KeyStore:
        """Change properties of a store; its name also while it is connected."""
        standing = self.find(change.account, change.store_id)
        renamed = change.fields.keys() <= {"name"} and standing.connection == Connection.CONNECTED
        error = refusal_in_connection("UpdateCustomKeyStore", standing)
        if error is not None and not renamed:
            raise error
        store = changed(standing, **change.fields)
        _check_against(
            store, [one for one in self.of_account(store.account) if one is not standing]
        )
        return self.keep(store)

    def turned(self, change: StoreTurned) -> KeyStore:
        """Begin to connect or to disconnect; a store that connects already goes on as it does."""
        standing = self.find(change.account, change.store_id)
        error = refusal_in_connection(change.action, standing)
        if error is not None:
            raise error
        if change.action == "ConnectCustomKeyStore":
            if standing.connection != Connection.DISCONNECTED:
                return standing
            state, takes_ns = Connection.CONNECTING, CONNECTING_NS
        else:
            state, takes_ns = Connection.DISCONNECTING, DISCONNECTING_NS
        settles_ns = change.time_ns + takes_ns
        return self.keep(changed(standing, connection=state.value, settles_ns=settles_ns))

    def settled(self, change: StoreSettled) -> KeyStore | None:
        """Come to rest; the second leader who says so changes nothing."""
        due_ns = self._settling.due_ns(change.store_id)
        if due_ns is None or change.time_ns < due_ns:
            return None
        standing = self._all[change.store_id]
        connecting = standing.connection == Connection.CONNECTING
        state = Connection.FAILED if connecting else Connection.DISCONNECTED
        return self.keep(changed(standing, connection=state.value, settles_ns=0))

    def deleted(self, change: StoreDeleted) -> KeyStore:
        """Forget a store."""
        standing = self.find(change.account, change.store_id)
        error = refusal_in_connection("DeleteCustomKeyStore", standing)
        if error is not None:
            raise error
        return self._all.pop(change.store_id)


def _check_against(store: KeyStore, others: list[KeyStore]) -> None:
    """Refuse what another store of the account and region has."""
    if any(store.name == other.name for other in others):
        raise CustomKeyStoreNameInUseException(
            f"A custom key store with the name {store.name} already exists."
        )
    if store.kind == CLOUDHSM:
        if any(store.cluster_id == other.cluster_id for other in others):
            raise CloudHsmClusterInUseException(
                f"The cluster {store.cluster_id} backs another custom key store."
            )
        return
    for other in others:
        same_host = store.endpoint == other.endpoint
        if same_host and store.path == other.path:
            raise XksProxyUriInUseException(
                f"The proxy {store.endpoint}{store.path} belongs to another custom key store."
            )
        # The private name of a VPC endpoint service is one store's alone.
        if same_host and {store.connectivity, other.connectivity} != {PUBLIC}:
            raise XksProxyUriEndpointInUseException(
                f"The endpoint {store.endpoint} belongs to another custom key store."
            )
        if store.endpoint_service and store.endpoint_service == other.endpoint_service:
            raise XksProxyVpcEndpointServiceInUseException(
                f"The service {store.endpoint_service} belongs to another custom key store."
            )


#: Change to what performs it.
STORE_CHANGES: Final[dict[type[Message], Callable[[Stores, Any], Message | None]]] = {
    StoreCreated: Stores.created,
    StoreChanged: Stores.changed,
    StoreTurned: Stores.turned,
    StoreSettled: Stores.settled,
    StoreDeleted: Stores.deleted,
}
