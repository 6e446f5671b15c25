"""What is known not to be as in the real service, action by action.

The page of this folder's parent (README.md) is made from it. What does not belong here: what an
action does (operations/), and limits of the region as a whole (README.md).
"""

from typing import Final

_STORES: Final = (
    "connecting ends `FAILED`: there is no cluster and no proxy to connect to, and none is looked"
    " for when a store is created"
)
_LIBRARIES: Final = "`SM2` and `ML_KEM_512`, which the libraries lack"
_ENCLAVE: Final = "of an attestation document the form is checked, not the signature"

#: Action to what is not modelled; actions without gaps are not in the table.
GAPS: Final[dict[str, str]] = {
    "ConnectCustomKeyStore": _STORES,
    "CreateCustomKeyStore": _STORES,
    "CreateKey": f"in a custom key store, which is never connected; {_LIBRARIES}",
    "Decrypt": _ENCLAVE,
    "DeleteCustomKeyStore": "a store that has keys: none can have any",
    "DeriveSharedSecret": _ENCLAVE,
    "DisconnectCustomKeyStore": "keys that become unavailable: a store has none",
    "GenerateDataKey": _ENCLAVE,
    "GenerateDataKeyPair": f"{_LIBRARIES}; {_ENCLAVE}",
    "GenerateDataKeyPairWithoutPlaintext": _LIBRARIES,
    "GenerateRandom": f"bytes from a custom key store; {_ENCLAVE}",
    "GetParametersForImport": "`SM2PKE`; keys of `ML_DSA` and `ML_KEM`, whose format is not known",
    "ListKeys": "keys shared through Resource Access Manager (`ResourceOwners`)",
    "ReplicateKey": "quotas of the replica's region; the tokens are charged where it is called",
    "UpdateCustomKeyStore": _STORES,
    "UpdatePrimaryRegion": "whether the key policy of the replica allows it",
}
