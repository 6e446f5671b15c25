"""What the actions on custom key stores share, and what others ask of a store.

What does not belong here: how stores change (stores.py).
Source: AWS KMS API Reference, CreateCustomKeyStore, CreateKey, GenerateRandom; AWS KMS Developer
Guide, "CreateCustomKeyStore" and the like (shapes of records).
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from regions.errors import UnsupportedOperationException, ValidationException
from regions.kms.key_store import (
    CLOUDHSM,
    EXTERNAL,
    IncorrectTrustAnchorException,
    KeyStore,
    refusal_in_connection,
)
from regions.kms.operation import Operation, Turn

VPC: Final = "VPC_ENDPOINT_SERVICE"
#: Parameter to the field of KeyStore that keeps it.
FIELDS: Final = {
    "CloudHsmClusterId": "cluster_id",
    "TrustAnchorCertificate": "trust_anchor",
    "XksProxyConnectivity": "connectivity",
    "XksProxyUriEndpoint": "endpoint",
    "XksProxyUriPath": "path",
    "XksProxyVpcEndpointServiceName": "endpoint_service",
    "XksProxyVpcEndpointServiceOwner": "endpoint_owner",
}
CLUSTER_MEMBERS: Final = ("CloudHsmClusterId", "KeyStorePassword", "TrustAnchorCertificate")
PROXY_MEMBERS: Final = (
    "XksProxyAuthenticationCredential",
    "XksProxyConnectivity",
    "XksProxyUriEndpoint",
    "XksProxyUriPath",
)
SERVICE_MEMBERS: Final = ("XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner")
_CERTIFICATE: Final = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*"
)


class StoreOperation(Operation):
    """An action on a store that its id names."""

    read_only = False
    identity_only = True
    recorded = "CustomKeyStoreId"

    def store(self, turn: Turn) -> KeyStore:
        """Return the store that the call names.

        Raises:
          CustomKeyStoreNotFoundException: the account has no such store here.
        """
        store_id: str = turn.parameters["CustomKeyStoreId"]
        return turn.keyring.stores.find(turn.principal.account, store_id)

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}

    def additional(self, turn: Turn) -> dict[str, Any] | None:
        """Name the store and its cluster."""
        store = turn.standing
        if not isinstance(store, KeyStore):
            return None
        seen = {"customKeyStoreName": store.name}
        if store.cluster_id:
            seen["clusterId"] = store.cluster_id
        return seen


def kept_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of KeyStore that a request sets."""
    fields = {field: given[member] for member, field in FIELDS.items() if given.get(member)}
    credential = given.get("XksProxyAuthenticationCredential")
    if credential:
        fields["access_key_id"] = credential["AccessKeyId"]
    return fields


def demand(given: Mapping[str, Any], kind: str, members: tuple[str, ...]) -> None:
    """Refuse a request that lacks one of these members."""
    for member in members:
        if not given.get(member):
            raise ValidationException(f"{member} is required for a key store of type {kind}.")


def refuse(given: Mapping[str, Any], kind: str, members: tuple[str, ...]) -> None:
    """Refuse a request that has one of these members."""
    for member in members:
        if given.get(member):
            raise ValidationException(f"{member} is not valid for a key store of type {kind}.")


def check_connectivity(connectivity: str, service: str) -> None:
    """Refuse a service name without a service, and a service without its name."""
    if (connectivity == VPC) != bool(service):
        what = "is required for" if connectivity == VPC else "is not valid for"
        raise ValidationException(f"XksProxyVpcEndpointServiceName {what} {connectivity}.")


def check_trust_anchor(text: str) -> None:
    """Refuse what is no certificate in PEM form, which is all that is looked at."""
    found = _CERTIFICATE.fullmatch(text)
    try:
        der = b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        der = b""
    if not der.startswith(b"\x30"):  # the tag of an X.509 Certificate, a SEQUENCE
        raise IncorrectTrustAnchorException("The trust anchor is no certificate in PEM form.")


#: Origin to the kind of store that keys of it live in.
_KIND_OF_ORIGIN: Final = {"AWS_CLOUDHSM": CLOUDHSM, "EXTERNAL_KEY_STORE": EXTERNAL}
STORE_ORIGINS: Final = frozenset(_KIND_OF_ORIGIN)


def check_store_members(given: Mapping[str, Any]) -> None:
    """Refuse a CreateKey whose origin, store and external key do not belong together."""
    origin = given.get("Origin") or "AWS_KMS"
    if (origin in STORE_ORIGINS) != bool(given.get("CustomKeyStoreId")):
        if origin in STORE_ORIGINS:
            raise ValidationException(f"Origin {origin} requires a CustomKeyStoreId.")
        raise ValidationException(f"CustomKeyStoreId is not valid for Origin {origin}.")
    if (origin == "EXTERNAL_KEY_STORE") != bool(given.get("XksKeyId")):
        what = "requires an XksKeyId" if origin == "EXTERNAL_KEY_STORE" else "takes no XksKeyId"
        raise ValidationException(f"Origin {origin} {what}.")


def enter_store(turn: Turn) -> None:
    """Return if the call names no store, or one that could carry it out.

    Raises:
      CustomKeyStoreNotFoundException: the account has no such store here.
      UnsupportedOperationException: the store is of a kind that does not do this.
      CustomKeyStoreInvalidStateException: the store is not connected.
    """
    given = turn.parameters
    store_id = given.get("CustomKeyStoreId")
    if not store_id:
        return
    store = turn.keyring.stores.find(turn.principal.account, store_id)
    kind = _KIND_OF_ORIGIN.get(given.get("Origin") or "", CLOUDHSM)
    if store.kind != kind:
        raise UnsupportedOperationException(
            f"{turn.call.action} is not supported in custom key store {store_id}: its type is"
            f" {store.kind}, and {kind} is needed."
        )
    error = refusal_in_connection(turn.call.action, store)
    # Nothing connects yet; what a connected store would answer is not known here.
    assert error is not None, f"{store_id} is connected"
    raise error
