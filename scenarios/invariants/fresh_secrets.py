"""Chance is never used twice: no key is drawn again, and no nonce returns under one key.

Whoever sees two blobs with one nonce under one key knows the difference of their plaintexts and
can forge further blobs; a generator that repeats itself after a power cut does just that. Every
answer of an HSM is read. A token that a job had wrapped before may come again byte for byte.
What does not belong here: where keys may be seen (custody.py).
Source: NIST SP 800-38D, section 8; layout of blobs and key tokens: regions/kms/blob.py and
regions/hsm/keytoken.py, as their documentation says it.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from scenarios.arena import Arena
from scenarios.invariants.promise import Promise

#: Answers of an HSM that hold something sealed -> the members that hold it.
_BLOBS: Final = {"HsmBlob": "blob", "HsmDataKeyMade": "blob", "HsmDataKeyPairMade": "blob"}
_TOKENS: Final = {"KeyToken": "token", "Rewrapped": "tokens", "DomainTokenIssued": "tokens"}
#: Nobody drew these: their owners bring them, and may bring them again.
_BROUGHT: Final = ("imported-key", "imported-id")
#: In a blob: id of the backing key, nonce of the derived key, nonce of GCM.
_BLOB_USE: Final = slice(56, 116)
#: In a key token: number of the domain key; nonce of GCM.
_TOKEN_KEY: Final = slice(4, 12)
_TOKEN_NONCE: Final = slice(80, 92)


class FreshSecrets(Promise):
    """No HSM draws a key that was drawn before, or uses a nonce twice under one key."""

    name: ClassVar[str] = "fresh-secrets"
    compared: ClassVar[str] = "nonces of every blob and key token, and every key that was drawn"

    def __init__(self) -> None:
        super().__init__()
        self._used: dict[tuple[str, bytes, bytes], bytes] = {}  #: region, key, nonce -> the use

    def attach(self, arena: Arena) -> None:
        """Read every answer that an HSM gives."""
        world = arena.world
        codec = world.kernel.codec
        assert codec is not None

        def frame(source: str, target: str, data: bytes) -> None:  # noqa: ARG001 - as taps are
            if "/hsm" not in source:
                return
            what = codec.name(data)
            if what in _BLOBS:
                blob = getattr(codec.decode(data), _BLOBS[what])
                self._see(world.now_ns, source, b"", blob[_BLOB_USE], blob, "blob")
            elif what in _TOKENS:
                for token in _each(getattr(codec.decode(data), _TOKENS[what])):
                    key, nonce = token[_TOKEN_KEY], token[_TOKEN_NONCE]
                    self._see(world.now_ns, source, key, nonce, token, "key token")

        world.tap_frames(frame)

    def _see(
        self, now_ns: int, source: str, key: bytes, nonce: bytes, use: bytes, what: str
    ) -> None:
        self.checked += 1
        region = source.removeprefix("safe/").partition("/")[0]
        before = self._used.setdefault((region, key, nonce), use)
        if before != use:
            self.fail(now_ns, f"{source} made a {what} with a nonce that was used under its key")

    def conclude(self, arena: Arena) -> None:
        """Ask the registry, which every secret was announced to, what it was told twice."""
        secrets = arena.world.kernel.secrets
        self.checked += secrets.count
        for kind in secrets.repeated:
            if kind in _BROUGHT:
                continue
            self.fail(arena.world.now_ns, f"a {kind} was drawn that had been drawn before")


def _each(tokens: Any) -> Iterator[bytes]:
    if isinstance(tokens, bytes):
        yield tokens
    else:
        yield from tokens
