"""DescribeCustomKeyStores: the custom key stores of the caller's account in this region.

Source: AWS KMS API Reference, DescribeCustomKeyStores; an account has ten stores at most, so the
length of a page is chosen to hold them all.
"""

from typing import Any, Final

from regions.errors import InvalidMarkerException, ValidationException
from regions.kms.key_store import STORES_MAX, KeyStore, entry, not_found
from regions.kms.operation import Operation, Turn
from regions.kms.pages import last_before, marker, page_length

PAGE_MAX: Final = 1000


class DescribeCustomKeyStores(Operation):
    """Return one page, oldest stores first, or the one store that is asked for."""

    action = "DescribeCustomKeyStores"
    identity_only = True
    recorded = "CustomKeyStoreId CustomKeyStoreName Limit Marker"

    def check(self, turn: Turn) -> None:
        """Refuse two names of one store."""
        given = turn.parameters
        if given.get("CustomKeyStoreId") and given.get("CustomKeyStoreName"):
            raise ValidationException(
                "You cannot specify both CustomKeyStoreId and CustomKeyStoreName."
            )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        stores = self._wanted(turn)
        last = last_before(self.action, turn.parameters)
        if last:
            ids = [store.store_id for store in stores]
            if last not in ids:
                raise InvalidMarkerException
            stores = stores[ids.index(last) + 1 :]
        length = page_length(turn.parameters, default=STORES_MAX, most=PAGE_MAX)
        more, stores = len(stores) > length, stores[:length]
        body: dict[str, Any] = {
            "CustomKeyStores": tuple(entry(store) for store in stores),
            "Truncated": more,
        }
        if more:
            body["NextMarker"] = marker(self.action, stores[-1].store_id)
        return body

    def _wanted(self, turn: Turn) -> list[KeyStore]:
        stores = turn.keyring.stores.of_account(turn.principal.account)
        name = turn.parameters.get("CustomKeyStoreName")
        store_id = turn.parameters.get("CustomKeyStoreId")
        if name is None and store_id is None:
            return stores
        found = [store for store in stores if name == store.name or store_id == store.store_id]
        if not found:
            raise not_found(name or store_id or "")
        return found
