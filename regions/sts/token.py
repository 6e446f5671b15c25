"""Session tokens: all that is to be known of a session, sealed; nobody keeps a list of sessions.

Every region opens the tokens of all others, for they derive their keys from the same bytes. A
token outlives restarts, and is worth what its role or user may do when it is used.

====================  ======  ==================================================================
field                 bytes   content
====================  ======  ==================================================================
version               1       1
nonce                 12      random
sealed                n + 16  AES-256-GCM of Claims as a message
====================  ======  ==================================================================

All of it in base 64. The secret access key of a session is derived from nonce and access key id.
What does not belong here: who may have a session (operations/).
Source: layout chosen; NIST SP 800-38D, SP 800-108.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final

from regions.crypto.aead import IV_BYTES, KEY_BYTES, Aes256Gcm, Unauthentic
from regions.crypto.kdf import derive_key
from regions.iam.vault import SECRET_BYTES, spelled
from sim.wire import Codec, Message

VERSION: Final = b"\x01"
_BOUND: Final = b"session token"
_SEALING: Final = b"session token sealing"
_SECRETS: Final = b"session secret access key"
#: Names of the bytes that every region has for this.
BATTERY: Final = ("sts", "session tokens")
#: Longer texts are no token of ours; chosen: a policy of 2,048 characters and 50 tags fit.
TOKEN_MAX: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Message):
    """What a token says of its session."""

    access_key_id: str
    kind: str  #: ``AssumedRole``, ``IAMUser`` or ``Root``
    account: str
    owner: str = ""  #: name of the role or the user
    owner_id: str = ""  #: and its id, for another one may be called so later
    session: str = ""  #: name of a role's session
    policy: str = field(default="", repr=False)  #: session policy, a JSON document
    policy_arns: tuple[str, ...] = ()  #: managed policies that are session policies
    tags: tuple[tuple[str, str], ...] = ()
    source_identity: str = ""
    issued_ns: int  #: calendar
    expires_ns: int  #: calendar


_CODEC: Final = Codec({1: Claims})


class Tokens:
    """Makes and opens session tokens.

    Args:
      key: 32 bytes, the same in every region.
    """

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, f"key of {len(key)} bytes"
        self._aead = Aes256Gcm(derive_key(key, _SEALING, b""))
        self._secrets = derive_key(key, _SECRETS, b"")

    def seal(self, claims: Claims, iv: bytes) -> tuple[str, str]:
        """Return (session token, secret access key).

        Args:
          claims: what it says.
          iv: 12 random bytes.
        """
        sealed = self._aead.seal(iv, _CODEC.encode(claims), _BOUND)
        token = base64.b64encode(VERSION + iv + sealed).decode()
        return token, self._secret(claims, iv)

    def open(self, token: str) -> tuple[Claims, str] | None:
        """Return what a token says, and the secret access key; None if it is none of ours."""
        if len(token) > TOKEN_MAX:
            return None
        try:
            data = base64.b64decode(token, validate=True)
            if not data.startswith(VERSION) or len(data) <= 1 + IV_BYTES:
                return None
            iv = data[1 : 1 + IV_BYTES]
            claims: Claims = _CODEC.decode(self._aead.open(iv, data[1 + IV_BYTES :], _BOUND))
        except (Unauthentic, binascii.Error, ValueError):
            return None
        return claims, self._secret(claims, iv)

    def _secret(self, claims: Claims, iv: bytes) -> str:
        derived = derive_key(self._secrets, _SECRETS, iv + claims.access_key_id.encode())
        return spelled(derived[:SECRET_BYTES])
