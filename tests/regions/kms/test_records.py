"""What the record of every KMS action shows, of a success and of a failure."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_calls import prepared

from regions.calls import ApiAnswer
from regions.errors import ServiceError
from regions.kms.operations import OPERATIONS
from regions.trail.json_shape import json_text, to_json
from regions.trail.messages import RECORD_CODEC
from regions.trail.record import AuditRecord

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "kms" / "records.txt"
#: Members that are the same in every record of this file.
COMMON = (
    *("eventVersion", "userIdentity", "eventTime", "eventSource", "awsRegion", "sourceIPAddress"),
    *("userAgent", "requestID", "eventID", "eventType", "managementEvent", "recipientAccountId"),
    *("eventCategory", "tlsDetails"),
)


def shown(record: AuditRecord) -> dict[str, Any]:
    return {name: value for name, value in to_json(record).items() if name not in COMMON}


@pytest.fixture(scope="module")
def told(kit: Any) -> dict[str, list[AuditRecord]]:
    """Action to its records: of a success, and of a stranger's try."""
    found: dict[str, list[AuditRecord]] = {}
    for action in sorted(OPERATIONS):
        with prepared(kit.Desk, action) as (desk, parameters):
            refused = desk.outcome(action, kit.user("eve", policy=""), **parameters).answer
            answer = desk.outcome(action, **parameters).answer
            assert not isinstance(answer, ServiceError), (action, answer)
            assert isinstance(refused, ServiceError), (action, refused)
            found[action] = [desk.records[-1], desk.records[-2]]
    return found


def test_the_record_of_every_action_is_what_the_table_says(
    told: dict[str, list[AuditRecord]],
) -> None:
    """CT-09, CT-10, CT-14: read the diff before it is committed (NINES_REWRITE=1)."""
    lines = []
    for action, records in told.items():
        lines += [f"{action}", *(json.dumps(shown(record), indent=1) for record in records), ""]
    text = "\n".join(lines)
    if os.environ.get("NINES_REWRITE"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


#: Members of requests whose bytes a caller chooses.
PAYLOADS = (
    *("Plaintext", "Message", "CiphertextBlob", "Signature", "Mac", "EncryptedKeyMaterial"),
    *("ImportToken", "PublicKey", "SharedSecretCiphertextBlob"),
)
#: Texts that are secret, or that a record leaves out for other reasons.
TEXTS = ("KeyStorePassword", "TrustAnchorCertificate", "RawSecretAccessKey", "GrantToken")
#: What a vault announces though it is only a name: KeyMaterialId shows it.
NAMES = ("imported-id",)
#: Shorter ones occur by chance.
LEAST = 8


def unsaid(action: str, value: Any, member: str = "") -> Iterator[bytes]:
    """Yield what no record may show of a request or an answer."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from unsaid(action, item, name)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from unsaid(action, item, member)
    elif isinstance(value, bytes):
        yield value
    elif isinstance(value, str) and (
        member in TEXTS or (member, action) == ("Policy", "GetKeyPolicy") or member == "GrantTokens"
    ):
        yield value.encode()


def told_in(record: AuditRecord, secret: bytes) -> bool:
    """Say whether a record holds some bytes, as they are or as texts write them."""
    text, frame = json_text(record).encode(), RECORD_CODEC.encode(record)
    forms = (
        secret,
        base64.b64encode(secret),
        secret.hex().encode(),
        json.dumps(secret.decode("latin-1"))[1:-1].encode(),
    )
    return any(form in place for form in forms for place in (text, frame))


@given(action=st.sampled_from(sorted(OPERATIONS)), payload=st.binary(min_size=16, max_size=64))
@settings(max_examples=60)
def test_no_record_shows_what_was_sealed_signed_or_kept_secret(
    kit: Any, action: str, payload: bytes
) -> None:
    """Neither the request's own bytes nor those of the answer, nor what a vault has ever held."""
    with prepared(kit.Desk, action) as (desk, parameters):
        given_members = {name: payload for name in PAYLOADS if name in parameters}
        for chosen in ({**parameters, **given_members}, parameters):
            answer = desk.outcome(action, **chosen).answer
            secrets = [secret for kind, secret in desk.secrets if kind not in NAMES]
            secrets += unsaid(action, chosen)
            if isinstance(answer, ApiAnswer):
                secrets += unsaid(action, answer.body)
            for secret in secrets:
                if len(secret) >= LEAST:
                    assert not told_in(desk.records[-1], secret), (action, secret)
