"""Grant tokens: texts by which a call points at a grant that not every AZ may have heard of.

A token names its grant and is no secret: it gives its bearer nothing that the grant does not give,
and makes the grant count at once. So its check value tells a token from other texts, no more.

==========  ==================================================================
bytes       content
==========  ==================================================================
1           version, 1
32          grant id
16          drawn anew for each token
8           check value: BLAKE2b of the region and all of the above
==========  ==================================================================

What does not belong here: what a grant allows (grant.py).
Source: AWS KMS Developer Guide, "Grant token": unique for each CreateGrant, interchangeable for one
grant. The layout is chosen; real ones are longer.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from typing import Any, Final

from regions.api.models import model_of
from regions.errors import InvalidGrantTokenException
from regions.kms.keyring import Keyring

_VERSION: Final = b"\x01"
_ID_BYTES: Final = 32
_DRAWN_BYTES: Final = 16
_CHECK_BYTES: Final = 8
_BYTES: Final = 1 + _ID_BYTES + _DRAWN_BYTES + _CHECK_BYTES


def grant_id_of(seed: str) -> str:
    """Return the id of the grant that one call creates: 64 hex digits, as unique as the call."""
    return blake2b(seed.encode(), digest_size=_ID_BYTES, person=b"grant id").hexdigest()


def grant_token(region: str, grant_id: str, seed: str) -> str:
    """Return one more token of a grant, as unique as the call that it is for."""
    drawn = blake2b(seed.encode(), digest_size=_DRAWN_BYTES, person=b"grant token").digest()
    body = _VERSION + bytes.fromhex(grant_id) + drawn
    return b64encode(body + _check(region, body)).decode()


def grant_of_token(region: str, token: str) -> str:
    """Return the id of the grant that a token names.

    Raises:
      InvalidGrantTokenException: it is no token of this region.
    """
    try:
        data = b64decode(token, validate=True)
    except ValueError:
        raise InvalidGrantTokenException from None
    body, check = data[:-_CHECK_BYTES], data[-_CHECK_BYTES:]
    if len(data) != _BYTES or body[:1] != _VERSION or check != _check(region, body):
        raise InvalidGrantTokenException
    return body[1 : 1 + _ID_BYTES].hex()


def _check(region: str, body: bytes) -> bytes:
    data = region.encode() + body
    return blake2b(data, digest_size=_CHECK_BYTES, person=b"grant check").digest()


@cache
def takers() -> frozenset[str]:
    """Return the actions that take grant tokens, as the service model has them."""
    model = model_of("kms")
    return frozenset(
        action
        for action, operation in model["operations"].items()
        if "GrantTokens" in model["shapes"][operation["input"]["shape"]]["members"]
    )


_NONE: Final[frozenset[str]] = frozenset()


def granted_by_tokens(region: str, action: str, parameters: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of the grants that a valid call's GrantTokens name.

    Raises:
      InvalidGrantTokenException: one of them is no token of this region.
    """
    tokens = parameters.get("GrantTokens")
    if not tokens or action not in takers():
        return _NONE
    return frozenset(grant_of_token(region, token) for token in tokens)


def lacks_a_grant(keyring: Keyring, parameters: Mapping[str, Any]) -> bool:
    """Tell whether a token of a call names a grant that a replica has not heard of.

    Args:
      keyring: the replica.
      parameters: of any action and any form; what is no token is passed over.
    """
    if "GrantTokens" not in parameters and "GrantToken" not in parameters:
        return False
    texts = parameters.get("GrantTokens")
    found = list(texts) if isinstance(texts, list | tuple) else []
    found.append(parameters.get("GrantToken"))
    for text in found:
        if isinstance(text, str):
            try:
                grant_id = grant_of_token(keyring.region, text)
            except InvalidGrantTokenException:
                continue
            if keyring.grants.find(grant_id) is None:
                return True
    return False
