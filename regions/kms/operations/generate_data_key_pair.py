"""GenerateDataKeyPair: a fresh key pair, its private half in plaintext and sealed under a key.

Source: AWS KMS API Reference, GenerateDataKeyPair.
"""

from typing import Any, ClassVar

from regions.errors import UnsupportedOperationException
from regions.hsm.key_commands import HsmDataKeyPair
from regions.kms.key_fit import check_symmetric
from regions.kms.key_specs import KEY_SPECS
from regions.kms.operation import CryptoOperation, Turn


class GenerateDataKeyPair(CryptoOperation):
    """Return a data key pair; the service keeps no copy."""

    action = "GenerateDataKeyPair"
    recorded = "KeyId KeyPairSpec EncryptionContext DryRun"
    with_plaintext: ClassVar[bool] = True

    def check(self, turn: Turn) -> None:
        """Refuse pairs that no library here makes."""
        super().check(turn)
        spec = turn.parameters["KeyPairSpec"]
        if spec not in KEY_SPECS:
            raise UnsupportedOperationException(f"KeyPairSpec {spec} is not modelled.")

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse also RSA keys, which seal no data keys."""
        super().allow_in_state(turn)
        check_symmetric(turn.found)

    def plan(self, turn: Turn) -> HsmDataKeyPair:
        """Make and seal it in the HSM."""
        key = turn.found
        return HsmDataKeyPair(
            region=turn.region,
            key_id=key.key_id,
            token=key.current.token,
            spec=turn.parameters["KeyPairSpec"],
            context=turn.context_bytes(),
            with_plaintext=self.with_plaintext,
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the pair and what sealed it."""
        key, reply = turn.found, turn.reply
        body = {
            "PrivateKeyCiphertextBlob": reply.blob,
            "PrivateKeyPlaintext": reply.plaintext,
            "PublicKey": reply.public_key,
            "KeyId": key.arn(turn.region),
            "KeyPairSpec": turn.parameters["KeyPairSpec"],
            "KeyMaterialId": key.current.material_id,
        }
        if not self.with_plaintext:
            del body["PrivateKeyPlaintext"]
        return body
