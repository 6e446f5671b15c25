"""Nonces that are drawn ahead: each byte once, in the generator's order."""

from hypothesis import given
from hypothesis import strategies as st

from regions.crypto.stock import STOCK_BYTES, Stock
from sim.rng import stream


@given(sizes=st.lists(st.integers(1, STOCK_BYTES), min_size=1, max_size=60))
def test_no_byte_is_handed_out_twice(sizes: list[int]) -> None:
    # Goal: what is drawn stands in the generator's output, in order and without overlap.
    source, made = stream(7, "stock"), list[bytes]()

    def generate(size: int) -> bytes:
        made.append(source.randbytes(size))
        return made[-1]

    stock = Stock(generate)
    drawn = [stock.draw(size) for size in sizes]
    assert [len(each) for each in drawn] == sizes
    place, end = 0, 0
    for each in drawn:
        if end + len(each) > STOCK_BYTES:
            place, end = place + 1, 0
        assert made[place][end : end + len(each)] == each
        end += len(each)
    assert len(made) == place + 1
