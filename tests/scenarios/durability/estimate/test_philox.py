"""The dice of paths: the published answers, and independence of everything but their place."""

import numpy as np
import pytest

from scenarios.durability.estimate.philox import DICE, begin, philox, uniform

# Source: kat_vectors of the Random123 distribution, philox4x32 with 10 rounds.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers(counter: str, key: str, answer: str) -> None:
    found = philox(*words(counter), *words(key))
    assert " ".join(f"{int(word):08x}" for word in found) == answer


def draws(seed: int, stream: int, path: int, count: int = 8) -> list[float]:
    dice = np.zeros(DICE, dtype=np.uint64)
    begin(dice, np.uint64(seed), np.uint64(stream), np.uint64(path))
    return [float(uniform(dice)) for _ in range(count)]


def test_a_draw_depends_on_seed_stream_path_and_place_alone() -> None:
    first = draws(7, 1, 2**40)
    assert first == draws(7, 1, 2**40)
    others = [draws(8, 1, 2**40), draws(7, 2, 2**40), draws(7, 1, 2**40 + 1), draws(7, 1, 0)]
    assert all(set(first).isdisjoint(other) for other in others)
    assert len(set(first)) == len(first)


def test_draws_are_uniform_and_never_0_or_1() -> None:
    # Goal: 20,000 draws; the mean of uniforms is 1/2 with standard deviation 1/sqrt(12 n).
    found = draws(3, 0, 1, 20_000)
    assert 0 < min(found) < max(found) < 1
    assert abs(np.mean(found) - 0.5) < 4 / np.sqrt(12 * len(found))
    counts, _ = np.histogram(found, bins=20, range=(0, 1))
    assert ((counts - 1_000) ** 2 / 1_000).sum() < 50  # chi squared, 19 degrees: 1 in 10,000
