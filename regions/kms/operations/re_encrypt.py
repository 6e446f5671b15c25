"""ReEncrypt: seal a blob's content under another key, without showing it to anyone.

Source: AWS KMS API Reference, ReEncrypt; permissions: ReEncryptFrom and ReEncryptTo.
"""

from typing import Any

from regions.hsm.commands import HsmReEncrypt
from regions.hsm.key_commands import HsmConvert
from regions.kms.key import Key, refusal_in_state
from regions.kms.key_fit import check_algorithm, check_context, check_usage
from regions.kms.key_specs import SYMMETRIC_DEFAULT
from regions.kms.operation import CryptoOperation, Turn, authorize_on_key, resource
from regions.kms.sealed import check_blob, open_with, resolve_blob


class ReEncrypt(CryptoOperation):
    """Return a blob of the destination key with the content of a blob of the source key."""

    action = "ReEncrypt"
    permission = "kms:ReEncryptTo"
    key_member = "DestinationKeyId"
    algorithm_member = "DestinationEncryptionAlgorithm"
    recorded = (
        "SourceEncryptionAlgorithm SourceEncryptionContext SourceKeyId DestinationKeyId "
        "DestinationEncryptionAlgorithm DestinationEncryptionContext DryRun"
    )

    def check(self, turn: Turn) -> None:
        """Demand a blob."""
        super().check(turn)
        check_blob(turn, "SourceKeyId")

    def resolve(self, turn: Turn) -> None:
        """Find both keys; the record names the source first."""
        named = turn.parameters.get("SourceKeyId")
        source = None if named is None else self.resolve_key(turn, named)
        turn.source = resolve_blob(turn, source, _source_algorithm(turn))
        turn.alias = ""  # kms:RequestAlias speaks of the destination.
        turn.key = self.resolve_key(turn, turn.parameters["DestinationKeyId"])
        turn.resources = (*turn.resources, resource(turn.key, turn.region))

    def authorize(self, turn: Turn) -> None:
        """Check both permissions, each under its own context."""
        assert turn.source is not None, "resolve() has found it"
        authorize_on_key(turn, "kms:ReEncryptFrom", turn.source, "SourceEncryptionContext")
        authorize_on_key(turn, self.permission, turn.found, "DestinationEncryptionContext")
        open_with(turn)

    def allow_in_state(self, turn: Turn) -> None:
        """Both keys must be usable, with the algorithms that are asked for."""
        source = _source(turn)
        error = refusal_in_state(self.action, source, turn.region)
        if error is not None:
            raise error
        check_usage(source, turn.region, self.action, self.usage)
        check_algorithm(source, _source_algorithm(turn))
        super().allow_in_state(turn)
        check_context(source, turn.parameters.get("SourceEncryptionContext"))
        check_context(turn.found, turn.parameters.get("DestinationEncryptionContext"))

    def plan(self, turn: Turn) -> HsmReEncrypt | HsmConvert:
        """Open and seal inside one HSM."""
        assert turn.material is not None, "a blob was there, or the call was a dry run"
        key = turn.found
        if not (key.is_symmetric and _source(turn).is_symmetric):
            return HsmConvert(
                source_token=turn.material.token,
                source_algorithm=_source_algorithm(turn),
                source_ciphertext=turn.parameters["CiphertextBlob"],
                source_context=turn.context_bytes("SourceEncryptionContext"),
                region=turn.region,
                key_id=key.key_id,
                token=key.current.token,
                algorithm=self.algorithm(turn),
                context=turn.context_bytes("DestinationEncryptionContext"),
            )
        return HsmReEncrypt(
            source_token=turn.material.token,
            blob=turn.parameters["CiphertextBlob"],
            source_context=turn.context_bytes("SourceEncryptionContext"),
            region=turn.region,
            key_id=key.key_id,
            token=key.current.token,
            context=turn.context_bytes("DestinationEncryptionContext"),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the new blob, and both keys."""
        assert turn.material is not None, "plan() has seen it"
        source, key, reply = _source(turn), turn.found, turn.reply
        body = {
            "CiphertextBlob": reply.blob if key.is_symmetric else reply.ciphertext,
            "SourceKeyId": source.arn(turn.region),
            "KeyId": key.arn(turn.region),
            "SourceEncryptionAlgorithm": _source_algorithm(turn),
            "DestinationEncryptionAlgorithm": self.algorithm(turn),
        }
        if source.is_symmetric:
            body["SourceKeyMaterialId"] = turn.material.material_id
        if key.is_symmetric:
            body["DestinationKeyMaterialId"] = key.current.material_id
        return body

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show the algorithms even when the caller left them to the default."""
        return {
            "sourceEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            "destinationEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            **(super().request_parameters(turn) or {}),
        }


def _source(turn: Turn) -> Key:
    assert turn.source is not None, "resolve() has found it"
    return turn.source


def _source_algorithm(turn: Turn) -> str:
    asked: str = turn.parameters.get("SourceEncryptionAlgorithm", SYMMETRIC_DEFAULT)
    return asked
