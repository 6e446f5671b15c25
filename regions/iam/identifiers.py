"""Ids, ARNs and paths of what IAM has: print them, and take an access key's id apart.

What does not belong here: whether a named thing exists (directory.py).
Source: IAM User Guide, "IAM identifiers"; that the digits of an access key id hold the account as
published of keys made since 2019 (which is how sts:GetAccessKeyInfo answers for any key).
"""

import base64
import re
from typing import Final

#: Behind the four letters that tell the kind: 16 digits of base 32, which are 80 bits.
_DIGITS: Final = 16
_BITS: Final = 80
#: The account stands in 40 of the first 48 bits: one bit before it, seven behind it.
_ACCOUNT_SHIFT: Final = 7 + 32
_ACCOUNT_MASK: Final = (1 << 40) - 1
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: Ids of users, roles, groups and policies have one digit more than access keys.
_KEY_PREFIXES: Final = ("AKIA", "ASIA")
LONG_TERM, SESSION = _KEY_PREFIXES
USER, ROLE, GROUP, POLICY = "AIDA", "AROA", "AGPA", "ANPA"
#: Random bytes that an id takes.
ID_BYTES: Final = 6

_KEY_ID: Final = re.compile(rf"(?:{'|'.join(_KEY_PREFIXES)})[A-Z2-7]{{{_DIGITS}}}")
_ROLE_ARN: Final = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role(/(?:.+/)?)([^/]+)")


def _digits(account: str, random: bytes) -> str:
    assert len(random) == ID_BYTES, f"{len(random)} random bytes"
    noise = int.from_bytes(random, "big")
    value = 1 << (_BITS - 1) | int(account) << _ACCOUNT_SHIFT | noise & ((1 << _ACCOUNT_SHIFT) - 1)
    return base64.b32encode(value.to_bytes(_BITS // 8, "big")).decode()


def access_key_id(prefix: str, account: str, random: bytes) -> str:
    """Return the id of an access key, 20 characters.

    Args:
      prefix: LONG_TERM or SESSION.
      account: twelve digits.
      random: 6 bytes.
    """
    return prefix + _digits(account, random)


def unique_id(prefix: str, account: str, random: bytes) -> str:
    """Return the id of a user, role, group or policy, 21 characters."""
    return prefix + _digits(account, random) + _ALPHABET[random[0] % len(_ALPHABET)]


def account_of_key(key_id: str) -> str | None:
    """Return the account that an access key's id tells; None if it is no such id."""
    if _KEY_ID.fullmatch(key_id) is None:
        return None
    value = int.from_bytes(base64.b32decode(key_id[4:]), "big")
    account = value >> _ACCOUNT_SHIFT & _ACCOUNT_MASK
    return f"{account:012}" if account < 10**12 else None


def entity_arn(partition: str, account: str, kind: str, path: str, name: str) -> str:
    """Return the ARN of a ``user``, ``role``, ``group`` or ``policy``; paths begin and end in /."""
    return f"arn:{partition}:iam::{account}:{kind}{path}{name}"


def session_arn(partition: str, account: str, role: str, session: str) -> str:
    """Return the ARN of a role's session, which does not show the role's path."""
    return f"arn:{partition}:sts::{account}:assumed-role/{role}/{session}"


def account_of_role(arn: str) -> str | None:
    """Return the account of a role's ARN; None if it is none."""
    match = _ROLE_ARN.fullmatch(arn)
    return None if match is None else match[2]
