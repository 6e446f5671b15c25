"""GetPublicKey: the public half of a key pair, for use outside.

Source: AWS KMS API Reference, GetPublicKey; the text of the refusal is chosen, by analogy with
those that speak of a key's origin.
"""

from typing import Any

from regions.errors import UnsupportedOperationException
from regions.hsm.key_commands import HsmPublicKey
from regions.kms.key import metadata
from regions.kms.key_specs import ALGORITHMS_MEMBER, KEY_SPECS
from regions.kms.operation import Operation, Turn


class GetPublicKey(Operation):
    """Return a public key and what it is for."""

    action = "GetPublicKey"
    key_member = "KeyId"
    takes_alias = True
    crosses_accounts = True
    recorded = "KeyId"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also keys that have no public half.

        Raises:
          DisabledException, KMSInvalidStateException: the key's state forbids it.
          UnsupportedOperationException: it is a symmetric or an HMAC key.
        """
        super().allow_in_state(turn)
        key = turn.found
        if KEY_SPECS[key.spec].is_symmetric:
            raise UnsupportedOperationException(
                f"{key.arn(turn.region)} key spec is {key.spec} which is not valid for this"
                " operation."
            )

    def plan(self, turn: Turn) -> HsmPublicKey:
        """Ask the HSM, the only one who knows."""
        return HsmPublicKey(token=turn.found.current.token)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the key, and of its metadata what its user needs."""
        key = turn.found
        seen = metadata(key, turn.region)
        members = ("CustomerMasterKeySpec", "KeySpec", "KeyUsage", ALGORITHMS_MEMBER[key.usage])
        return {
            "KeyId": seen["Arn"],
            "PublicKey": turn.reply.public_key,
            **{member: seen[member] for member in members if member in seen},
        }
