"""What is computed with an opened key: signatures, MACs, agreements, encapsulations, OAEP.

Each function takes the kind and the secret of a key, which its caller has just opened and forgets
afterwards. What does not belong here: opening tokens and drawing secrets (vault.py), primitives
(crypto/), and which key may do what (kms/key_specs.py).
Source: AWS KMS API Reference, Sign (MessageType), GenerateMac, DeriveSharedSecret, Encapsulate.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

from regions.crypto.edwards import EdwardsKey
from regions.crypto.elliptic import EllipticKey, InvalidPeerKey
from regions.crypto.post_quantum import InvalidEncapsulation, KemKey, NoPostQuantum, SigningKey
from regions.crypto.rsa import InvalidPadding, RsaKey
from regions.hsm.commands import HsmPlaintext
from regions.hsm.errors import (
    HsmCiphertextInvalid,
    HsmContentTooLong,
    HsmKindUnsupported,
    HsmPeerKeyInvalid,
    TokenUnreadable,
)
from regions.hsm.key_commands import (
    HsmAgree,
    HsmCiphertext,
    HsmDecapsulate,
    HsmEncapsulate,
    HsmEncapsulated,
    HsmMac,
    HsmMacMade,
    HsmPublicKey,
    HsmPublicKeyTold,
    HsmRsaDecrypt,
    HsmRsaEncrypt,
    HsmSharedSecret,
    HsmSign,
    HsmSigned,
    HsmVerdict,
    HsmVerify,
    HsmVerifyMac,
)
from regions.hsm.kinds import KINDS
from regions.kms.key_specs import DIGEST, EXTERNAL_MU, OAEP, SIGNING, oaep_bytes_max, too_long
from sim.wire import Message

Draw = Callable[[int], bytes]


def opened(spec: str, secret: bytes) -> Any:
    """Return the key pair of a secret, ready for use.

    Raises:
      HsmKindUnsupported: the library lacks what this kind needs.
      TokenUnreadable: this kind has no key pairs.
    """
    family = KINDS[spec].family
    try:
        if family == "rsa":
            return RsaKey.from_secret(secret)
        if family == "elliptic":
            return EllipticKey(spec, secret)
        if family == "edwards":
            return EdwardsKey(secret)
        if family == "ml-dsa":
            return SigningKey(spec, secret)
        if family == "ml-kem":
            return KemKey(spec, secret)
    except NoPostQuantum as error:
        raise HsmKindUnsupported(str(error)) from None
    raise TokenUnreadable(f"token of kind {spec} holds no key pair")


def _pair(spec: str, secret: bytes, families: tuple[str, ...]) -> Any:
    family = KINDS[spec].family
    if family not in families:
        raise TokenUnreadable(f"token of kind {spec}, wanted is {' or '.join(families)}")
    return opened(spec, secret)


_SIGNERS: Final = {
    "pss": ("rsa",),
    "pkcs1": ("rsa",),
    "ecdsa": ("elliptic",),
    "ed25519": ("edwards",),
    "ed25519ph": ("edwards",),
    "ml-dsa": ("ml-dsa",),
}


def sign(spec: str, secret: bytes, command: HsmSign, draw: Draw) -> HsmSigned:
    """Sign; all but ML-DSA give the same signature for the same draws."""
    scheme = SIGNING[command.algorithm].scheme
    key, content = _pair(spec, secret, _SIGNERS[scheme]), _content(command)
    if scheme == "pss":
        signature = key.sign_pss(content, SIGNING[command.algorithm].hash_name, draw)
    elif scheme == "pkcs1":
        signature = key.sign_pkcs1(content, SIGNING[command.algorithm].hash_name)
    elif scheme == "ed25519ph":
        signature = key.sign_digest(content)
    elif command.message_type == EXTERNAL_MU:
        signature = key.sign_mu(content)
    else:
        signature = key.sign(content)
    return HsmSigned(signature=signature)


def verify(spec: str, secret: bytes, command: HsmVerify) -> HsmVerdict:
    """Check a signature."""
    scheme, name = SIGNING[command.algorithm].scheme, SIGNING[command.algorithm].hash_name
    key, content = _pair(spec, secret, _SIGNERS[scheme]), _content(command)
    signature = command.signature
    if scheme == "pss":
        valid = key.verify_pss(content, name, signature)
    elif scheme == "pkcs1":
        valid = key.verify_pkcs1(content, name, signature)
    elif scheme == "ed25519ph":
        valid = key.verify_digest(content, signature)
    elif command.message_type == EXTERNAL_MU:
        valid = key.verify_mu(content, signature)
    else:
        valid = key.verify(content, signature)
    return HsmVerdict(valid=valid)


def _content(command: HsmSign | HsmVerify) -> bytes:
    """Return what the scheme works on: a digest, or the message itself."""
    name = SIGNING[command.algorithm].hash_name
    if command.message_type == DIGEST or not name:
        return command.message
    return hashlib.new(name, command.message).digest()


def mac(spec: str, secret: bytes, message: bytes) -> bytes:
    """Return the HMAC of a message, as long as the digest of the kind."""
    if KINDS[spec].family != "hmac":
        raise TokenUnreadable(f"token of kind {spec}, wanted is hmac")
    return hmac.digest(secret, message, f"sha{spec.removeprefix('HMAC_')}")


def rsa_encrypt(
    spec: str, secret: bytes, algorithm: str, plaintext: bytes, draw: Draw
) -> HsmCiphertext:
    """Encrypt under an RSA key, with padding from the given draws."""
    key = _pair(spec, secret, ("rsa",))
    if len(plaintext) > oaep_bytes_max(spec, algorithm):
        raise HsmContentTooLong(too_long(spec, algorithm))
    return HsmCiphertext(ciphertext=key.encrypt(plaintext, OAEP[algorithm], draw))


def rsa_decrypt(spec: str, secret: bytes, algorithm: str, ciphertext: bytes) -> bytes:
    """Open what was encrypted under an RSA key."""
    key = _pair(spec, secret, ("rsa",))
    try:
        plaintext: bytes = key.decrypt(ciphertext, OAEP[algorithm])
    except InvalidPadding:
        raise HsmCiphertextInvalid from None
    if not plaintext:
        raise HsmCiphertextInvalid  # An answer has 1 byte or more (the service model).
    return plaintext


def _agree(spec: str, secret: bytes, command: HsmAgree) -> HsmSharedSecret:
    key = _pair(spec, secret, ("elliptic",))
    try:
        return HsmSharedSecret(secret=key.agree(command.public_key))
    except InvalidPeerKey:
        raise HsmPeerKeyInvalid from None


def _encapsulate(spec: str, secret: bytes, _: HsmEncapsulate) -> HsmEncapsulated:
    shared, ciphertext = _pair(spec, secret, ("ml-kem",)).encapsulate()
    return HsmEncapsulated(secret=shared, ciphertext=ciphertext)


def _decapsulate(spec: str, secret: bytes, command: HsmDecapsulate) -> HsmSharedSecret:
    key = _pair(spec, secret, ("ml-kem",))
    try:
        return HsmSharedSecret(secret=key.decapsulate(command.ciphertext))
    except InvalidEncapsulation:
        raise HsmCiphertextInvalid from None


def _verify_mac(spec: str, secret: bytes, command: HsmVerifyMac) -> HsmVerdict:
    return HsmVerdict(valid=hmac.compare_digest(mac(spec, secret, command.message), command.mac))


#: Command to what carries it out, given kind, secret, the command, and where chance comes from.
WORK: Final[dict[type[Message], Callable[[str, bytes, Any, Draw], Message]]] = {
    HsmPublicKey: lambda spec, secret, _command, _draw: HsmPublicKeyTold(
        public_key=opened(spec, secret).public_der()
    ),
    HsmSign: sign,
    HsmVerify: lambda spec, secret, command, _draw: verify(spec, secret, command),
    HsmMac: lambda spec, secret, command, _draw: HsmMacMade(mac=mac(spec, secret, command.message)),
    HsmVerifyMac: lambda spec, secret, command, _draw: _verify_mac(spec, secret, command),
    HsmAgree: lambda spec, secret, command, _draw: _agree(spec, secret, command),
    HsmEncapsulate: lambda spec, secret, command, _draw: _encapsulate(spec, secret, command),
    HsmDecapsulate: lambda spec, secret, command, _draw: _decapsulate(spec, secret, command),
    HsmRsaEncrypt: lambda spec, secret, command, draw: rsa_encrypt(
        spec, secret, command.algorithm, command.plaintext, draw
    ),
    HsmRsaDecrypt: lambda spec, secret, command, _draw: HsmPlaintext(
        plaintext=rsa_decrypt(spec, secret, command.algorithm, command.ciphertext)
    ),
}
