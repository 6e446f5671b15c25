"""AES key wrap with padding: a key under a key, with no nonce and no chance.

What does not belong here: what is wrapped and why (hsm/importing.py).
Source: RFC 5649; NIST SP 800-38F, section 6.3 (KWP).
"""

from cryptography.hazmat.primitives import keywrap

from regions.crypto.aead import Unauthentic


def unwrap(key: bytes, wrapped: bytes) -> bytes:
    """Return what was wrapped.

    Args:
      key: 16, 24 or 32 bytes.
      wrapped: 16 or more bytes, a multiple of 8.

    Raises:
      Unauthentic: it was not wrapped under that key.
    """
    try:
        return keywrap.aes_key_unwrap_with_padding(key, wrapped)
    except (keywrap.InvalidUnwrap, ValueError):
        raise Unauthentic from None
