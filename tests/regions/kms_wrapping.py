"""What an owner of key material does at home: wraps it for an import, by an independent library."""

from typing import Any

from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key
from fixture_keys import known

HASHES = {"SHA_1": hashes.SHA1(), "SHA_256": hashes.SHA256()}
AES_KEY = bytes(range(32))


def wrapped(public_der: bytes, algorithm: str, material: bytes) -> bytes:
    """Return wrapped material as the service wants it."""
    scheme, _, name = algorithm.partition("_SHA_")
    hashed = HASHES[f"SHA_{name}"]
    oaep = padding.OAEP(padding.MGF1(hashed), hashed, label=None)
    public: Any = load_der_public_key(public_der)
    if scheme == "RSAES_OAEP":
        return bytes(public.encrypt(material, oaep))
    return bytes(public.encrypt(AES_KEY, oaep)) + keywrap.aes_key_wrap_with_padding(
        AES_KEY, material
    )


def bring(
    desk: Any,
    key_id: str,
    material: bytes,
    *,
    algorithm: str = "RSAES_OAEP_SHA_256",
    wrapping: str = "RSA_2048",
    parameters: dict[str, Any] | None = None,
    **more: Any,
) -> Any:
    """Import material; it does not expire unless a date is given."""
    if hasattr(desk, "vault") and not parameters:
        desk.vault.maker.stock(known(int(wrapping[4:]))[0][1])  # No primes are searched for.
    given = parameters or desk.call(
        "GetParametersForImport",
        KeyId=key_id,
        WrappingAlgorithm=algorithm,
        WrappingKeySpec=wrapping,
    )
    if "ValidTo" not in more:
        more.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    return desk.call(
        "ImportKeyMaterial",
        KeyId=key_id,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=wrapped(given["PublicKey"], algorithm, material),
        **more,
    )
