"""UpdateCustomKeyStore: change what a disconnected store stands for, or its name.

Source: AWS KMS API Reference, UpdateCustomKeyStore.
"""

from typing import Any

from regions.errors import ValidationException
from regions.kms.key_store import CLOUDHSM, StoreChanged
from regions.kms.operation import Turn
from regions.kms.store_operation import (
    CLUSTER_MEMBERS,
    PROXY_MEMBERS,
    SERVICE_MEMBERS,
    StoreOperation,
    check_connectivity,
    kept_fields,
    refuse,
)


class UpdateCustomKeyStore(StoreOperation):
    """Change the properties that are given; a new password takes effect with the next connect."""

    action = "UpdateCustomKeyStore"
    recorded = "CustomKeyStoreId NewCustomKeyStoreName"

    def check(self, turn: Turn) -> None:
        """Refuse a request that changes nothing."""
        if turn.parameters.keys() <= {"CustomKeyStoreId"}:
            raise ValidationException("You must specify at least one property to update.")

    def change(self, turn: Turn) -> StoreChanged:
        """Change them."""
        given, store = turn.parameters, self.store(turn)
        turn.standing = store
        foreign = PROXY_MEMBERS + SERVICE_MEMBERS if store.kind == CLOUDHSM else CLUSTER_MEMBERS
        refuse(given, store.kind, foreign)
        fields = kept_fields(given)
        if "connectivity" in fields or "endpoint_service" in fields:
            connectivity = fields.get("connectivity", store.connectivity)
            if connectivity != store.connectivity:
                # A service is not taken along to a store that no longer uses one.
                fields = {"endpoint_service": "", "endpoint_owner": "", **fields}
            check_connectivity(connectivity, fields.get("endpoint_service", store.endpoint_service))
        if given.get("NewCustomKeyStoreName"):
            fields["name"] = given["NewCustomKeyStoreName"]
        return StoreChanged(account=store.account, store_id=store.store_id, fields=fields)

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the cluster under the name that records have for it; passwords never."""
        seen = super().request_parameters(turn) or {}
        cluster_id = turn.parameters.get("CloudHsmClusterId")
        return {**seen, "clusterId": cluster_id} if cluster_id else seen
