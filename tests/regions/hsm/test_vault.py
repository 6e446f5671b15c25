"""Key commands of one HSM: what opens, what stays shut, and what never comes out."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.hsm import commands, keytoken
from regions.hsm.commands import (
    CreateDomain,
    GenerateKey,
    HsmBlob,
    HsmDataKey,
    HsmDataKeyMade,
    HsmDecrypt,
    HsmEncrypt,
    HsmPlaintext,
    HsmRandom,
    HsmReEncrypt,
    HsmSealFor,
    InstallDomain,
    Introduce,
    LeaveDomain,
    ModifyMembers,
    Rewrap,
    Rewrapped,
    RotateDomainKey,
)
from regions.hsm.domain import RETAINED_KEYS
from regions.hsm.errors import HSM_REFUSALS, HsmCiphertextInvalid, HsmNotReady, TokenUnreadable
from regions.hsm.exchange import (
    DescribeSigner,
    OfferAgreement,
    Transfer,
    UnwrapMaterial,
    WrapMaterial,
)
from regions.hsm.importing import ImportMaterial, MakeImportKey
from regions.hsm.key_commands import (
    HsmAgree,
    HsmConvert,
    HsmDataKeyPair,
    HsmDecapsulate,
    HsmEncapsulate,
    HsmMac,
    HsmPublicKey,
    HsmRsaDecrypt,
    HsmRsaEncrypt,
    HsmSign,
    HsmVerify,
    HsmVerifyMac,
)
from regions.hsm.vault import COMMANDS
from regions.kms import blob as blobs
from regions.kms.context import canonical
from sim.wire import Codec, Message

REGION = "us-east-1"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = "0987dcba-09fe-87dc-65ba-ab0987654321"
CODEC = Codec({**commands.HSM_FRAMES, **HSM_REFUSALS})

New = Callable[..., Any]


def _flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


@settings(max_examples=40, deadline=None)
@given(plaintext=st.binary(min_size=1, max_size=4096), context=st.binary(max_size=64))
def test_any_hsm_of_the_domain_opens_what_another_sealed(
    new_fleet: New, encrypted: New, decrypted: New, plaintext: bytes, context: bytes
) -> None:
    fleet = new_fleet(2)
    token = fleet.new_key().token
    blob = encrypted(fleet.vaults[0], token, plaintext, context)
    assert len(blob) == len(plaintext) + blobs.OVERHEAD_BYTES
    assert decrypted(fleet.vaults[1], token, blob, context) == plaintext


def test_one_flipped_bit_anywhere_in_a_blob_is_an_invalid_ciphertext(
    new_fleet: New, encrypted: New, decrypted: New
) -> None:
    # Method: every single bit of a whole blob, header and tag included.
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], fleet.new_key().token
    blob = encrypted(vault, token, b"pin", b"tenant=1")
    for bit in range(len(blob) * 8):
        with pytest.raises(HsmCiphertextInvalid, match=r"^$"):
            decrypted(vault, token, _flip(blob, bit), b"tenant=1")
    assert decrypted(vault, token, blob, b"tenant=1") == b"pin"


@settings(max_examples=40, deadline=None)
@given(
    context=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
    other=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)
def test_another_context_opens_nothing(
    new_fleet: New, encrypted: New, decrypted: New, context: dict[str, str], other: dict[str, str]
) -> None:
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], fleet.new_key().token
    blob = encrypted(vault, token, b"pin", canonical(context))
    if context == other:
        assert decrypted(vault, token, blob, canonical(other)) == b"pin"
    else:
        with pytest.raises(HsmCiphertextInvalid, match=r"^$"):
            decrypted(vault, token, blob, canonical(other))


def test_one_flipped_bit_anywhere_in_a_key_token_makes_it_unreadable(
    new_fleet: New, encrypted: New, decrypted: New
) -> None:
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], fleet.new_key().token
    blob = encrypted(vault, token, b"pin")
    for bit in range(len(token) * 8):
        with pytest.raises(TokenUnreadable):
            decrypted(vault, _flip(token, bit), blob)
    with pytest.raises(TokenUnreadable, match=r"^token of 139 bytes is no key token$"):
        decrypted(vault, token[:-1], blob)
    with pytest.raises(TokenUnreadable, match=r"^token under domain key 1 is damaged$"):
        decrypted(vault, _flip(token, 0), blob)


def test_a_blob_opens_only_under_the_key_and_the_version_that_its_header_names(
    new_fleet: New, encrypted: New, decrypted: New
) -> None:
    fleet = new_fleet(1)
    vault = fleet.vaults[0]
    first, second, foreign = fleet.new_key(), fleet.new_key(), fleet.new_key(OTHER_KEY)
    blob = encrypted(vault, first.token, b"pin")
    assert blobs.parse(blob).hbk_id == first.hbk_id
    for token in (second.token, foreign.token):
        with pytest.raises(HsmCiphertextInvalid, match=r"^$"):
            decrypted(vault, token, blob)


def test_a_key_token_is_not_usable_in_the_name_of_another_key(
    new_fleet: New, encrypted: New
) -> None:
    fleet = new_fleet(1)
    with pytest.raises(TokenUnreadable, match=rf"^token belongs to another key than {KEY}$"):
        encrypted(fleet.vaults[0], fleet.new_key(OTHER_KEY).token, b"pin")


def test_material_ids_are_64_hex_digits_and_depend_on_key_and_material(new_fleet: New) -> None:
    fleet = new_fleet(1)
    made = fleet.new_key()
    material = [secret for kind, secret in fleet.secrets if kind == "backing-key"][-1]
    assert made.material_id == made.hbk_id.hex() == keytoken.hbk_id_of(KEY, material).hex()
    assert len(made.material_id) == 64
    assert keytoken.hbk_id_of(OTHER_KEY, material) != made.hbk_id


def test_equal_plaintexts_give_different_blobs(new_fleet: New, encrypted: New) -> None:
    fleet = new_fleet(2)
    token = fleet.new_key().token
    blobs_made = {encrypted(vault, token, b"same") for vault in fleet.vaults for _ in range(50)}
    assert len(blobs_made) == 100


def test_the_same_seed_replays_every_byte(new_fleet: New, encrypted: New) -> None:
    def run(seed: int) -> tuple[bytes, bytes, bytes]:
        fleet = new_fleet(2, seed=seed)
        token = fleet.new_key().token
        return fleet.token, token, encrypted(fleet.vaults[1], token, b"pin")

    assert run(7) == run(7)
    assert run(7) != run(8)


@pytest.mark.parametrize("size", [1, 16, 32, 1024])
def test_a_data_key_decrypts_to_itself_and_is_returned_in_plaintext_only_when_asked(
    new_fleet: New, decrypted: New, size: int
) -> None:
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], fleet.new_key().token
    asked = {"region": REGION, "key_id": KEY, "token": token, "number_of_bytes": size}
    shown = vault.execute(HsmDataKey(**asked, context=b"", with_plaintext=True))
    hidden = vault.execute(HsmDataKey(**asked, context=b"", with_plaintext=False))
    assert isinstance(shown, HsmDataKeyMade)
    assert isinstance(hidden, HsmDataKeyMade)
    assert len(shown.plaintext) == size
    assert decrypted(vault, token, shown.blob) == shown.plaintext
    assert hidden.plaintext == b""
    made = [secret for kind, secret in fleet.secrets if kind == "data-key"]
    assert made == [shown.plaintext, decrypted(vault, token, hidden.blob)]


def test_re_encryption_moves_a_secret_to_another_key_and_context(
    new_fleet: New, encrypted: New, decrypted: New
) -> None:
    fleet = new_fleet(1)
    vault, source, target = fleet.vaults[0], fleet.new_key().token, fleet.new_key(OTHER_KEY).token
    blob = encrypted(vault, source, b"pin", b"old")
    answer = vault.execute(
        HsmReEncrypt(
            source_token=source,
            blob=blob,
            source_context=b"old",
            region=REGION,
            key_id=OTHER_KEY,
            token=target,
            context=b"new",
        )
    )
    assert isinstance(answer, HsmBlob)
    assert decrypted(vault, target, answer.blob, b"new") == b"pin"
    assert blobs.parse(answer.blob).key_id == OTHER_KEY


def test_rewrapped_tokens_open_the_same_blobs_and_name_the_new_domain_key(
    new_fleet: New, encrypted: New, decrypted: New
) -> None:
    fleet = new_fleet(2)
    old = [fleet.new_key().token for _ in range(3)]
    blobs_made = [encrypted(fleet.vaults[0], token, b"pin") for token in old]
    fleet.rotate()
    answer = fleet.vaults[1].execute(Rewrap(tokens=tuple(old)))
    assert isinstance(answer, Rewrapped)
    assert [keytoken.number_of(token) for token in answer.tokens] == [2, 2, 2]
    for token, blob in zip(answer.tokens, blobs_made, strict=True):
        assert decrypted(fleet.vaults[0], token, blob) == b"pin"
    again = fleet.vaults[0].execute(Rewrap(tokens=answer.tokens))
    assert again == Rewrapped(tokens=answer.tokens, active_key=2)


def test_a_token_stays_readable_until_its_domain_key_falls_out_of_the_ring(
    new_fleet: New, encrypted: New, decrypted: New
) -> None:
    # Goal: a copy that nobody re-wraps is lost with the seventh rotation after it, not earlier.
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], fleet.new_key().token
    blob = encrypted(vault, token, b"pin")
    for _ in range(RETAINED_KEYS - 1):
        fleet.rotate()
        assert decrypted(vault, token, blob) == b"pin"
    fleet.rotate()
    with pytest.raises(TokenUnreadable, match=r"^token under domain key 1, held are 2–8$"):
        decrypted(vault, token, blob)


TRANSFER = Transfer(
    key_id="mrk-" + "a" * 32, spec="SYMMETRIC_DEFAULT", hbk_id=bytes(32), source="a", target="b"
)
NEEDS_A_DOMAIN = [
    RotateDomainKey(token=b""),
    ModifyMembers(token=b""),
    GenerateKey(key_id=KEY),
    Rewrap(tokens=()),
    HsmEncrypt(region=REGION, key_id=KEY, token=b"", plaintext=b"x", context=b""),
    HsmDecrypt(token=b"", blob=b"", context=b""),
    HsmDataKey(
        region=REGION, key_id=KEY, token=b"", number_of_bytes=1, context=b"", with_plaintext=True
    ),
    HsmReEncrypt(
        source_token=b"",
        blob=b"",
        source_context=b"",
        region=REGION,
        key_id=KEY,
        token=b"",
        context=b"",
    ),
    HsmRandom(number_of_bytes=1),
    DescribeSigner(token=b""),
    OfferAgreement(transfer=TRANSFER, signer=b""),
    WrapMaterial(
        transfer=TRANSFER, token=b"", offered=b"", offer_signature=b"", peer=b"", signer=b""
    ),
    UnwrapMaterial(transfer=TRANSFER, offer=b"", public=b"", sealed=b"", signature=b"", peer=b""),
    MakeImportKey(key_id=KEY, spec="RSA_2048", algorithm="RSAES_OAEP_SHA_1", valid_to_ns=1),
    ImportMaterial(spec="SYMMETRIC_DEFAULT", token=b"", wrapped=b""),
    HsmPublicKey(token=b""),
    HsmSign(token=b"", algorithm="ECDSA_SHA_256", message_type="RAW", message=b"x"),
    HsmVerify(
        token=b"", algorithm="ECDSA_SHA_256", message_type="RAW", message=b"x", signature=b""
    ),
    HsmMac(token=b"", message=b"x"),
    HsmVerifyMac(token=b"", message=b"x", mac=b""),
    HsmAgree(token=b"", public_key=b""),
    HsmEncapsulate(token=b""),
    HsmDecapsulate(token=b"", ciphertext=b""),
    HsmRsaEncrypt(token=b"", algorithm="RSAES_OAEP_SHA_1", plaintext=b"x"),
    HsmRsaDecrypt(token=b"", algorithm="RSAES_OAEP_SHA_1", ciphertext=b"x"),
    HsmConvert(
        source_token=b"",
        source_algorithm="RSAES_OAEP_SHA_1",
        source_ciphertext=b"",
        source_context=b"",
        region=REGION,
        key_id=KEY,
        token=b"",
        algorithm="SYMMETRIC_DEFAULT",
        context=b"",
    ),
    HsmDataKeyPair(
        region=REGION,
        key_id=KEY,
        token=b"",
        spec="ECC_NIST_P256",
        context=b"",
        with_plaintext=False,
    ),
    HsmSealFor(command=HsmRandom(number_of_bytes=1), public_key=b""),
]


@pytest.mark.parametrize("command", NEEDS_A_DOMAIN, ids=lambda one: type(one).__name__)
def test_an_empty_hsm_refuses_every_command_that_needs_domain_keys(
    new_fleet: New, command: Message
) -> None:
    vault = new_fleet(1, joined=False).vaults[0]
    with pytest.raises(HsmNotReady, match=r"^HSM az0/hsm-1#1 has joined no domain$"):
        vault.execute(command)


def test_an_hsm_that_left_its_domain_has_forgotten_every_key(new_fleet: New) -> None:
    fleet = new_fleet(2)
    vault = fleet.vaults[0]
    assert vault.execute(LeaveDomain()) == vault.identity
    with pytest.raises(HsmNotReady, match=r"^HSM az0/hsm-1#1 has joined no domain$"):
        vault.execute(GenerateKey(key_id=KEY))
    assert (vault._state, vault._wrapping, vault._installed) == (None, {}, b"")


def test_every_command_is_either_refused_by_an_empty_hsm_or_needs_no_domain() -> None:
    # Goal: a command added later is sorted into one of the two lists.
    free = {Introduce, CreateDomain, InstallDomain, LeaveDomain}
    assert {*COMMANDS} == free | {type(command) for command in NEEDS_A_DOMAIN}


def test_hsm_01_commands_take_tokens_and_customer_bytes_and_no_key_bytes() -> None:
    """HSM-01: operations take key handles, not key bytes."""
    fields = {
        command.__name__: [one.name for one in dataclasses.fields(command)]  # type: ignore[arg-type]
        for command in COMMANDS
    }
    assert fields == {
        "Introduce": [],
        "CreateDomain": ["name", "members"],
        "RotateDomainKey": ["token", "tokens"],
        "ModifyMembers": ["token", "add", "remove"],
        "InstallDomain": ["token"],
        "LeaveDomain": [],
        "GenerateKey": ["key_id", "spec"],
        "Rewrap": ["tokens"],
        "HsmEncrypt": ["region", "key_id", "token", "plaintext", "context"],
        "HsmDecrypt": ["token", "blob", "context"],
        "HsmDataKey": [
            "region",
            "key_id",
            "token",
            "number_of_bytes",
            "context",
            "with_plaintext",
        ],
        "HsmReEncrypt": [
            "source_token",
            "blob",
            "source_context",
            "region",
            "key_id",
            "token",
            "context",
        ],
        "HsmRandom": ["number_of_bytes"],
        "DescribeSigner": ["token"],
        "OfferAgreement": ["transfer", "signer"],
        "WrapMaterial": ["transfer", "token", "offered", "offer_signature", "peer", "signer"],
        "UnwrapMaterial": ["transfer", "offer", "public", "sealed", "signature", "peer"],
        "MakeImportKey": ["key_id", "spec", "algorithm", "valid_to_ns"],
        "ImportMaterial": ["spec", "token", "wrapped"],
        "HsmPublicKey": ["token"],
        "HsmSign": ["token", "algorithm", "message_type", "message"],
        "HsmVerify": ["token", "algorithm", "message_type", "message", "signature"],
        "HsmMac": ["token", "message"],
        "HsmVerifyMac": ["token", "message", "mac"],
        "HsmAgree": ["token", "public_key"],
        "HsmEncapsulate": ["token"],
        "HsmDecapsulate": ["token", "ciphertext"],
        "HsmRsaEncrypt": ["token", "algorithm", "plaintext"],
        "HsmRsaDecrypt": ["token", "algorithm", "ciphertext"],
        "HsmConvert": [
            "source_token",
            "source_algorithm",
            "source_ciphertext",
            "source_context",
            "region",
            "key_id",
            "token",
            "algorithm",
            "context",
        ],
        "HsmDataKeyPair": ["region", "key_id", "token", "spec", "context", "with_plaintext"],
        "HsmSealFor": ["command", "public_key"],
    }


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_cmk_07_no_sequence_of_commands_makes_an_answer_show_a_key(
    new_fleet: New, data: st.DataObject
) -> None:
    """CMK-07, KMI-02: all that leaves an HSM is wrapped, but data keys for their owner."""
    # Method: random commands; every frame that would leave is searched for every announced secret.
    fleet = new_fleet(2)
    tokens, frames = [fleet.new_key().token], []
    blob = fleet.vaults[0].execute(
        HsmEncrypt(region=REGION, key_id=KEY, token=tokens[0], plaintext=b"pin", context=b"")
    )
    assert isinstance(blob, HsmBlob)
    for step in data.draw(st.lists(st.sampled_from("rgwedkm"), min_size=4, max_size=12)):
        vault = data.draw(st.sampled_from(fleet.vaults))
        key = {"region": REGION, "key_id": KEY, "token": tokens[-1], "context": b""}
        command: Message = {
            "r": RotateDomainKey(token=fleet.token),
            "g": GenerateKey(key_id=KEY),
            "w": Rewrap(tokens=tuple(tokens)),
            "e": HsmEncrypt(**key, plaintext=b"secret"),
            "d": HsmDecrypt(token=tokens[0], blob=blob.blob, context=b""),
            "k": HsmDataKey(**key, number_of_bytes=32, with_plaintext=False),
            "m": ModifyMembers(token=fleet.token),
        }[step]
        answer = vault.execute(command)
        frames.append(CODEC.encode(answer))
        if step in "rm":
            fleet.issued(answer)
        elif isinstance(answer, commands.KeyToken):
            tokens.append(answer.token)
        elif isinstance(answer, Rewrapped):
            tokens = list(answer.tokens)
        elif isinstance(answer, HsmPlaintext):
            assert answer.plaintext == b"pin"
    for kind, secret in fleet.secrets:
        if kind != "key-token":  # Wrapped: announced only because it may not leave its region.
            assert not any(secret in frame for frame in frames), kind


def test_secrets_do_not_show_in_the_text_of_a_command_or_a_domain_key(new_fleet: New) -> None:
    fleet = new_fleet(1)
    command = HsmEncrypt(region=REGION, key_id=KEY, token=b"", plaintext=b"hunter2", context=b"")
    assert "hunter2" not in repr(command)
    made = HsmDataKeyMade(plaintext=b"hunter2", blob=b"")
    assert "hunter2" not in repr(made)
    state = fleet.vaults[0]._state
    assert state is not None
    assert repr(state.active) == "DomainKey(number=1)"
