"""The vault with keys of every kind: tokens say of which kind they are, and no secret leaves."""

from collections.abc import Callable
from typing import Any

import pytest
from fixture_keys import known

from regions.frames import FRAMES
from regions.hsm import keytoken
from regions.hsm.commands import GenerateKey, HsmDecrypt, HsmEncrypt, Rewrap, Rewrapped
from regions.hsm.errors import HsmKindUnsupported, TokenUnreadable
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
from regions.hsm.kinds import KINDS
from regions.kms import blob as blobs
from sim.wire import Codec, Message

REGION = "us-east-1"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
CODEC = Codec(FRAMES)
#: Family of kinds to a KeySpec of it.
SPECS = {kind.family: kind.spec for kind in reversed(KINDS.values())}
MESSAGE = b"message"

New = Callable[..., Any]


def token_of(fleet: Any, spec: str, place: int = 0) -> bytes:
    bits = KINDS[spec].bits
    if bits:
        fleet.vaults[0].maker.stock(known(bits)[place][1])
    made = fleet.vaults[0].execute(GenerateKey(key_id=KEY, spec=spec))
    token: bytes = made.token
    return token


def commands_on(token: bytes, family: str) -> list[Message]:
    """Return commands that a key of a family carries out."""
    algorithms = {
        "rsa": ("RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_512"),
        "elliptic": ("ECDSA_SHA_256",),
        "edwards": ("ED25519_SHA_512",),
        "ml-dsa": ("ML_DSA_SHAKE_256",),
    }
    wanted: list[Message] = [
        HsmSign(token=token, algorithm=name, message_type="RAW", message=MESSAGE)
        for name in algorithms.get(family, ())
    ]
    if family not in ("symmetric", "hmac"):
        wanted.append(HsmPublicKey(token=token))
    if family == "rsa":
        wanted.append(HsmRsaEncrypt(token=token, algorithm="RSAES_OAEP_SHA_256", plaintext=MESSAGE))
    if family == "hmac":
        wanted += [
            HsmMac(token=token, message=MESSAGE),
            HsmVerifyMac(token=token, message=MESSAGE, mac=b"x"),
        ]
    if family == "ml-kem":
        wanted.append(HsmEncapsulate(token=token))
    if family == "symmetric":
        key = {"region": REGION, "key_id": KEY, "token": token, "context": b""}
        wanted += [
            HsmEncrypt(**key, plaintext=MESSAGE),
            HsmDataKeyPair(**key, spec="ECC_NIST_P256", with_plaintext=False),
        ]
    return wanted


def test_a_token_tells_its_kind_and_is_as_long_as_that_kind_is(new_fleet: New) -> None:
    fleet = new_fleet(1)
    for spec, kind in KINDS.items():
        if spec in ("RSA_3072", "RSA_4096"):
            continue
        token = token_of(fleet, spec)
        assert (keytoken.spec(token), keytoken.number_of(token)) == (spec, 1)
        assert len(token) - 108 in kind.secret_bytes
        other = 1 if kind.code != 1 else 2
        for wrong in (token[:-1], token[:3] + bytes([99]) + token[4:], b"", token[:3]):
            assert keytoken.spec(wrong) is None
        passed_off = token[:3] + bytes([other]) + token[4:]
        with pytest.raises(TokenUnreadable, match=r"^token "):
            fleet.vaults[0].open(passed_off)


def test_a_kind_that_is_passed_off_as_one_of_equal_length_does_not_open(new_fleet: New) -> None:
    fleet = new_fleet(1)
    token = token_of(fleet, "HMAC_256")
    assert len(token) == keytoken.TOKEN_BYTES
    passed_off = token[:3] + bytes([KINDS["ECC_NIST_P256"].code]) + token[4:]
    with pytest.raises(TokenUnreadable, match=r"^token under domain key 1 is damaged$"):
        fleet.vaults[0].execute(HsmPublicKey(token=passed_off))


@pytest.mark.parametrize("family", sorted(SPECS))
def test_a_key_carries_out_only_what_its_kind_can(new_fleet: New, family: str) -> None:
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], token_of(fleet, SPECS[family])
    own = {type(command) for command in commands_on(token, family)}
    for other in sorted(SPECS):
        for command in commands_on(token, other):
            if other == family or (type(command) in own and type(command) is HsmPublicKey):
                vault.execute(command)
                continue
            with pytest.raises(TokenUnreadable, match=rf"^token of kind {SPECS[family]}"):
                vault.execute(command)


def test_blobs_of_a_key_of_another_kind_do_not_exist(new_fleet: New) -> None:
    # Goal: an HMAC key, as long as a symmetric one, never becomes one.
    fleet = new_fleet(1)
    token = token_of(fleet, "HMAC_256")
    header = blobs.header(
        region=REGION, key_id=KEY, hbk_id=keytoken.hbk_id(token), nonce=bytes(16), iv=bytes(12)
    )
    with pytest.raises(TokenUnreadable, match=r"^token of kind HMAC_256 seals no blobs$"):
        fleet.vaults[0].execute(HsmDecrypt(token=token, blob=header + bytes(17), context=b""))


@pytest.mark.parametrize("family", sorted(SPECS))
def test_cmk_07_no_answer_about_a_key_of_any_kind_shows_it(new_fleet: New, family: str) -> None:
    """CMK-07, KMI-02, HSM-01: what leaves the HSM is wrapped, public, or made with the key."""
    fleet = new_fleet(1)
    vault, token = fleet.vaults[0], token_of(fleet, SPECS[family])
    secrets = [secret for kind, secret in fleet.secrets if kind == "backing-key"]
    assert len(secrets) == (2 if family == "rsa" else 1)
    answers = [vault.execute(command) for command in commands_on(token, family)]
    answers.append(vault.execute(Rewrap(tokens=(token,))))
    frames = [CODEC.encode(answer) for answer in answers]
    for secret in secrets:
        assert len(secret) >= 28
        assert not any(secret in frame for frame in (*frames, token))


def test_a_data_key_pair_is_announced_and_shown_only_when_asked_for(new_fleet: New) -> None:
    fleet = new_fleet(1)
    given = {
        "region": REGION,
        "key_id": KEY,
        "token": token_of(fleet, "SYMMETRIC_DEFAULT"),
        "context": b"",
    }
    for spec in ("RSA_2048", "ECC_SECG_P256K1", "ML_KEM_768"):
        if spec == "RSA_2048":
            fleet.vaults[0].maker.stock(known(2048)[0][1])
        fleet.secrets.clear()
        made = fleet.vaults[0].execute(HsmDataKeyPair(**given, spec=spec, with_plaintext=False))
        secrets = [secret for kind, secret in fleet.secrets if kind == "data-key"]
        assert secrets
        assert made.plaintext == b""
        assert not any(secret in CODEC.encode(made) for secret in secrets)
        opened = fleet.vaults[0].execute(
            HsmDecrypt(token=given["token"], blob=made.blob, context=b"")
        )
        assert all(secret in opened.plaintext for secret in secrets)


def test_equal_generators_make_equal_keys_and_signatures_of_every_kind(new_fleet: New) -> None:
    # ML-DSA signs with chance of the library's own; what it says is told to the veil instead.
    runs = []
    for _ in range(2):
        fleet = new_fleet(1)
        made = []
        for family in ("rsa", "elliptic", "edwards", "hmac", "ml-dsa", "ml-kem"):
            token = token_of(fleet, SPECS[family])
            made.append(token)
            made += [
                CODEC.encode(fleet.vaults[0].execute(command))
                for command in commands_on(token, family)
                if family not in ("ml-dsa", "ml-kem") or isinstance(command, HsmPublicKey)
            ]
        runs.append(made)
    assert runs[0] == runs[1]


def test_what_the_library_draws_itself_is_veiled_before_it_leaves(new_fleet: New) -> None:
    fleet, veiled = new_fleet(1), []
    vault = fleet.vaults[0]
    vault._veil = veiled.append
    signer, kem = token_of(fleet, "ML_DSA_44"), token_of(fleet, "ML_KEM_768")
    signed = vault.execute(commands_on(signer, "ml-dsa")[0])
    made = vault.execute(HsmEncapsulate(token=kem))
    assert veiled == [signed.signature, made.secret, made.ciphertext]
    opened = vault.execute(HsmDecapsulate(token=kem, ciphertext=made.ciphertext))
    assert opened.secret == made.secret
    vault.execute(commands_on(token_of(fleet, "ECC_NIST_P256"), "elliptic")[0])
    assert len(veiled) == 3


def test_a_kind_that_the_library_lacks_is_not_made(
    new_fleet: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regions.crypto.post_quantum.mldsa", None)
    with pytest.raises(HsmKindUnsupported, match=r"^cryptography has no MLDSA$"):
        token_of(new_fleet(1), "ML_DSA_44")


def test_tokens_of_all_kinds_are_wrapped_again_under_the_next_domain_key(new_fleet: New) -> None:
    fleet = new_fleet(2)
    tokens = tuple(token_of(fleet, spec) for _, spec in sorted(SPECS.items()))
    fleet.rotate()
    answer = fleet.vaults[1].execute(Rewrap(tokens=tokens))
    assert isinstance(answer, Rewrapped)
    assert [keytoken.number_of(token) for token in answer.tokens] == [2] * len(tokens)
    assert [keytoken.spec(token) for token in answer.tokens] == [
        keytoken.spec(token) for token in tokens
    ]
    again = fleet.vaults[0].execute(HsmPublicKey(token=answer.tokens[1]))
    assert again == fleet.vaults[1].execute(HsmPublicKey(token=tokens[1]))


def test_no_text_of_a_command_or_an_answer_shows_what_is_its_caller_s(new_fleet: New) -> None:
    fleet = new_fleet(1)
    token = token_of(fleet, "SYMMETRIC_DEFAULT")
    shown = repr(
        (
            HsmSign(token=b"", algorithm="a", message_type="RAW", message=b"hunter2"),
            HsmVerify(
                token=b"", algorithm="a", message_type="RAW", message=b"hunter2", signature=b""
            ),
            HsmMac(token=b"", message=b"hunter2"),
            HsmRsaEncrypt(token=b"", algorithm="a", plaintext=b"hunter2"),
        )
    )
    assert "hunter2" not in shown
    pair = fleet.vaults[0].execute(
        HsmDataKeyPair(
            region=REGION,
            key_id=KEY,
            token=token,
            spec="ECC_NIST_P256",
            context=b"",
            with_plaintext=True,
        )
    )
    assert repr(pair.plaintext)[2:-1] not in repr(pair)


def test_conversion_and_agreement_need_keys_of_their_kind(new_fleet: New) -> None:
    fleet = new_fleet(1)
    vault, mac = fleet.vaults[0], token_of(fleet, "HMAC_224")
    symmetric = token_of(fleet, "SYMMETRIC_DEFAULT")
    given = {
        "source_algorithm": "RSAES_OAEP_SHA_1",
        "source_ciphertext": b"x",
        "source_context": b"",
        "region": REGION,
        "key_id": KEY,
        "algorithm": "SYMMETRIC_DEFAULT",
        "context": b"",
    }
    for command in (
        HsmConvert(source_token=mac, token=symmetric, **given),
        HsmAgree(token=mac, public_key=b"x"),
        HsmRsaDecrypt(token=mac, algorithm="RSAES_OAEP_SHA_1", ciphertext=b"x"),
        HsmDecapsulate(token=mac, ciphertext=b"x"),
    ):
        with pytest.raises(TokenUnreadable, match=r"^token of kind HMAC_224, wanted is [a-z-]+$"):
            vault.execute(command)
