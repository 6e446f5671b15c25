"""CreateCustomKeyStore: register a CloudHSM cluster or an external proxy, disconnected.

What is registered is not looked at (key_store.py says what that leaves out).
Source: AWS KMS API Reference, CreateCustomKeyStore.
"""

from hashlib import blake2b
from typing import Any

from regions.kms.key_store import CLOUDHSM, EXTERNAL, KeyStore, StoreCreated
from regions.kms.operation import Operation, Turn
from regions.kms.store_operation import (
    CLUSTER_MEMBERS,
    PROXY_MEMBERS,
    SERVICE_MEMBERS,
    check_connectivity,
    check_trust_anchor,
    demand,
    kept_fields,
    refuse,
)


class CreateCustomKeyStore(Operation):
    """Give the store an id; nothing is connected yet."""

    action = "CreateCustomKeyStore"
    read_only = False
    identity_only = True
    recorded = "CustomKeyStoreName CustomKeyStoreType XksProxyConnectivity XksProxyUriEndpoint"

    def check(self, turn: Turn) -> None:
        """Demand what a store of its type needs, and refuse what belongs to the other type."""
        given = turn.parameters
        kind = given.get("CustomKeyStoreType") or CLOUDHSM
        if kind == EXTERNAL:
            demand(given, kind, PROXY_MEMBERS)
            refuse(given, kind, CLUSTER_MEMBERS)
            service = given.get("XksProxyVpcEndpointServiceName") or ""
            check_connectivity(given["XksProxyConnectivity"], service)
        else:
            demand(given, kind, CLUSTER_MEMBERS)
            refuse(given, kind, PROXY_MEMBERS + SERVICE_MEMBERS)

    def change(self, turn: Turn) -> StoreCreated:
        """Register it."""
        given = turn.parameters
        if given.get("TrustAnchorCertificate"):
            check_trust_anchor(given["TrustAnchorCertificate"])
        drawn = blake2b(turn.seed.encode(), digest_size=9, person=b"key store").hexdigest()
        store = KeyStore(
            store_id=f"cks-{drawn[:17]}",
            account=turn.principal.account,
            name=given["CustomKeyStoreName"],
            kind=given.get("CustomKeyStoreType") or CLOUDHSM,
            created_ns=turn.now_ns,
            **kept_fields(given),
        )
        turn.standing = store
        return StoreCreated(store=store)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the id."""
        return {"CustomKeyStoreId": turn.standing.store_id}

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the cluster under the name that records have for it; passwords never."""
        seen = super().request_parameters(turn) or {}
        cluster_id = turn.parameters.get("CloudHsmClusterId")
        return {**seen, "clusterId": cluster_id} if cluster_id else seen

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the store."""
        return {"customKeyStoreId": turn.standing.store_id}
