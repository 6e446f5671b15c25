"""The encryption context as bytes: equal maps, equal bytes; different maps, different bytes.

What does not belong here: limits on its size, and where it is logged.
Source: AWS KMS Developer Guide, "Encryption context": pairs compare exactly and case-sensitively,
their order does not matter. The real canonical form is unpublished, so this one is chosen.
"""

from collections.abc import Mapping


def canonical(context: Mapping[str, str]) -> bytes:
    """Return the pairs sorted by UTF-8 key, each string behind its length (4 bytes, big-endian).

    The empty context is the empty string of bytes.
    """
    if not context:
        return b""
    parts: list[bytes] = []
    for name, value in sorted((name.encode(), value.encode()) for name, value in context.items()):
        parts += (len(name).to_bytes(4, "big"), name, len(value).to_bytes(4, "big"), value)
    return b"".join(parts)
