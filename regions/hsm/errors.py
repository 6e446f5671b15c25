"""Why an HSM refuses a command.

What does not belong here: what the API's caller sees; kms/loop.py maps these to service errors.
Source: AWS KMS Cryptographic Details, "Domains and domain state", "Customer data operations".
"""

from typing import Any, Final

from sim.wire import Refusal


class HsmNotReady(Refusal):
    """The HSM has joined no domain since its last power-on; nothing was done."""


class HsmCiphertextInvalid(Refusal):
    """The blob, its header, the key or the context is not that of the encryption.

    It carries no detail, as the service gives none.
    """


class TokenUnreadable(Refusal):
    """The key token is damaged, or its domain key is not in this HSM's ring."""


class DomainTokenRejected(Refusal):
    """The domain token or domain command does not hold; the HSM keeps its state."""


class DomainTokenOutdated(DomainTokenRejected):
    """The HSM is in the domain, and holds a newer token than the one the command starts from."""


class HsmTampered(Refusal):
    """The HSM noticed that it was tampered with and erased itself; nothing was done.

    It stays so until it has been serviced.
    """


class HsmContentTooLong(Refusal):
    """The opened content is longer than the other key's algorithm takes; nothing was sealed."""


class HsmPeerKeyInvalid(Refusal):
    """The bytes are no public key on the curve of the HSM's own key."""


class HsmKindUnsupported(Refusal):
    """The HSM's library was built without the algorithms of this kind of key."""


class TransferRejected(Refusal):
    """A transfer between regions does not hold: a wrong signature, key or material."""


class ImportTokenInvalid(Refusal):
    """The import token was not made by an HSM of this region, or its key is gone."""


#: Wire ids 80–89 and 656.
HSM_REFUSALS: Final[dict[int, type[Any]]] = {
    80: HsmNotReady,
    81: HsmCiphertextInvalid,
    82: TokenUnreadable,
    83: DomainTokenRejected,
    84: DomainTokenOutdated,
    85: HsmTampered,
    86: HsmContentTooLong,
    87: HsmPeerKeyInvalid,
    88: HsmKindUnsupported,
    89: TransferRejected,
    656: ImportTokenInvalid,
}
