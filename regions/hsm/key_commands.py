"""What an HSM can be asked to do with keys that are not symmetric encryption keys.

A token says itself of which kind its key is; the HSM believes nobody else. No answer shows a
private key but that of a data key pair, which is its caller's. What does not belong here: what is
computed (keywork.py), and which key may do what (kms/key_specs.py).
Source: AWS KMS Cryptographic Details, "Customer data operations"; AWS KMS API Reference, Sign,
Verify, GenerateMac, VerifyMac, DeriveSharedSecret, Encapsulate, Decapsulate, GenerateDataKeyPair.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmPublicKey(Message):
    """Tell the public half of a key pair; answered with HsmPublicKeyTold."""

    token: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmPublicKeyTold(Message):
    """The public half of a key pair."""

    public_key: bytes  #: SubjectPublicKeyInfo, DER


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSign(Message):
    """Sign a message, or what stands for it; answered with HsmSigned."""

    token: bytes
    algorithm: str  #: SigningAlgorithm
    message_type: str  #: RAW, DIGEST or EXTERNAL_MU
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSigned(Message):
    """A signature."""

    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmVerify(Message):
    """Check a signature; answered with HsmVerdict."""

    token: bytes
    algorithm: str  #: SigningAlgorithm
    message_type: str  #: RAW, DIGEST or EXTERNAL_MU
    message: bytes = field(repr=False)
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmVerdict(Message):
    """Whether a signature or a MAC holds."""

    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmMac(Message):
    """Authenticate a message with an HMAC key; answered with HsmMacMade."""

    token: bytes
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmMacMade(Message):
    """A message authentication code, as long as the digest."""

    mac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmVerifyMac(Message):
    """Check a message authentication code; answered with HsmVerdict."""

    token: bytes
    message: bytes = field(repr=False)
    mac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmAgree(Message):
    """Agree on a secret with the owner of a public key; answered with HsmSharedSecret."""

    token: bytes
    public_key: bytes  #: SubjectPublicKeyInfo, DER


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSharedSecret(Message):
    """A secret that two share, for the caller alone."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmEncapsulate(Message):
    """Make a secret and its ciphertext for a key pair; answered with HsmEncapsulated."""

    token: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmEncapsulated(Message):
    """A new secret, and the ciphertext that the key pair opens to it."""

    secret: bytes = field(repr=False)
    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmDecapsulate(Message):
    """Open the ciphertext of an encapsulated secret; answered with HsmSharedSecret."""

    token: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmRsaEncrypt(Message):
    """Encrypt a few bytes with a public key; answered with HsmCiphertext."""

    token: bytes
    algorithm: str  #: EncryptionAlgorithm
    plaintext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmCiphertext(Message):
    """A ciphertext that names no key."""

    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmRsaDecrypt(Message):
    """Open a ciphertext with a private key; answered with HsmPlaintext."""

    token: bytes
    algorithm: str  #: EncryptionAlgorithm
    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmConvert(Message):
    """Open a ciphertext and seal its content under another key, one of the two an RSA key.

    Answered with HsmBlob if the other key is symmetric, else with HsmCiphertext.
    """

    source_token: bytes
    source_algorithm: str  #: EncryptionAlgorithm
    source_ciphertext: bytes  #: a blob, if the source key is symmetric
    source_context: bytes  #: canonical encryption context; empty unless symmetric
    region: str
    key_id: str
    token: bytes
    algorithm: str  #: EncryptionAlgorithm
    context: bytes  #: canonical encryption context; empty unless symmetric


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmDataKeyPair(Message):
    """Make a key pair and seal its private half under a symmetric key."""

    region: str
    key_id: str
    token: bytes
    spec: str  #: KeyPairSpec
    context: bytes  #: canonical encryption context
    with_plaintext: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmDataKeyPairMade(Message):
    """A data key pair; ``plaintext`` is empty when it was not asked for."""

    plaintext: bytes = field(repr=False)  #: PKCS #8 PrivateKeyInfo, DER
    blob: bytes  #: of the private half
    public_key: bytes  #: SubjectPublicKeyInfo, DER


#: Wire ids 580–599.
KEY_COMMAND_FRAMES: Final[dict[int, type[Any]]] = {
    580: HsmPublicKey,
    581: HsmPublicKeyTold,
    582: HsmSign,
    583: HsmSigned,
    584: HsmVerify,
    585: HsmVerdict,
    586: HsmMac,
    587: HsmMacMade,
    588: HsmVerifyMac,
    589: HsmAgree,
    590: HsmSharedSecret,
    591: HsmEncapsulate,
    592: HsmEncapsulated,
    593: HsmDecapsulate,
    594: HsmRsaEncrypt,
    595: HsmCiphertext,
    596: HsmRsaDecrypt,
    597: HsmConvert,
    598: HsmDataKeyPair,
    599: HsmDataKeyPairMade,
}
