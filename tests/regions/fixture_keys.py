"""RSA keys that tests need not search for: what find_primes() returns for some seeds."""

import json
from functools import cache
from pathlib import Path

from regions.crypto.rsa import Primes

FILE = Path(__file__).resolve().parents[1] / "golden" / "rsa_primes.json"


@cache
def known(bits: int) -> tuple[tuple[bytes, Primes], ...]:
    """Return seeds and the primes that they lead to."""
    return tuple(
        (bytes.fromhex(one["seed"]), Primes(int(one["p"], 16), int(one["q"], 16)))
        for one in json.loads(FILE.read_text())[str(bits)]
    )
