"""The registry of secrets finds what must not be seen, wherever it stands."""

from hypothesis import given
from hypothesis import strategies as st

from sim import Actor, SimWorld
from sim.secrets import Secrets

KEYS = st.binary(min_size=16, max_size=48)


@given(KEYS, st.binary(max_size=40), st.binary(max_size=40))
def test_a_secret_is_found_at_any_offset(secret: bytes, before: bytes, after: bytes) -> None:
    secrets = Secrets()
    secrets.add("backing-key", secret)
    assert secrets.find(before + secret + after, ("backing-key",)) == "backing-key"
    assert secrets.find(before + secret + after, ("data-key",)) is None


@given(st.lists(KEYS, min_size=1), st.sampled_from([0, 7, 300, 5_000]), st.integers(0, 60))
def test_a_secret_is_found_in_blocks_of_any_length_whatever_came_before(
    known: list[bytes], size: int, place: int
) -> None:
    # Goal: how many words of a block are read follows the shortest secret, in whatever order.
    secrets = Secrets()
    for secret in known:
        assert secrets.find(secret, ("data-key",)) in (None, "data-key")
        secrets.add("data-key", secret)
    filler = b"\xff" * size
    for secret in known:
        assert secrets.find(filler[:place] + secret + filler, ("data-key",)) == "data-key"


def test_secrets_that_begin_alike_are_told_apart() -> None:
    secrets = Secrets()
    secrets.add("one", b"x" * 8 + b"a" * 8)
    secrets.add("two", b"x" * 8 + b"b" * 8)
    assert secrets.find(b"--" + b"x" * 8 + b"b" * 8, ("one", "two")) == "two"
    assert secrets.find(b"x" * 15, ("one", "two")) is None


def test_short_values_are_not_counted_and_repeats_are_told() -> None:
    secrets = Secrets()
    for secret in (b"short", bytes(32), bytes(32)):
        secrets.add("data-key", secret)
    assert secrets.count == 1
    assert secrets.repeated == ["data-key"]
    assert Secrets().find(bytes(64), ("data-key",)) is None


def test_an_actor_announces_into_the_registry_of_its_world_and_the_trace_shows_nothing() -> None:
    class Vault(Actor):
        def start(self) -> None:
            self.announce("backing-key", bytes(range(32)))

    with SimWorld(keep="all") as world:
        world.start(Vault, None, name="a/vault")
        assert world.kernel.secrets.find(bytes(range(40)), ("backing-key",)) == "backing-key"
        assert [event.kind for event in world.trace.events()] == ["start"]
